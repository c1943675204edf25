import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeHost,
  makeMachine,
  makeRunRecord,
  makeService,
  makeWorld,
} from "../../../tests/kit/builders.ts";
import type { ServiceEvent, StopFailure } from "../../core/events.ts";
import type { Diagnosis, Service, StopManner } from "../../core/model.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import type { Platform, SpawnRequest } from "../../platform/platform.ts";
import { ensureStateDir, logOf, stateDirOf } from "../state/state_dir.ts";
import { stopService } from "./stop_service.ts";

const WRAPPER = makeEntry(100);
const RUN_RECORD = makeRunRecord(WRAPPER);

/** The process that the machine starts first: the stop command. */
const COMMAND_PID = 1001;

const STOP: StopManner = {
  command: "quit",
  signal: "SIGTERM",
  timeout: 10_000,
};

function makeRunning(
  stop: StopManner = STOP,
  fields: Partial<Service> = {},
): Diagnosis {
  return makeDiagnosis({
    service: makeService({ stop, ...fields }),
    state: "running",
    record: RUN_RECORD,
    tree: [WRAPPER],
    holders: [makeHolder(100)],
  });
}

/** A machine that runs a service, and whose next program is the stop command. */
function makeCommandMachine(
  work: (machine: FakeMachine, request: SpawnRequest) => unknown,
  overrides: Partial<Platform> = {},
): FakeMachine {
  const machine: FakeMachine = makeMachine((platform) => ({
    spawnSuspended: async (request) => {
      const suspended = await platform.spawnSuspended(request);
      const resume = async () => {
        await suspended.resume();
        await work(machine, request);
      };
      return { ...suspended, resume };
    },
    ...overrides,
  }));
  machine.processes.set(100, WRAPPER);
  return machine;
}

interface Stopped {
  readonly failure: StopFailure | undefined;
  readonly events: readonly ServiceEvent[];
  readonly log: string;
}

async function stopOn(
  machine: FakeMachine,
  diagnosis: Diagnosis = makeRunning(),
  signal = new AbortController().signal,
): Promise<Stopped> {
  await using folder = await makeFolder();
  const root = folder.path;
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  const events: ServiceEvent[] = [];
  const processes = new Map(machine.processes);
  const world = makeWorld({ root, processes: { ok: true, value: processes } });
  const failure = await stopService(diagnosis, world, {
    project: { root, file: `${root}/services.toml`, services: [] },
    dir,
    ...makeHost(machine.platform),
    emit: (event) => void events.push(event),
    signal,
  });
  return { failure, events, log: logOf(dir, "api") };
}

function kinds(events: readonly ServiceEvent[]): readonly string[] {
  return events.map(({ kind }) => kind).filter((kind) =>
    kind !== "still-running"
  );
}

function commandFailure(events: readonly ServiceEvent[]): unknown {
  return events.flatMap((event) =>
    event.kind === "stop-command-failed" ? [event.failure] : []
  )[0];
}

Deno.test("stopService() runs the stop command, and sends no signal where it works", async () => {
  const machine = makeCommandMachine(({ end }) => {
    end(100);
    end(COMMAND_PID);
  });
  const { failure, events, log } = await stopOn(machine);
  strictEqual(failure, undefined);
  deepStrictEqual(machine.signals, []);
  deepStrictEqual(kinds(events), ["stopping", "stop-command", "stopped"]);
  strictEqual(machine.requests.length, 1);
  strictEqual(machine.requests[0]?.command, "quit");
  strictEqual(machine.requests[0]?.log, log);
});

Deno.test("stopService() gives a stop command the environment of the service and its pid", async () => {
  await using folder = await makeFolder();
  const envFile = `${folder.path}/.env`;
  await Deno.writeTextFile(envFile, "A=file\nB=file\nDEVSVC_PID=file\n");
  const machine = makeCommandMachine(({ end }) => {
    end(100);
    end(COMMAND_PID);
  });
  const fields = { envFile, env: { B: "toml" }, cwd: folder.path };
  await stopOn(machine, makeRunning(STOP, fields));
  strictEqual(machine.requests[0]?.cwd, folder.path);
  const { DEVSVC_ROOT: root = "", ...env } = machine.requests[0]?.env ?? {};
  ok(root !== "");
  deepStrictEqual(env, {
    PYTHONUNBUFFERED: "1",
    A: "file",
    B: "toml",
    DEVSVC_RUN: RUN_RECORD.run,
    DEVSVC_SERVICE: "api",
    DEVSVC_PID: "100",
  });
});

Deno.test("stopService() gives a stop command no pid where the wrapper is gone", async () => {
  const child = makeEntry(110, { ppid: 1, group: 100, session: 100 });
  const machine = makeCommandMachine(({ end }) => {
    end(110);
    end(COMMAND_PID);
  });
  machine.processes.clear();
  // The number of the wrapper belongs to another process by now.
  machine.processes.set(100, makeEntry(100, { start: "later" }));
  machine.processes.set(110, child);
  const diagnosis = { ...makeRunning(), tree: [child], holders: [] };
  strictEqual((await stopOn(machine, diagnosis)).failure, undefined);
  strictEqual(machine.requests[0]?.env["DEVSVC_PID"], "");
  strictEqual(machine.processes.has(100), true);
});

Deno.test("stopService() sends the signal where the stop command fails", async () => {
  const exits = [
    [{ code: 3, signal: null }, { kind: "exited", code: 3 }],
    [{ code: 137, signal: "SIGKILL" }, { kind: "exited", signal: "SIGKILL" }],
  ] as const;
  for (const [exit, expected] of exits) {
    const machine = makeMachine((platform) => ({
      spawnSuspended: async (request) => ({
        ...await platform.spawnSuspended(request),
        exited: Promise.resolve(exit),
      }),
    }));
    machine.processes.set(100, WRAPPER);
    const { failure, events } = await stopOn(machine);
    strictEqual(failure, undefined);
    deepStrictEqual(machine.signals, ["SIGTERM group 100"]);
    deepStrictEqual(commandFailure(events), expected);
    deepStrictEqual(kinds(events), [
      "stopping",
      "stop-command",
      "stop-command-failed",
      "stopped",
    ]);
  }
});

Deno.test("stopService() sends the signal where the stop command cannot be run", async () => {
  const cases: readonly (readonly [FakeMachine, Diagnosis, RegExp])[] = [
    [
      makeCommandMachine(() => {}, {
        spawnSuspended: () => Promise.reject(new Error("no folder /srv")),
      }),
      makeRunning(),
      /no folder \/srv/,
    ],
    [
      makeCommandMachine(() => {}),
      makeRunning(STOP, { envFile: "/nowhere/.env" }),
      /nowhere/,
    ],
  ];
  for (const [machine, diagnosis, expected] of cases) {
    const { failure, events } = await stopOn(machine, diagnosis);
    strictEqual(failure, undefined);
    deepStrictEqual(machine.signals, ["SIGTERM group 100"]);
    const text = JSON.stringify(commandFailure(events));
    strictEqual(expected.test(text), true, text);
  }
});

Deno.test("stopService() kills where the stop command fails and the signal is SIGKILL", async () => {
  const machine = makeCommandMachine(({ end }) => end(COMMAND_PID), {
    spawnSuspended: () => Promise.reject(new Error("no")),
  });
  const { failure, events } = await stopOn(
    machine,
    makeRunning({ ...STOP, signal: "SIGKILL" }),
  );
  strictEqual(failure, undefined);
  deepStrictEqual(machine.signals, ["SIGKILL group 100"]);
  deepStrictEqual(kinds(events), [
    "stopping",
    "stop-command-failed",
    "stopped",
  ]);
});

Deno.test("stopService() kills a stop command at its timeout, then the service", async () => {
  const machine = makeCommandMachine(() => {});
  const stop = { ...STOP, signal: "SIGHUP", timeout: 100 } as const;
  const { failure, events } = await stopOn(machine, makeRunning(stop));
  strictEqual(failure, undefined);
  deepStrictEqual(machine.signals, [
    `SIGKILL group ${COMMAND_PID}`,
    "SIGKILL group 100",
  ]);
  deepStrictEqual(kinds(events), [
    "stopping",
    "stop-command",
    "stop-command-failed",
    "escalating",
    "stopped",
  ]);
  deepStrictEqual(commandFailure(events), { kind: "timeout", waited: 100 });
});

Deno.test("stopService() kills a service that its stop command did not end", async () => {
  const machine = makeCommandMachine(({ end }) => end(COMMAND_PID));
  const stop = { ...STOP, signal: "SIGHUP", timeout: 100 } as const;
  const { failure, events } = await stopOn(machine, makeRunning(stop));
  strictEqual(failure, undefined);
  deepStrictEqual(machine.signals, ["SIGKILL group 100"]);
  deepStrictEqual(
    events.find(({ kind }) => kind === "still-running"),
    {
      kind: "still-running",
      service: "api",
      processes: [{ pid: 100, name: "node" }],
      isLong: false,
    },
  );
});

Deno.test("stopService() kills the stop command when it is interrupted, and leaves the service", async () => {
  const controller = new AbortController();
  const machine = makeCommandMachine(() => controller.abort());
  const { failure } = await stopOn(machine, makeRunning(), controller.signal);
  deepStrictEqual(failure, { kind: "cancelled" });
  deepStrictEqual(machine.signals, [`SIGKILL group ${COMMAND_PID}`]);
  strictEqual(machine.processes.has(100), true);
});

Deno.test("stopService() runs no stop command for what devsvc did not start", async () => {
  const machine = makeCommandMachine(() => {});
  const { record: _, ...unstarted } = makeRunning();
  await stopOn(machine, {
    ...unstarted,
    state: "untracked",
    tree: [],
  });
  deepStrictEqual(machine.requests, []);
  deepStrictEqual(machine.signals, ["SIGTERM 100"]);
});
