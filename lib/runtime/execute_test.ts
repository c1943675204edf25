import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeHost,
  makeListener,
  makeMachine,
  makeRunRecord,
  makeWorker,
  makeWorld,
} from "../../tests/kit/builders.ts";
import type { ServiceEvent } from "../core/events.ts";
import type { Diagnosis, State } from "../core/model.ts";
import { type Plan, planStart, planStop } from "../core/plan.ts";
import { makeFolder } from "../../tests/kit/test_process.ts";
import { execute, type Outcome } from "./execute.ts";
import { ensureStateDir, stateDirOf } from "./state/state_dir.ts";
import { skippingClock } from "../../tests/kit/stepped_clock.ts";

interface Executed extends Outcome {
  /** What happened, as `ready api`. */
  readonly events: readonly string[];
}

async function executeOn(
  machine: FakeMachine,
  plan: Plan,
  signal = new AbortController().signal,
): Promise<Executed> {
  await using folder = await makeFolder();
  const root = folder.path;
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  const events: string[] = [];
  const processes = new Map(machine.processes);
  const world = makeWorld({ root, processes: { ok: true, value: processes } });
  const outcome = await execute(plan, world, {
    project: { root, file: `${root}/services.toml`, services: [] },
    dir,
    ...makeHost(machine.platform, { clock: skippingClock() }),
    emit: ({ kind, service }: ServiceEvent) =>
      events.push(`${kind} ${service}`),
    signal,
  });
  return { ...outcome, events };
}

/** A service without a port that depends on others. */
function down(name: string, ...dependsOn: readonly string[]): Diagnosis {
  return makeDiagnosis({
    service: makeWorker({
      name,
      label: name,
      command: [name],
      dependsOn,
      readyTimeout: 200,
      stop: { signal: "SIGTERM", timeout: 50 },
    }),
    state: "stopped",
  });
}

/** The same while it runs. */
function up(name: string, pid: number, ...dependsOn: string[]): Diagnosis {
  const entry = makeEntry(pid);
  return {
    ...down(name, ...dependsOn),
    state: "running",
    tree: [entry],
    record: makeRunRecord(entry, { service: name, run: `f0f0-${pid}` }),
  };
}

function startPlan(diagnoses: readonly Diagnosis[], restart = false): Plan {
  const requested = new Set(diagnoses.map(({ service }) => service.name));
  return planStart(diagnoses, { requested, policy: "restart", restart });
}

/** A machine on which these programs cannot be started. */
function failing(...names: readonly string[]): FakeMachine {
  return makeMachine((platform) => ({
    spawnSuspended: (request) =>
      names.includes(String(request.command))
        ? Promise.reject(new Error("No such program"))
        : platform.spawnSuspended(request),
  }));
}

Deno.test("execute() starts each service once its dependencies are ready", async () => {
  const machine = makeMachine();
  const plan = startPlan([down("web", "api"), down("api", "db"), down("db")]);
  const { startFailures, events } = await executeOn(machine, plan);
  strictEqual(startFailures.size, 0);
  deepStrictEqual(events, [
    "starting db",
    "spawned db",
    "started db",
    "starting api",
    "spawned api",
    "started api",
    "starting web",
    "spawned web",
    "started web",
  ]);
});

Deno.test("execute() names the dependency that failed, and starts the others", async () => {
  const plan = startPlan([
    down("web", "api", "mail"),
    down("api", "db"),
    down("mail"),
    down("db"),
  ]);
  const { startFailures, events } = await executeOn(failing("db"), plan);
  deepStrictEqual([...startFailures].toSorted(), [
    ["api", { kind: "dependency", names: ["db"] }],
    ["db", { kind: "spawn", reason: "No such program" }],
    ["web", { kind: "dependency", names: ["api"] }],
  ]);
  ok(events.includes("started mail"));
  ok(events.includes("failed web") && !events.includes("starting web"));
});

Deno.test("execute() names all dependencies that failed", async () => {
  const plan = startPlan([
    down("web", "a", "b", "c"),
    ...["a", "b", "c"].map((n) => down(n)),
  ]);
  const { startFailures } = await executeOn(failing("a", "c"), plan);
  deepStrictEqual(startFailures.get("web"), {
    kind: "dependency",
    names: ["a", "c"],
  });
});

Deno.test("execute() stops dependents before their dependencies", async () => {
  const machine = makeMachine();
  const plan = planStop(
    [up("web", 300, "api"), up("api", 200, "db"), up("db", 100)],
    { force: false },
  );
  for (const pid of [100, 200, 300]) machine.processes.set(pid, makeEntry(pid));
  const { stopFailures } = await executeOn(machine, plan);
  strictEqual(stopFailures.size, 0);
  deepStrictEqual(machine.signals, [
    "SIGTERM group 300",
    "SIGTERM group 200",
    "SIGTERM group 100",
  ]);
});

Deno.test("execute() does not start what it could not stop, nor its dependents", async () => {
  const machine = makeMachine({ signal: () => Promise.resolve("denied") });
  machine.processes.set(100, makeEntry(100));
  const plan = startPlan([down("web", "api"), up("api", 100)], true);
  const { startFailures, stopFailures } = await executeOn(machine, plan);
  deepStrictEqual([...stopFailures.keys()], ["api"]);
  deepStrictEqual([...startFailures].toSorted(), [
    ["api", { kind: "not-stopped" }],
    ["web", { kind: "dependency", names: ["api"] }],
  ]);
  deepStrictEqual(machine.requests, []);
});

Deno.test("execute() stops everything before it starts anything", async () => {
  const machine = makeMachine();
  machine.processes.set(100, makeEntry(100)).set(200, makeEntry(200));
  const plan = startPlan([up("web", 200, "api"), up("api", 100)], true);
  const { events } = await executeOn(machine, plan);
  const changes = events.filter((event) => /^(stopped|starting)/.test(event));
  deepStrictEqual(changes, [
    "stopped web",
    "stopped api",
    "starting api",
    "starting web",
  ]);
});

Deno.test("execute() does not touch a service that runs already", async () => {
  const machine = makeMachine();
  machine.processes.set(100, makeEntry(100));
  const diagnoses = [down("web", "api"), up("api", 100)];
  const plan = planStart(diagnoses, {
    requested: new Set(["web"]),
    policy: "fail",
    restart: false,
  });
  const { events, startFailures } = await executeOn(machine, plan);
  strictEqual(startFailures.size, 0);
  deepStrictEqual(machine.signals, []);
  deepStrictEqual(machine.requests.map(({ command }) => command), [["web"]]);
  ok(events.every((event) => event.endsWith(" web")), events.join());
});

Deno.test("execute() waits for a service that is starting instead of starting another", async () => {
  const machine = makeMachine();
  machine.processes.set(100, makeEntry(100));
  const state: State = "starting";
  const plan = planStart([{ ...up("api", 100), state }], {
    requested: new Set(["api"]),
    policy: "fail",
    restart: false,
  });
  const { events, startFailures } = await executeOn(machine, plan);
  strictEqual(startFailures.size, 0);
  deepStrictEqual(machine.requests, []);
  deepStrictEqual(events, ["starting api", "started api"]);
});

Deno.test("execute() reports cancelled services where the user interrupts", async () => {
  const machine = makeMachine();
  const plan = startPlan([down("web", "api"), down("api")]);
  const { startFailures } = await executeOn(machine, plan, AbortSignal.abort());
  deepStrictEqual([...startFailures].toSorted(), [
    ["api", { kind: "cancelled" }],
    ["web", { kind: "cancelled" }],
  ]);
  deepStrictEqual(machine.requests, []);
});

Deno.test("execute() sends no more signals after the user interrupts", async () => {
  const controller = new AbortController();
  const machine = makeMachine((platform) => ({
    signal: (...args) => {
      controller.abort();
      return platform.signal(...args);
    },
  }));
  machine.processes.set(100, makeEntry(100)).set(200, makeEntry(200));
  const plan = planStop([up("web", 200, "api"), up("api", 100)], {
    force: false,
  });
  const { stopFailures } = await executeOn(machine, plan, controller.signal);
  deepStrictEqual(machine.signals, ["SIGTERM group 200"]);
  deepStrictEqual(stopFailures.get("api"), { kind: "cancelled" });
});

Deno.test("execute() of a stop ends its own processes although another process has their port", async () => {
  const machine = makeMachine();
  machine.processes.set(100, makeEntry(100)).set(500, makeEntry(500));
  machine.listeners.push(makeListener(8000, [500]));
  const own = up("api", 100);
  const diagnosis: Diagnosis = {
    ...own,
    service: { ...own.service, port: 8000 },
    state: "foreign",
    holders: [makeHolder(500)],
  };
  await executeOn(machine, planStop([diagnosis], { force: false }));
  deepStrictEqual([...machine.processes.keys()], [500]);
});
