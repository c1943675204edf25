import assert from "node:assert/strict";
import type { Lookup, ProcessTable } from "../../core/model.ts";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import {
  makeFolder,
  startProcess,
  until,
} from "../../../tests/kit/test_process.ts";
import {
  ended,
  identify,
  isAlive,
  membersOf,
  suspendedProcess,
} from "../../../tests/kit/posix_process.ts";
import { currentPlatform } from "../current.ts";
import { signalExactly } from "./posix.ts";

Deno.test(
  "signal() reaches the process that is meant",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using child = startProcess("/bin/sh", ["-c", "exec sleep 60"]);
    const target = await identify(platform, child.pid);
    assert.equal(await platform.signal(target, "SIGTERM", "process"), "sent");
    assert.equal((await child.status).signal, "SIGTERM");
    assert.equal(await platform.signal(target, "SIGTERM", "process"), "gone");
  },
);

Deno.test("signal() sends nothing to another start", ON_POSIX, async () => {
  const platform = await currentPlatform();
  await using folder = await makeFolder();
  await using child = startProcess("/bin/sh", [
    "-c",
    'trap "echo hit >$0/hit" TERM HUP INT; echo up; while read -r _; do :; done',
    folder.path,
  ]);
  await child.line();
  const { pid, start } = await identify(platform, child.pid);
  for (const wrong of [`1${start}`, start.replace(/.$/, "x"), "0"]) {
    const target = { pid, start: wrong };
    assert.equal(await platform.signal(target, "SIGKILL", "process"), "gone");
    assert.equal(await platform.signal(target, "SIGKILL", "group"), "gone");
  }
  assert.equal(
    await platform.signal({ pid, start: "" }, "SIGKILL", "process"),
    "unknown",
  );
  assert.ok(await isAlive(platform, pid));
  await assert.rejects(Deno.stat(`${folder.path}/hit`), Deno.errors.NotFound);
});

Deno.test(
  "signal() refuses init, invalid ids and itself",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    const self = await identify(platform, Deno.pid);
    const never = { start: "1@1" };
    for (
      const target of [self, { ...never, pid: 1 }, { ...never, pid: 0 }, {
        ...never,
        pid: -self.pid,
      }, { ...never, pid: NaN }]
    ) {
      for (const scope of ["process", "group"] as const) {
        assert.equal(await platform.signal(target, "SIGTERM", scope), "denied");
      }
    }
  },
);

Deno.test(
  "signal() refuses the group of a process that leads none",
  ON_POSIX,
  async () => {
    const platform = await currentPlatform();
    await using child = startProcess("/bin/sh", ["-c", "exec sleep 60"]);
    const target = await identify(platform, child.pid);
    assert.equal(await platform.signal(target, "SIGKILL", "group"), "unknown");
    assert.ok(await isAlive(platform, child.pid));
  },
);

Deno.test("signal() ends a whole group", ON_POSIX, async () => {
  const platform = await currentPlatform();
  await using folder = await makeFolder();
  await using suspended = await suspendedProcess(
    platform,
    folder.path,
    "sh -c 'sleep 60 & sleep 60 & wait' & sleep 60 & wait",
  );
  await suspended.resume();
  await until(async () =>
    (await membersOf(platform, suspended.pid)).length >= 5
  );
  assert.equal(await platform.signal(suspended, "SIGKILL", "group"), "sent");
  await until(async () =>
    (await membersOf(platform, suspended.pid)).length === 0
  );
  assert.equal((await ended(suspended)).signal, "SIGKILL");
});

Deno.test("signalExactly() refuses the group that devsvc is in", async () => {
  const row = {
    ppid: 1,
    group: 4000001,
    session: 1,
    name: "x",
    zombie: false,
    order: 1,
    startedAt: 1,
    cpuSeconds: 0,
    memoryBytes: 0,
  };
  const read = (): Promise<Lookup<ProcessTable>> =>
    Promise.resolve({
      ok: true,
      value: new Map([
        [4000001, { ...row, pid: 4000001, start: "1" }],
        [Deno.pid, { ...row, pid: Deno.pid, start: "2" }],
      ]),
    });
  const target = { pid: 4000001, start: "1" };
  assert.equal(await signalExactly(read, target, "SIGTERM", "group"), "denied");
});

Deno.test("signalExactly() sends nothing where the identity is unreadable", async () => {
  const read = (): Promise<Lookup<ProcessTable>> =>
    Promise.resolve({ ok: false, reason: "no" });
  const target = { pid: 4000001, start: "1" };
  assert.equal(
    await signalExactly(read, target, "SIGTERM", "process"),
    "unknown",
  );
});
