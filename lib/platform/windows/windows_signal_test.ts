// How processes are stopped on Windows; runs there, and in Wine.

import assert from "node:assert/strict";
import type { Lookup, ProcessEntry, ProcessTable } from "../../core/model.ts";
import { ON_WINDOWS } from "../../../tests/kit/os_tags.ts";
import { makeEntry } from "../../../tests/kit/builders.ts";
import { startDeno, until } from "../../../tests/kit/test_process.ts";
import { identify } from "../../../tests/kit/posix_process.ts";
import { makePlace } from "../../../tests/kit/windows_tools.ts";
import { currentPlatform } from "../current.ts";
import { signalExactly, type Signaller } from "./windows_signal.ts";

/** Starts two children and a child of the first, then stays. */
const FAMILY = `
const [depth = "2"] = Deno.args;
for (let left = Number(depth); left > 0; left--) {
  new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-config", "--no-lock", import.meta.filename,
      left === 2 ? "1" : "0"],
    stdin: "null",
  }).spawn();
}
setInterval(() => {}, 1000);`;

Deno.test("Windows ends a tree, and only that", ON_WINDOWS, async () => {
  await using place = await makePlace(FAMILY);
  const { platform } = place;
  await using other = startDeno("console.log('up')");
  await other.line();
  const suspended = await place.suspendedProcess(place.words());
  await suspended.resume();
  const isOurs = ({ name }: ProcessEntry) => /deno/i.test(name);
  const members = await until(async () => {
    const found = await platform.processTable();
    assert.ok(found.ok);
    const { withDescendants } = await import("../../core/process_tree.ts");
    const wrapper = found.value.get(suspended.pid);
    assert.ok(wrapper);
    const tree = withDescendants([wrapper], found.value);
    return tree.filter(isOurs).length === 4 && tree;
  });
  assert.equal(
    await platform.signal(suspended, "SIGTERM", "group"),
    "unsignalable",
  );
  assert.equal(await platform.signal(suspended, "SIGKILL", "group"), "sent");
  await until(async () => {
    const found = await platform.processTable();
    return found.ok && members.every(({ pid }) => !found.value.has(pid));
  });
  assert.equal(await platform.signal(suspended, "SIGKILL", "group"), "gone");
  const found = await platform.identity(other.pid);
  assert.ok(found.ok && found.value !== undefined);
});

Deno.test("Windows ends one process", ON_WINDOWS, async () => {
  const platform = await currentPlatform();
  await using child = startDeno("console.log('up')");
  await child.line();
  const target = await identify(platform, child.pid);
  const another = { ...target, start: `1${target.start}` };
  assert.equal(await platform.signal(another, "SIGKILL", "process"), "gone");
  assert.equal(await platform.signal(target, "SIGKILL", "process"), "sent");
  assert.notEqual((await child.status).code, 0);
  await until(async () =>
    await platform.signal(target, "SIGKILL", "process") === "gone"
  );
});

Deno.test(
  "Windows never signals the system, itself or its parents",
  ON_WINDOWS,
  async () => {
    const platform = await currentPlatform();
    const start = "1";
    for (const pid of [0, 4, -1, NaN, Deno.pid]) {
      assert.equal(
        await platform.signal({ pid, start }, "SIGKILL", "group"),
        "denied",
      );
    }
    const nameless = { pid: 2 ** 31 - 4, start: "" };
    assert.equal(
      await platform.signal(nameless, "SIGKILL", "process"),
      "unknown",
    );
  },
);

/** Without processes: no process has these ids. */
Deno.test("signalExactly() of Windows reads the identity again", async () => {
  const pid = 2 ** 31 - 4;
  const entry = makeEntry(pid);
  const signaller = (table: readonly ProcessEntry[] | undefined): Signaller => {
    const seen: Lookup<ProcessTable> = table
      ? { ok: true, value: new Map(table.map((row) => [row.pid, row])) }
      : { ok: false, reason: "no PowerShell" };
    const read = () => Promise.resolve(seen);
    return { read, taskkill: "devsvc-no-such-tool" };
  };
  const send = (table: readonly ProcessEntry[] | undefined) =>
    signalExactly(signaller(table), entry, "SIGTERM", "group");
  assert.equal(await send(undefined), "unknown");
  assert.equal(await send([]), "gone");
  assert.equal(await send([makeEntry(pid, { start: "later" })]), "gone");
  assert.equal(await send([entry]), "unsignalable");
  const self = makeEntry(Deno.pid, { ppid: pid, order: pid + 1 });
  assert.equal(await send([entry, self]), "denied", "devsvc runs below it");
  assert.equal(await send([makeEntry(pid, { name: "svchost.exe" })]), "denied");
});
