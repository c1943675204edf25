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
  SELF,
} from "../../tests/kit/builders.ts";
import type { Probe, RunRecord, Service, World } from "../core/model.ts";
import { makeFolder, until } from "../../tests/kit/test_process.ts";
import { join } from "../core/path.ts";
import { pidsOfRun } from "../core/tagged_runs.ts";
import type { QueryHost } from "../platform/host.ts";
import { isAnswered } from "./start/probes.ts";
import { writeRunRecord } from "./state/run_record.ts";
import { reservePorts } from "../../tests/kit/ports.ts";
import { observe, type ObserveOptions } from "./observe.ts";
import { ensureStateDir, stateDirOf } from "./state/state_dir.ts";

const API = makeService();
const WEB = makeService({ name: "web", port: 8001 });
const WRAPPER = makeEntry(100);
const RUN_RECORD = makeRunRecord(WRAPPER);

/** What only looks: each call of what acts is an error. */
function makeQueryHost({ platform }: FakeMachine): QueryHost {
  const never = () => {
    throw new Error("a command that looks acts");
  };
  return makeHost(platform, { connect: never, runCommand: never });
}

function observeWith(
  machine: FakeMachine,
  services: readonly Service[],
  ...records: readonly RunRecord[]
): Promise<World> {
  return observeFor({}, machine, services, ...records);
}

async function observeFor(
  options: ObserveOptions,
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
  return await observe(project, services, makeQueryHost(machine), options);
}

/** How often each method was called. */
function count(machine: FakeMachine): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of machine.calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

Deno.test("observe() of a free project reads the listeners and no process", async () => {
  const machine = makeMachine();
  const world = await observeWith(machine, [API, WEB]);
  deepStrictEqual(count(machine), { listeners: 1, probe: 2 });
  deepStrictEqual([...world.probes], [[8000, "free"], [8001, "free"]]);
});

Deno.test("observe() runs no tool where probes prove that all ports are free", async () => {
  const machine = makeMachine({ probesFirst: true });
  const world = await observeWith(machine, [API, WEB]);
  deepStrictEqual(count(machine), { probe: 2 });
  ok(world.listeners.ok && world.processes.ok);
});

Deno.test("observe() reads the listeners as soon as one probe is not free", async () => {
  for (const found of ["used", "unknown", "privileged"] as const) {
    const machine = makeMachine({ probesFirst: true });
    machine.probes.set(8001, found);
    machine.listeners.push(makeListener(8001, [100]));
    machine.processes.set(100, WRAPPER);
    const world = await observeWith(machine, [API, WEB]);
    strictEqual(count(machine)["listeners"], 1, found);
    ok(world.listeners.ok && world.listeners.value.length === 1, found);
  }
});

Deno.test("observe() reads the tables where a run record says that a service runs", async () => {
  const machine = makeMachine({ probesFirst: true });
  machine.processes.set(100, WRAPPER);
  await observeWith(machine, [API], RUN_RECORD);
  strictEqual(count(machine)["listeners"], 1);
  strictEqual(count(machine)["processTable"], 1);
});

Deno.test("observe() does not probe a port that has a listener", async () => {
  const machine = makeMachine();
  machine.processes.set(100, WRAPPER);
  machine.listeners.push(makeListener(8000, [100]));
  const world = await observeWith(machine, [API, WEB]);
  deepStrictEqual([...world.probes.keys()], [8001]);
});

Deno.test("observe() does not take the probe of another devsvc for a holder", async () => {
  // Both probe the port at the same time, and once more when their tools end.
  const answers: Probe[] = ["used", "used", "free"];
  const machine = makeMachine({
    probesFirst: true,
    probe: () => Promise.resolve(answers.shift() ?? "free"),
  });
  const world = await observeWith(machine, [API]);
  deepStrictEqual([...world.probes], [[8000, "free"]]);
});

Deno.test("observe() reports an unlisted holder if every probe finds the port used", async () => {
  const machine = makeMachine({ probesFirst: true });
  machine.probes.set(8000, "used");
  const world = await observeWith(machine, [API]);
  deepStrictEqual([...world.probes], [[8000, "used"]]);
});

Deno.test("observe() reads the details of the holders and of no other process", async () => {
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

Deno.test("observe() searches for run ids only where the process table does not suffice", async () => {
  const cases: readonly (readonly [string, (machine: FakeMachine) => void])[] =
    [
      ["the wrapper owns its port", (machine) => {
        machine.processes.set(100, WRAPPER);
        machine.listeners.push(makeListener(8000, [100]));
      }],
      ["the wrapper has no port yet", (machine) => {
        machine.processes.set(100, WRAPPER);
      }],
    ];
  for (const [name, set] of cases) {
    const machine = makeMachine();
    set(machine);
    await observeWith(machine, [API], RUN_RECORD);
    strictEqual(count(machine)["taggedProcesses"], undefined, name);
  }
  const unclear: typeof cases = [
    ["the wrapper has ended", () => {}],
    ["the process id of the wrapper was reused", (machine) => {
      machine.processes.set(100, makeEntry(100, { start: "later" }));
    }],
    ["the port has an owner outside of its session", (machine) => {
      machine.processes.set(100, WRAPPER).set(500, makeEntry(500));
      machine.listeners.push(makeListener(8000, [500]));
    }],
  ];
  for (const [name, set] of unclear) {
    const machine = makeMachine();
    set(machine);
    machine.processesByRunId.set(RUN_RECORD.run, [500]);
    const world = await observeWith(machine, [API], RUN_RECORD);
    deepStrictEqual(pidsOfRun(RUN_RECORD.run, world), [500], name);
  }
});

const WORKER = makeWorker({ name: "worker" });

async function observeEveryRun(
  machine: FakeMachine,
  prepare: (root: string) => void,
): Promise<World> {
  await using folder = await makeFolder();
  const root = folder.path;
  prepare(root);
  const project = { root, file: `${root}/services.toml`, services: [WORKER] };
  const host = makeHost(machine.platform);
  return await observe(project, [WORKER], host, { everyRun: true });
}

Deno.test("observe() reads the table only where a search shows a run of the project", async () => {
  const machine = makeMachine();
  await observeEveryRun(
    machine,
    () => machine.tagged.push({ pid: 7, run: "7-7", service: "a", root: "/" }),
  );
  deepStrictEqual(count(machine), { listeners: 1, taggedProcesses: 1 });
});

Deno.test("observe() searches again after the table where a search shows a run", async () => {
  const machine = makeMachine();
  machine.processes.set(7, makeEntry(7));
  const world = await observeEveryRun(
    machine,
    (root) =>
      machine.tagged.push({ pid: 7, run: "7-7", service: "worker", root }),
  );
  const { taggedProcesses, processTable } = count(machine);
  deepStrictEqual([taggedProcesses, processTable], [2, 1]);
  ok(
    machine.calls.lastIndexOf("taggedProcesses") >
      machine.calls.indexOf("processTable"),
  );
  deepStrictEqual(pidsOfRun("7-7", world), [7]);
});

Deno.test("observe() takes what names no project for that of its folder", async () => {
  const machine = makeMachine();
  const places = {
    1: "",
    2: "/backend",
    3: "/nested",
    4: "/nested/below",
    5: "/../elsewhere",
  };
  const world = await observeEveryRun(machine, (root) => {
    Deno.mkdirSync(`${root}/nested/below`, { recursive: true });
    Deno.writeTextFileSync(`${root}/nested/services.toml`, "");
    for (const [id, place] of Object.entries(places)) {
      const pid = Number(id);
      machine.details.set(pid, { pid, args: [], cwd: join(root, place) });
      machine.tagged.push({ pid, run: "7-7", service: "worker" });
    }
    // The project was moved here since.
    machine.details.set(6, { pid: 6, args: [], cwd: root });
    const gone = `${root}/gone`;
    machine.tagged.push({ pid: 6, run: "7-7", service: "worker", root: gone });
    // devsvc itself, called by a service.
    machine.tagged.push({ pid: SELF, run: "7-7", service: "worker", root });
  });
  ok(world.taggedProcesses.ok);
  deepStrictEqual(
    world.taggedProcesses.value.filter(({ root }) => root === world.root)
      .map(({ pid }) => pid),
    [1, 2, 6],
  );
});

Deno.test("observe() looks up unidentified holders, of no other ports", async () => {
  const asked: (readonly number[])[] = [];
  const machine = makeMachine({
    unidentifiedHolders: (ports) => {
      asked.push(ports);
      return Promise.resolve(new Map([[8001, { user: "bob" }]]));
    },
  });
  machine.processes.set(100, WRAPPER)
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

Deno.test("observe() reports a failed lookup, and probes no port", async () => {
  const failed = { ok: false, reason: "lsof: timeout" } as const;
  const machine = makeMachine({ listeners: () => Promise.resolve(failed) });
  const world = await observeWith(machine, [API]);
  deepStrictEqual(world.listeners, failed);
  strictEqual(world.probes.size, 0);

  const withoutTable = makeMachine({
    processTable: () => Promise.resolve(failed),
  });
  withoutTable.listeners.push(makeListener(8000, [100]));
  deepStrictEqual((await observeWith(withoutTable, [API])).processes, failed);
});

Deno.test("observe() asks a living run that owns its port, and nobody else", async () => {
  using ports = reservePorts(2);
  const [port = 0, foreign = 0] = ports.numbers;
  const listener = Deno.listen({ hostname: "127.0.0.1", port });
  using stranger = Deno.listen({ hostname: "127.0.0.1", port: foreign });
  const machine = makeMachine();
  machine.processes.set(100, WRAPPER).set(900, makeEntry(900));
  machine.listeners.push(
    makeListener(port, [100]),
    makeListener(foreign, [900]),
  );
  const services = [
    makeService({ port, ready: [{ kind: "tcp" }] }),
    makeService({ name: "free", port: 8001, ready: [{ kind: "tcp" }] }),
    makeService({ name: "held", port: foreign, ready: [{ kind: "tcp" }] }),
  ];
  const record = { ...RUN_RECORD, port };
  const held = { ...RUN_RECORD, service: "held", run: "held", port: foreign };
  const open = await observeWith(machine, services, record, held);
  deepStrictEqual([...open.health], [["api", "healthy"]]);
  const none = await observeWith(machine, services);
  deepStrictEqual([...none.health], [], "no run record");
  const connected = stranger.accept();
  listener.close();
  // Wine releases the port a moment later.
  const { signal } = new AbortController();
  await until(async () =>
    !await isAnswered(port, makeHost(machine.platform), signal)
  );
  const closed = await observeWith(machine, services, record, held);
  deepStrictEqual([...closed.health], [["api", "unhealthy"]]);
  // The first that ever connects to the stranger is this test.
  const own = await Deno.connect({ hostname: "127.0.0.1", port: foreign });
  using first = await connected;
  deepStrictEqual(first.remoteAddr, own.localAddr);
  own.close();
});

Deno.test("observe() runs a command among the checks only for commands that start", async () => {
  const worker = makeWorker({
    cwd: Deno.cwd(),
    ready: [{ kind: "command", command: "exit 0" }],
  });
  const machine = makeMachine();
  machine.processes.set(100, WRAPPER);
  strictEqual((await observeWith(machine, [worker])).health.size, 0);
  const { port: _, ...record } = RUN_RECORD;
  const seen = await observeWith(machine, [worker], record);
  strictEqual(seen.health.get("api"), "unknown");
  const checks = makeHost(machine.platform);
  const world = await observeFor({ checks }, machine, [worker], record);
  strictEqual(world.health.get("api"), "healthy");
});

Deno.test("observe() asks what runs untracked only for commands that start", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  using _ = Deno.listen({ hostname: "127.0.0.1", port });
  const service = makeService({ port, ready: [{ kind: "tcp" }] });
  const machine = makeMachine();
  machine.processes.set(700, makeEntry(700));
  machine.listeners.push(makeListener(port, [700]));
  machine.details.set(700, { pid: 700, args: ["node", "/elsewhere"] });
  const checks = makeHost(machine.platform);
  const foreign = await observeFor({ checks }, machine, [service]);
  strictEqual(foreign.health.size, 0, "it is not of this project");
  const args = typeof service.command === "string"
    ? service.command.split(" ")
    : service.command;
  machine.details.set(700, { pid: 700, args });
  strictEqual((await observeWith(machine, [service])).health.size, 0);
  const untracked = await observeFor({ checks }, machine, [service]);
  deepStrictEqual([...untracked.health], [["api", "healthy"]]);
});

Deno.test("observe() hashes the configuration of services with a run record", async () => {
  const machine = makeMachine();
  machine.processes.set(100, WRAPPER);
  const other = makeService({ env: { A: "1" } });
  const [before, after, none] = [
    await observeWith(machine, [API], RUN_RECORD),
    await observeWith(machine, [other], RUN_RECORD),
    await observeWith(machine, [API]),
  ];
  ok(before.configHashes.get("api") !== after.configHashes.get("api"));
  strictEqual(none.configHashes.size, 0);
});
