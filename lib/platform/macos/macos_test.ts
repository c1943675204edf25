// `ps` and lsof of Linux have the same options, so these tests run there, too;
// the output of macOS is in the tests of the parsers.

import assert from "node:assert/strict";
import { ON_POSIX } from "../../../tests/kit/os_tags.ts";
import { makeFolder, startListener } from "../../../tests/kit/test_process.ts";
import {
  ended,
  identify,
  startZombie,
  suspendedProcess,
  untilServing,
} from "../../../tests/kit/posix_process.ts";
import { createMacos } from "./macos.ts";
import { runTool } from "../tool.ts";

const ignore = ON_POSIX.ignore ||
  (await runTool("lsof", ["-v"])).kind === "missing" ||
  (await runTool("ps", ["-p", "1"])).kind === "missing";

Deno.test("macOS names who listens", { ignore }, async () => {
  await using holder = await startListener("127.0.0.1");
  const found = await createMacos().listeners();
  assert.ok(found.ok);
  assert.deepEqual(found.value.filter((row) => row.port === holder.port), [
    { address: "127.0.0.1", port: holder.port, pids: [holder.pid] },
  ]);
});

Deno.test("macOS reads processes by ps", { ignore }, async () => {
  const before = Date.now();
  const macos = createMacos();
  await using zombie = await startZombie(macos);
  const found = await macos.processTable();
  assert.ok(found.ok);
  const pid = zombie.parent;
  const entry = found.value.get(pid);
  assert.equal(entry?.ppid, Deno.pid);
  assert.equal(entry?.name, "sleep");
  const startedAt = entry?.startedAt ?? 0;
  assert.ok(startedAt > before - 3000 && startedAt < Date.now() + 3000);
  assert.deepEqual(await identify(macos, pid), {
    pid,
    start: entry?.start,
  });
  const dead = { ok: true, value: undefined };
  assert.deepEqual(await macos.identity(zombie.entry.pid), dead);
  assert.deepEqual(await macos.identity(2 ** 31 - 1), dead);
  const detail = (await macos.details([pid])).get(pid);
  assert.deepEqual(detail?.args, ["sleep", "60"]);
  assert.equal(detail?.cwd, Deno.cwd());
  assert.match(detail?.user ?? "", /./);
});

Deno.test("macOS probes every address", { ignore }, async () => {
  let port;
  {
    await using holder = await startListener("127.0.0.1");
    port = holder.port;
    assert.equal(await createMacos().probe(port), "used");
  }
  assert.equal(await createMacos().probe(port), "free");
});

Deno.test(
  "macOS starts at a start barrier and stops by identity",
  { ignore },
  async () => {
    await using folder = await makeFolder();
    const macos = createMacos();
    await using suspended = await suspendedProcess(macos, folder.path, [
      "sleep",
      "60",
    ]);
    await suspended.resume();
    await untilServing(macos, suspended, "sleep");
    const wrong = { pid: suspended.pid, start: "1" };
    assert.equal(await macos.signal(wrong, "SIGKILL", "group"), "gone");
    assert.equal(await macos.signal(suspended, "SIGTERM", "group"), "sent");
    assert.equal((await ended(suspended)).signal, "SIGTERM");
  },
);

Deno.test("macOS queries fail where its tools fail", { ignore }, async () => {
  await using folder = await makeFolder();
  for (const script of ["echo nonsense", "exit 1", "exec sleep 60"]) {
    const tool = [await folder.tool("tool", script)];
    const macos = createMacos({ ps: tool, lsof: tool, deadline: 300 });
    assert.equal((await macos.processTable()).ok, false);
    assert.equal((await macos.identity(Deno.pid)).ok, false);
    if (script !== "exit 1") assert.equal((await macos.listeners()).ok, false);
    assert.equal((await macos.details([Deno.pid])).size, 0);
    if (script !== "echo nonsense") {
      assert.equal((await macos.taggedProcesses()).ok, false);
    }
    const target = { pid: Deno.ppid, start: "1" };
    assert.equal(await macos.signal(target, "SIGTERM", "process"), "unknown");
  }
});
