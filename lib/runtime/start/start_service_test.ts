import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeHost,
  makeListener,
  makeMachine,
  makeRunRecord,
  makeService,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { basename, dirname } from "../../core/path.ts";
import type { Pending, ServiceEvent, StartFailure } from "../../core/events.ts";
import type {
  Listener,
  RunRecord,
  RunRecordReading,
  Service,
} from "../../core/model.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { reservePorts } from "../../../tests/kit/ports.ts";
import type { Platform, SpawnRequest } from "../../platform/platform.ts";
import { readRunRecord, writeRunRecord } from "../state/run_record.ts";
import { awaitService, startService } from "./start_service.ts";
import {
  ensureStateDir,
  logOf,
  type StateDir,
  stateDirOf,
} from "../state/state_dir.ts";

/** The process that the machine of a test starts first. */
const PID = 1001;
const OTHER = makeEntry(500, { name: "python3" });

/** Something that answers on a port; the machine says which process it is. */
function answer(): Disposable & { readonly port: number } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  return { port, [Symbol.dispose]: () => listener.close() };
}

interface Started {
  readonly failure: StartFailure | undefined;
  readonly events: readonly ServiceEvent[];
  readonly record: RunRecord | undefined;
}

interface Setting {
  readonly signal?: AbortSignal;
  /** Prepares the state folder. */
  readonly prepare?: (dir: StateDir) => unknown;
  /** A run to wait for, instead of a new one. */
  readonly record?: RunRecord;
}

async function startOn(
  machine: FakeMachine,
  service: Service,
  setting: Setting = {},
): Promise<Started> {
  await using folder = await makeFolder();
  const root = folder.path;
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  await setting.prepare?.(dir);
  const events: ServiceEvent[] = [];
  const context = {
    project: { root, file: `${root}/services.toml`, services: [service] },
    dir,
    ...makeHost(machine.platform),
    emit: (event: ServiceEvent) => void events.push(event),
    signal: setting.signal ?? new AbortController().signal,
  };
  const failure = setting.record
    ? await awaitService(service, setting.record, context)
    : await startService(service, context);
  const reading = readRunRecord(dir, service.name);
  const record = reading.kind === "valid" ? reading.record : undefined;
  return { failure, events, record };
}

function kinds(events: readonly ServiceEvent[]): readonly string[] {
  return events.map(({ kind }) => kind).filter((kind) => kind !== "waiting");
}

function pendingOf(failure: StartFailure | undefined): Pending | undefined {
  return failure?.kind === "timeout" ? failure.pending : undefined;
}

Deno.test("startService() is ready when the port answers and is the service's own", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMachine();
  machine.listeners.push(makeListener(port, [PID]));
  const { failure, events, record } = await startOn(
    machine,
    makeService({ port, ready: [{ kind: "tcp" }] }),
  );
  strictEqual(failure, undefined);
  deepStrictEqual(kinds(events), ["starting", "spawned", "ready"]);
  strictEqual(record?.pid, PID);
  ok(record.readyAt !== undefined);
});

Deno.test("startService() counts a worker of the service as its own", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMachine(afterResume(() => {
    machine.processes.set(1002, makeEntry(1002, { ppid: PID }));
    machine.listeners.push(makeListener(port, [PID, 1002]));
  }));
  const { failure } = await startOn(machine, makeService({ port }));
  strictEqual(failure, undefined);
});

Deno.test("startService() knows a worker that left its session by its run id", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMachine(afterResume((request) => {
    machine.processes.set(1002, makeEntry(1002));
    machine.listeners.push(makeListener(port, [1002]));
    machine.processesByRunId.set(request.env["DEVSVC_RUN"] ?? "", [1002]);
  }));
  const { failure } = await startOn(machine, makeService({ port }));
  strictEqual(failure, undefined);
});

/** Does something as soon as the process is resumed. */
function afterResume(
  work: (request: SpawnRequest) => unknown,
): (platform: Platform) => Partial<Platform> {
  return (platform) => ({
    spawnSuspended: async (request) => {
      const suspended = await platform.spawnSuspended(request);
      const resume = async () => {
        await suspended.resume();
        await work(request);
      };
      return { ...suspended, resume };
    },
  });
}

/** Answers each read with the next rows, in turn. */
function rowsInTurn(
  ...turns: readonly (readonly Listener[])[]
): Pick<Platform, "listeners"> {
  let reads = 0;
  return {
    listeners: () => {
      const value = turns[reads++ % turns.length] ?? [];
      return Promise.resolve({ ok: true, value });
    },
  };
}

Deno.test("startService() is not ready while another process has the port", async () => {
  using server = answer();
  const { port } = server;
  const ours = [makeListener(port, [PID])];
  const theirs = [makeListener(port, [500])];
  const turns: Readonly<Record<string, Pick<Platform, "listeners">>> = {
    "always": rowsInTurn(theirs),
    "after the checks": rowsInTurn(ours, theirs),
    "on IPv6": rowsInTurn([...ours, makeListener(port, [500], "::1")]),
    "sharing the socket": rowsInTurn([makeListener(port, [PID, 500])]),
  };
  for (const [name, listeners] of Object.entries(turns)) {
    const machine = makeMachine(listeners);
    machine.processes.set(500, OTHER);
    const { failure, events, record } = await startOn(
      machine,
      makeService({ port, ready: [{ kind: "tcp" }], readyTimeout: 150 }),
    );
    deepStrictEqual(pendingOf(failure), {
      kind: "owner",
      port,
      holders: [{ pid: 500, name: "python3" }],
    }, name);
    ok(!kinds(events).includes("ready"), name);
    strictEqual(record?.readyAt, undefined, name);
  }
});

Deno.test("startService() is not ready while the owner of the port is unknown", async () => {
  using server = answer();
  const { port } = server;
  const noAnswer = { ok: false, reason: "ss: timeout" } as const;
  const cases: readonly (readonly [Partial<Platform>, Pending])[] = [
    [
      rowsInTurn([makeListener(port, [])]),
      { kind: "owner", port, holders: [] },
    ],
    [rowsInTurn([]), { kind: "port", port }],
    [
      { listeners: () => Promise.resolve(noAnswer) },
      { kind: "lookup", reason: "ss: timeout" },
    ],
  ];
  for (const [overrides, expected] of cases) {
    const { failure } = await startOn(
      makeMachine(overrides),
      makeService({ port, readyTimeout: 80 }),
    );
    deepStrictEqual(pendingOf(failure), expected);
  }
});

Deno.test("startService() waits for its checks and names the one that fails", async () => {
  using server = answer();
  const { port } = server;
  const machine = makeMachine();
  machine.listeners.push(makeListener(port, [PID]));
  const check = { kind: "log", pattern: "ready" } as const;
  const { failure } = await startOn(
    machine,
    makeService({ port, ready: [{ kind: "tcp" }, check], readyTimeout: 80 }),
  );
  const expected = { kind: "check", check, detail: "not seen yet" };
  deepStrictEqual(pendingOf(failure), expected);
});

Deno.test("startService() leaves a service running that is not ready in time, with a run record", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const machine = makeMachine();
  const { failure, record } = await startOn(
    machine,
    makeService({ port, readyTimeout: 60 }),
  );
  strictEqual(failure?.kind, "timeout");
  deepStrictEqual(pendingOf(failure), { kind: "port", port });
  ok(machine.processes.has(PID));
  strictEqual(record?.pid, PID);
  deepStrictEqual(machine.signals, []);
});

Deno.test("startService() reports at once that the service ended, and its last lines", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const machine = makeMachine(afterResume(async ({ log }) => {
    await Deno.writeTextFile(log ?? "", "no such database\n", { append: true });
    machine.end(PID);
  }));
  const { failure, events } = await startOn(machine, makeService({ port }), {
    prepare: (dir) => Deno.writeTextFile(logOf(dir, "api"), "old run\n"),
  });
  ok(failure?.kind === "exited");
  strictEqual(failure.code, 0);
  deepStrictEqual(failure.lines, ["no such database"]);
  deepStrictEqual(kinds(events), ["starting", "spawned", "failed"]);
});

Deno.test("startService() kills what an early exit left behind", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const machine = makeMachine(afterResume((request) => {
    machine.processes.set(1200, makeEntry(1200));
    machine.processesByRunId.set(request.env["DEVSVC_RUN"] ?? "", [1200]);
    machine.end(PID);
  }));
  const { failure } = await startOn(machine, makeService({ port }));
  strictEqual(failure?.kind, "exited");
  deepStrictEqual(machine.signals, ["SIGKILL 1200"]);
});

Deno.test("startService() has the run record on the disk before the service runs", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  let before: RunRecordReading | undefined;
  const machine = makeMachine((platform) => ({
    spawnSuspended: async (request) => {
      const suspended = await platform.spawnSuspended(request);
      const root = (request.log ?? "").replace(/[\\/]\.devsvc[\\/].*$/, "");
      const resume = async () => {
        before = readRunRecord(stateDirOf(root), "api");
        await suspended.resume();
        machine.end(PID);
      };
      return { ...suspended, resume };
    },
  }));
  await startOn(machine, makeService({ port }));
  ok(before?.kind === "valid");
  strictEqual(before.record.pid, PID);
  strictEqual(before.record.run, machine.requests[0]?.env["DEVSVC_RUN"]);
});

Deno.test("startService() removes what earlier runs left beside their run record", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  let names: readonly string[] = [];
  const machine = makeMachine(afterResume(async ({ log }) => {
    const records = (log ?? "").replace(/logs[\\/]api\.log$/, "runs");
    names = (await Array.fromAsync(Deno.readDir(records)))
      .map(({ name }) => name);
    machine.end(PID);
  }));
  await startOn(machine, makeService({ port }), {
    prepare: (dir) => Deno.writeTextFile(`${dir.runs}/api.json.f0f0-1`, "{"),
  });
  deepStrictEqual(names, ["api.json"]);
});

Deno.test("startService() runs nothing when its run record cannot be written", async () => {
  const machine = makeMachine();
  const { failure, events } = await startOn(machine, makeService(), {
    prepare: (dir) => Deno.remove(dir.runs),
  });
  strictEqual(failure?.kind, "spawn");
  deepStrictEqual([...machine.processes.keys()], []);
  deepStrictEqual(kinds(events), ["starting", "failed"]);
});

Deno.test("startService() reports why a service cannot be run", async () => {
  const machine = makeMachine({
    spawnSuspended: () => Promise.reject(new Error("No such folder: /srv")),
  });
  const { failure, record } = await startOn(machine, makeService());
  deepStrictEqual(failure, { kind: "spawn", reason: "No such folder: /srv" });
  strictEqual(record, undefined);
});

Deno.test("startService() gives a service its environment, the nearest last", async () => {
  await using folder = await makeFolder();
  const envFile = `${folder.path}/.env`;
  await Deno.writeTextFile(envFile, "A=file\nB=file\nDEVSVC_RUN=file\n");
  const machine = makeMachine(afterResume(() => machine.end(PID)));
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  await startOn(machine, makeService({ port, envFile, env: { B: "toml" } }));
  const {
    DEVSVC_RUN: run = "",
    DEVSVC_ROOT: root = "",
    ...env
  } = machine.requests[0]?.env ?? {};
  deepStrictEqual(env, {
    PYTHONUNBUFFERED: "1",
    A: "file",
    B: "toml",
    DEVSVC_SERVICE: "api",
  });
  match(run, /^[0-9a-f-]{36}$/);
  const log = machine.requests[0]?.log ?? "";
  strictEqual(basename(root), basename(dirname(dirname(dirname(log)))));
});

Deno.test("startService() starts nothing once it is interrupted", async () => {
  const machine = makeMachine();
  const signal = AbortSignal.abort();
  const { failure, events } = await startOn(machine, makeService(), { signal });
  deepStrictEqual(failure, { kind: "cancelled" });
  deepStrictEqual(kinds(events), ["failed"]);
  deepStrictEqual(machine.calls, []);
});

Deno.test("startService() stops waiting when it is interrupted, and leaves the service", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  const controller = new AbortController();
  const machine = makeMachine(afterResume(() => controller.abort()));
  const { failure, record } = await startOn(machine, makeService({ port }), {
    signal: controller.signal,
  });
  deepStrictEqual(failure, { kind: "cancelled" });
  strictEqual(record?.pid, PID);
  ok(machine.processes.has(PID));
});

Deno.test("startService() of a service without port waits that it stays alive", async () => {
  const { failure } = await startOn(
    makeMachine(),
    makeWorker({ readyTimeout: 100 }),
  );
  strictEqual(failure, undefined);
  const machine = makeMachine(afterResume(() => machine.end(PID)));
  const ended = await startOn(machine, makeWorker({ readyTimeout: 100 }));
  strictEqual(ended.failure?.kind, "exited");
});

Deno.test("awaitService() waits for an earlier run, and starts nothing", async () => {
  using server = answer();
  const { port } = server;
  const { readyAt: _, ...record } = makeRunRecord(makeEntry(100), { port });
  const machine = makeMachine();
  machine.processes.set(100, makeEntry(100));
  machine.listeners.push(makeListener(port, [100]));
  const { failure, events, record: after } = await startOn(
    machine,
    makeService({ port }),
    { record, prepare: (dir) => writeRunRecord(dir, record) },
  );
  strictEqual(failure, undefined);
  deepStrictEqual(kinds(events), ["starting", "ready"]);
  strictEqual(after?.run, record.run);
  ok(after.readyAt !== undefined);
});

Deno.test("awaitService() reports that an earlier run is gone", async () => {
  using ports = reservePorts(1);
  const [port = 0] = ports.numbers;
  for (const entry of [undefined, makeEntry(100, { start: "later" })]) {
    const machine = makeMachine();
    if (entry) machine.processes.set(100, entry);
    const { failure } = await startOn(machine, makeService({ port }), {
      record: makeRunRecord(makeEntry(100), { port }),
    });
    ok(failure?.kind === "exited");
    strictEqual(failure.code, undefined);
    deepStrictEqual(machine.signals, []);
  }
});
