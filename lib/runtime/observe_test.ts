import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeHost,
  makeListener,
  makeMachine,
  makeRunRecord,
  makeService,
  makeWorker,
} from "../../tests/kit/builders.ts";
import type { Probe, RunRecord, Service, World } from "../core/model.ts";
import { makeFolder, until } from "../../tests/kit/test_process.ts";
import { isAnswered } from "./start/probes.ts";
import { writeRunRecord } from "./state/run_record.ts";
import { reservePorts } from "../../tests/kit/ports.ts";
import { observe } from "./observe.ts";
import { ensureStateDir, stateDirOf } from "./state/state_dir.ts";

const API = makeService();
const WEB = makeService({ name: "web", port: 8001 });
const LEADER = makeEntry(100);
const RUN_RECORD = makeRunRecord(LEADER);

async function observeWith(
  machine: FakeMachine,
  services: readonly Service[],
  ...records: readonly RunRecord[]
): Promise<World> {
  await using folder = await makeFolder();
  const root = folder.path;
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  for (const record of records) writeRunRecord(dir, record);
  const project = { root, file: `${root}/services.toml`, services };
  return await observe(project, services, makeHost(machine.platform));
}

/** How often each method was called. */
function count(machine: FakeMachine): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of machine.calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

Deno.test("observe() of a free project reads one table and no process", async () => {
  const machine = makeMachine();
  const world = await observeWith(machine, [API, WEB]);
  deepStrictEqual(count(machine), { listeners: 1, probe: 2 });
  deepStrictEqual([...world.probes], [[8000, "free"], [8001, "free"]]);
});

Deno.test("observe() reads no table at all where probes tell that all is free", async () => {
  const machine = makeMachine({ probesFirst: true });
  const world = await observeWith(machine, [API, WEB]);
  deepStrictEqual(count(machine), { probe: 2 });
  ok(world.listeners.ok && world.processes.ok);
});

Deno.test("observe() reads the table as soon as one probe is not free", async () => {
  for (const found of ["used", "unknown", "privileged"] as const) {
    const machine = makeMachine({ probesFirst: true });
    machine.probes.set(8001, found);
    machine.listeners.push(makeListener(8001, [100]));
    machine.processes.set(100, LEADER);
    const world = await observeWith(machine, [API, WEB]);
    strictEqual(count(machine)["listeners"], 1, found);
    ok(world.listeners.ok && world.listeners.value.length === 1, found);
  }
});

Deno.test("observe() reads the table where a run record says that something runs", async () => {
  const machine = makeMachine({ probesFirst: true });
  machine.processes.set(100, LEADER);
  await observeWith(machine, [API], RUN_RECORD);
  strictEqual(count(machine)["listeners"], 1);
  strictEqual(count(machine)["processTable"], 1);
});

Deno.test("observe() does not try to listen where somebody is seen to", async () => {
  const machine = makeMachine();
  machine.processes.set(100, LEADER);
  machine.listeners.push(makeListener(8000, [100]));
  const world = await observeWith(machine, [API, WEB]);
  deepStrictEqual([...world.probes.keys()], [8001]);
});

Deno.test("observe() does not take the probe of another devsvc for a holder", async () => {
  // Both try the port at the same moment, and once more when their tools end.
  const answers: Probe[] = ["used", "used", "free"];
  const machine = makeMachine({
    probesFirst: true,
    probe: () => Promise.resolve(answers.shift() ?? "free"),
  });
  const world = await observeWith(machine, [API]);
  deepStrictEqual([...world.probes], [[8000, "free"]]);
});

Deno.test("observe() says that a port is held by nobody who is seen, if it stays so", async () => {
  const machine = makeMachine({ probesFirst: true });
  machine.probes.set(8000, "used");
  const world = await observeWith(machine, [API]);
  deepStrictEqual([...world.probes], [[8000, "used"]]);
});

Deno.test("observe() asks for details of the holders and of nobody else", async () => {
  const machine = makeMachine();
  for (const pid of [100, 200, 300]) {
    machine.processes.set(pid, makeEntry(pid));
    machine.details.set(pid, { pid, args: ["x"] });
  }
  machine.listeners.push(
    makeListener(8000, [100, 200]),
    makeListener(9999, [300]),
  );
  const world = await observeWith(machine, [API]);
  deepStrictEqual([...world.details.keys()], [100, 200]);
  strictEqual(count(machine)["processTable"], 1);
});

Deno.test("observe() reads the marks only where there is a doubt", async () => {
  const cases: readonly (readonly [string, (machine: FakeMachine) => void])[] =
    [
      ["the wrapper owns its port", (machine) => {
        machine.processes.set(100, LEADER);
        machine.listeners.push(makeListener(8000, [100]));
      }],
      ["the wrapper is on its way", (machine) => {
        machine.processes.set(100, LEADER);
      }],
    ];
  for (const [name, set] of cases) {
    const machine = makeMachine();
    set(machine);
    await observeWith(machine, [API], RUN_RECORD);
    strictEqual(count(machine)["processesByRunId"], undefined, name);
  }
  const doubts: typeof cases = [
    ["the wrapper is gone", () => {}],
    ["the number of the wrapper is another's", (machine) => {
      machine.processes.set(100, makeEntry(100, { start: "later" }));
    }],
    ["the port has an owner outside of its session", (machine) => {
      machine.processes.set(100, LEADER).set(500, makeEntry(500));
      machine.listeners.push(makeListener(8000, [500]));
    }],
  ];
  for (const [name, set] of doubts) {
    const machine = makeMachine();
    set(machine);
    machine.processesByRunId.set(RUN_RECORD.run, [500]);
    const world = await observeWith(machine, [API], RUN_RECORD);
    ok(world.processesByRunId.ok, name);
    deepStrictEqual(
      world.processesByRunId.value.get(RUN_RECORD.run),
      [500],
      name,
    );
  }
});

Deno.test("observe() asks who holds ports without showing it, and no other ports", async () => {
  const asked: (readonly number[])[] = [];
  const machine = makeMachine({
    unidentifiedHolders: (ports) => {
      asked.push(ports);
      return Promise.resolve(new Map([[8001, { user: "bob" }]]));
    },
  });
  machine.processes.set(100, LEADER)
    .set(500, makeEntry(500, { name: "docker-proxy" }));
  machine.listeners.push(
    makeListener(8000, [100]),
    makeListener(8001, []),
    makeListener(8002, [500]),
  );
  machine.probes.set(8003, "used");
  const services = [8000, 8001, 8002, 8003, 8004].map((port) =>
    makeService({ name: `s${port}`, port })
  );
  const world = await observeWith(machine, services);
  deepStrictEqual(asked, [[8001, 8002, 8003]]);
  deepStrictEqual(world.unidentifiedHolders.get(8001), { user: "bob" });
});

Deno.test("observe() tells a failed look-up as such, and tries no port", async () => {
  const failed = { ok: false, reason: "lsof: timeout" } as const;
  const machine = makeMachine({ listeners: () => Promise.resolve(failed) });
  const world = await observeWith(machine, [API]);
  deepStrictEqual(world.listeners, failed);
  strictEqual(world.probes.size, 0);

  const blind = makeMachine({ processTable: () => Promise.resolve(failed) });
  blind.listeners.push(makeListener(8000, [100]));
  deepStrictEqual((await observeWith(blind, [API])).processes, failed);
});

Deno.test("observe() asks for the health of what holds its port", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  const machine = makeMachine();
  machine.processes.set(100, LEADER);
  machine.listeners.push(makeListener(port, [100]));
  const services = [
    makeService({ port, ready: [{ kind: "tcp" }] }),
    makeService({ name: "free", port: 8001, ready: [{ kind: "tcp" }] }),
    makeService({
      name: "old",
      port,
      ready: [{ kind: "log", pattern: "never written" }],
    }),
  ];
  const open = await observeWith(machine, services);
  deepStrictEqual([...open.health], [["old", "healthy"], ["api", "healthy"]]);
  listener.close();
  // Wine lets go of it a moment later.
  const { signal } = new AbortController();
  await until(async () =>
    !await isAnswered(port, makeHost(machine.platform), signal)
  );
  const closed = await observeWith(machine, services);
  strictEqual(closed.health.get("api"), "unhealthy");
  strictEqual(closed.health.get("free"), undefined);
});

Deno.test("observe() asks a service without port only if it was started", async () => {
  const worker = makeWorker({
    cwd: Deno.cwd(),
    ready: [{ kind: "command", command: "exit 0" }],
  });
  const machine = makeMachine();
  machine.processes.set(100, LEADER);
  strictEqual((await observeWith(machine, [worker])).health.size, 0);
  const { port: _, ...record } = RUN_RECORD;
  const world = await observeWith(machine, [worker], record);
  strictEqual(world.health.get("api"), "healthy");
});

Deno.test("observe() tells that a service is configured differently now", async () => {
  const machine = makeMachine();
  machine.processes.set(100, LEADER);
  const other = makeService({ env: { A: "1" } });
  const [before, after, none] = [
    await observeWith(machine, [API], RUN_RECORD),
    await observeWith(machine, [other], RUN_RECORD),
    await observeWith(machine, [API]),
  ];
  ok(before.configHashes.get("api") !== after.configHashes.get("api"));
  strictEqual(none.configHashes.size, 0);
});
