// What every platform must do, on the system that the tests run on.

import assert from "node:assert/strict";
import { ON_POSIX } from "../../tests/kit/os_tags.ts";
import {
  HAS_IPV6,
  startDeno,
  startListener,
} from "../../tests/kit/test_process.ts";
import { startZombie } from "../../tests/kit/posix_process.ts";
import { currentPlatform } from "./current.ts";
import { OS } from "./os.ts";

const platform = await currentPlatform();

/** The OS may give the same port of another address to another test. */
async function ownersOf(port: number, address: string): Promise<number[]> {
  const found = await platform.listeners();
  assert.ok(found.ok, found.ok ? "" : found.reason);
  return found.value
    .filter((row) => row.port === port && row.address === address)
    .flatMap((row) => row.pids);
}

async function table() {
  const found = await platform.processTable();
  assert.ok(found.ok, found.ok ? "" : found.reason);
  return found.value;
}

for (const hostname of ["127.0.0.1", "0.0.0.0", "::1", "::"]) {
  const ignore = hostname.includes(":") && !HAS_IPV6;
  Deno.test(
    `listeners() names who listens on ${hostname}`,
    { ignore },
    async () => {
      await using holder = await startListener(hostname);
      assert.deepEqual(await ownersOf(holder.port, hostname), [holder.pid]);
    },
  );
}

Deno.test("listeners() never names a client", async () => {
  await using holder = await startListener("127.0.0.1");
  await using client = startDeno(
    `const c = await Deno.connect({ hostname: "127.0.0.1", port: ${holder.port} });
     console.log(c.localAddr.port);`,
  );
  const clientPort = Number(await client.line());
  assert.deepEqual(await ownersOf(holder.port, "127.0.0.1"), [holder.pid]);
  assert.deepEqual(await ownersOf(clientPort, "127.0.0.1"), []);
});

Deno.test("listeners() distinguishes ports that begin alike", async () => {
  await using holder = await startListener("127.0.0.1");
  const found = await platform.listeners();
  assert.ok(found.ok);
  for (const row of found.value) {
    assert.ok(Number.isInteger(row.port) && row.port > 0 && row.port < 65536);
    if (row.pids.includes(holder.pid)) assert.equal(row.port, holder.port);
  }
});

Deno.test("processTable() has this process, its parent and its child", async () => {
  const before = Date.now();
  await using child = startDeno("console.log('up')");
  await child.line();
  const processes = await table();
  const self = processes.get(Deno.pid);
  const entry = processes.get(child.pid);
  assert.ok(self !== undefined && entry !== undefined);
  assert.equal(self.pid, Deno.pid);
  assert.equal(self.ppid, Deno.ppid);
  assert.equal(entry.ppid, Deno.pid);
  assert.equal(entry.zombie, false);
  assert.ok(entry.order >= self.order);
  assert.ok(
    entry.startedAt >= before - 2000 && entry.startedAt <= Date.now() + 2000,
  );
  assert.ok(entry.cpuSeconds >= 0 && entry.cpuSeconds < 60);
  assert.ok(entry.memoryBytes > 1_000_000 && entry.memoryBytes < 10e9);
  assert.match(entry.name, /deno/i);
});

Deno.test("identity() is the one of the table and stays the same", async () => {
  await using child = startDeno("console.log('up')");
  await child.line();
  const entry = (await table()).get(child.pid);
  assert.ok(entry !== undefined && entry.start !== "");
  const expected = { ok: true, value: { pid: child.pid, start: entry.start } };
  assert.deepEqual(await platform.identity(child.pid), expected);
  assert.deepEqual(await platform.identity(child.pid), expected);
});

Deno.test("identity() of a process that ended is undefined", async () => {
  const child = startDeno("");
  await child[Symbol.asyncDispose]();
  assert.deepEqual(await platform.identity(child.pid), {
    ok: true,
    value: undefined,
  });
});

Deno.test("identity() of what is no process is undefined", async () => {
  for (const pid of [0, -1, 1.5, NaN, 2 ** 31 - 1]) {
    assert.deepEqual(await platform.identity(pid), {
      ok: true,
      value: undefined,
    });
  }
});

Deno.test("an unreaped process counts as gone", ON_POSIX, async () => {
  await using zombie = await startZombie(platform);
  const { entry } = zombie;
  const gone = { ok: true, value: undefined };
  assert.deepEqual(await platform.identity(entry.pid), gone);
  assert.equal(await platform.signal(entry, "SIGKILL", "process"), "gone");
});

Deno.test("details() of no process is empty", async () => {
  assert.equal((await platform.details([])).size, 0);
  assert.equal((await platform.details([0, -5, NaN, 2 ** 31 - 1])).size, 0);
});

Deno.test("details() reads arguments, folder and user", async () => {
  await using child = startDeno("console.log('up')");
  await child.line();
  const details = await platform.details([child.pid, 2 ** 31 - 1]);
  assert.deepEqual([...details.keys()], [child.pid]);
  const detail = details.get(child.pid);
  assert.ok(detail !== undefined);
  assert.match(detail.args.join(" "), /deno.* eval --no-config/);
  if (OS !== "windows") {
    assert.equal(detail.cwd, Deno.cwd());
    assert.match(detail.user ?? "", /./);
  }
});

Deno.test("ownsConsole() is false in a test, on every system", async () => {
  assert.equal(await platform.ownsConsole(), false);
});
