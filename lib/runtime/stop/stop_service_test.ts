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
  makeService,
  makeWorld,
} from "../../../tests/kit/builders.ts";
import type { ServiceEvent, StopFailure } from "../../core/events.ts";
import type { Diagnosis } from "../../core/model.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import type {
  Platform,
  SentSignal,
  SignalOutcome,
} from "../../platform/platform.ts";
import { recordFile, writeRunRecord } from "../state/run_record.ts";
import { ensureStateDir, stateDirOf } from "../state/state_dir.ts";
import { stopService } from "./stop_service.ts";
import { skippingClock } from "../../../tests/kit/stepped_clock.ts";

const WRAPPER = makeEntry(100);
const CHILD = makeEntry(110, { ppid: 100, group: 100, session: 100 });
const RUN_RECORD = makeRunRecord(WRAPPER);

/** A service whose wrapper has one child, both known by the run record. */
const RUNNING = makeDiagnosis({
  service: makeService({ stop: { signal: "SIGTERM", timeout: 100 } }),
  state: "running",
  record: RUN_RECORD,
  tree: [WRAPPER, CHILD],
  holders: [makeHolder(100)],
});

interface Stopped {
  readonly failure: StopFailure | undefined;
  readonly events: readonly string[];
  readonly hasRunRecord: boolean;
}

async function stopOn(
  machine: FakeMachine,
  diagnosis: Diagnosis,
  signal = new AbortController().signal,
): Promise<Stopped> {
  await using folder = await makeFolder();
  const root = folder.path;
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  writeRunRecord(dir, RUN_RECORD);
  const events: string[] = [];
  const processes = new Map(machine.processes);
  const world = makeWorld({ root, processes: { ok: true, value: processes } });
  const failure = await stopService(diagnosis, world, {
    project: { root, file: `${root}/services.toml`, services: [] },
    dir,
    ...makeHost(machine.platform, { clock: skippingClock() }),
    emit: (event: ServiceEvent) => events.push(event.kind),
    signal,
  });
  const hasRunRecord = await Deno.stat(recordFile(dir, "api"))
    .then(() => true, () => false);
  return { failure, events, hasRunRecord };
}

function makeRunning(overrides: Partial<Platform> = {}): FakeMachine {
  const machine = makeMachine(overrides);
  machine.processes.set(100, WRAPPER).set(110, CHILD);
  machine.listeners.push(makeListener(8000, [100]));
  return machine;
}

/** Answers every signal as the test says. */
function answering(
  sent: string[],
  outcome: (signal: SentSignal, pid: number) => SignalOutcome,
): Pick<Platform, "signal"> {
  return {
    signal: (target, signal) => {
      sent.push(`${signal} ${target.pid}`);
      return Promise.resolve(outcome(signal, target.pid));
    },
  };
}

Deno.test("stopService() signals the whole group once, and proves that it is gone", async () => {
  const machine = makeRunning();
  const { failure, events, hasRunRecord } = await stopOn(machine, RUNNING);
  strictEqual(failure, undefined);
  deepStrictEqual(machine.signals, ["SIGTERM group 100"]);
  deepStrictEqual(events, ["stopping", "stopped"]);
  strictEqual(hasRunRecord, false);
  deepStrictEqual([...machine.processes.keys()], []);
});

Deno.test("stopService() signals nothing when the number was given to another since", async () => {
  const machine = makeMachine();
  machine.processes.set(100, makeEntry(100, { start: "later" }));
  machine.processes.set(500, makeEntry(500, { start: "later" }));
  const cases: readonly (readonly [string, Diagnosis])[] = [
    ["the wrapper", RUNNING],
    [
      "a holder that is not ours",
      makeDiagnosis({ state: "foreign", holders: [makeHolder(500)] }),
    ],
  ];
  for (const [name, diagnosis] of cases) {
    const { failure } = await stopOn(machine, diagnosis);
    strictEqual(failure, undefined, name);
    deepStrictEqual(machine.signals, [], name);
    ok(machine.processes.has(100) && machine.processes.has(500), name);
  }
});

Deno.test("stopService() signals what left the group by itself", async () => {
  const machine = makeRunning();
  machine.processes.set(120, makeEntry(120, { ppid: 110 }));
  await stopOn(machine, RUNNING);
  deepStrictEqual(machine.signals, ["SIGTERM group 100", "SIGTERM 120"]);
});

Deno.test("stopService() finds by the run id what nothing else shows", async () => {
  const machine = makeRunning();
  machine.processes.set(300, makeEntry(300));
  machine.processesByRunId.set(RUN_RECORD.run, [300]);
  const { failure, events } = await stopOn(machine, RUNNING);
  strictEqual(failure, undefined);
  ok(!machine.processes.has(300));
  deepStrictEqual(machine.signals, ["SIGTERM group 100", "SIGTERM 300"]);
  deepStrictEqual(events, ["stopping", "still-running", "stopped"]);
});

Deno.test("stopService() kills what does not end when asked", async () => {
  const sent: string[] = [];
  const machine = makeRunning(answering(sent, (signal) => {
    if (signal === "SIGKILL") [100, 110].forEach((pid) => machine.end(pid));
    return "sent";
  }));
  const { failure, events } = await stopOn(machine, RUNNING);
  strictEqual(failure, undefined);
  deepStrictEqual(sent, ["SIGTERM 100", "SIGINT 100", "SIGKILL 100"]);
  deepStrictEqual(events, ["stopping", "escalating", "stopped"]);
});

Deno.test("stopService() sends a second SIGINT before it kills", async () => {
  for (
    const [first, last] of [["SIGTERM", "SIGINT"], [
      "SIGINT",
      "SIGINT",
    ]] as const
  ) {
    const sent: string[] = [];
    const machine = makeRunning(answering(sent, (signal) => {
      if (signal === last && sent.length > 1) {
        [100, 110].forEach((pid) => machine.end(pid));
      }
      return "sent";
    }));
    const service = makeService({ stop: { signal: first, timeout: 50 } });
    const { events } = await stopOn(machine, { ...RUNNING, service });
    deepStrictEqual(sent, [`${first} 100`, `${last} 100`]);
    deepStrictEqual(events, ["stopping", "stopped"]);
  }
});

Deno.test("stopService() sends no second SIGINT after another signal than SIGTERM or SIGINT", async () => {
  const sent: string[] = [];
  const machine = makeRunning(answering(sent, (signal) => {
    if (signal === "SIGKILL") [100, 110].forEach((pid) => machine.end(pid));
    return "sent";
  }));
  const service = makeService({ stop: { signal: "SIGHUP", timeout: 50 } });
  await stopOn(machine, { ...RUNNING, service });
  deepStrictEqual(sent, ["SIGHUP 100", "SIGKILL 100"]);
});

Deno.test("stopService() sends the signal of the service, and kills at once if that is SIGKILL", async () => {
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const machine = makeRunning();
    const service = makeService({ stop: { signal, timeout: 100 } });
    const { events } = await stopOn(machine, { ...RUNNING, service });
    deepStrictEqual(machine.signals, [`${signal} group 100`]);
    deepStrictEqual(events, ["stopping", "stopped"]);
  }
});

Deno.test("stopService() also ends what is forked while it stops", async () => {
  const machine = makeRunning({
    signal: ({ pid }) => {
      const isFirst = pid === 100 && machine.processes.has(110);
      machine.end(pid);
      machine.end(110);
      if (isFirst) machine.processes.set(130, makeEntry(130, { group: 100 }));
      return Promise.resolve("sent");
    },
  });
  machine.processes.set(100, WRAPPER);
  const late = makeEntry(120, { ppid: 110, group: 100 });
  machine.processes.set(120, late);
  const { failure } = await stopOn(machine, RUNNING);
  strictEqual(failure, undefined);
  ok(!machine.processes.has(120));
});

Deno.test("stopService() counts a zombie as gone", async () => {
  const machine = makeRunning({
    signal: (target) => {
      machine.end(target.pid);
      machine.end(110);
      machine.processes.set(100, makeEntry(100, { zombie: true }));
      return Promise.resolve("sent");
    },
  });
  const { failure, events } = await stopOn(machine, RUNNING);
  strictEqual(failure, undefined);
  deepStrictEqual(events, ["stopping", "stopped"]);
});

Deno.test("stopService() names the process that listens after the stop", async () => {
  const machine = makeRunning({
    signal: () => {
      [100, 110].forEach((pid) => machine.end(pid));
      machine.processes.set(700, makeEntry(700, { name: "pm2" }));
      machine.listeners.push(makeListener(8000, [700], "::1"));
      return Promise.resolve("sent");
    },
  });
  const { failure, events, hasRunRecord } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, {
    kind: "held",
    holders: [{ pid: 700, name: "pm2" }],
  });
  deepStrictEqual(events, ["stopping", "not-stopped"]);
  strictEqual(hasRunRecord, true);
});

Deno.test("stopService() waits for a port that is released a little later", async () => {
  let reads = 0;
  const machine = makeRunning({
    listeners: () => {
      const value = ++reads < 4 ? [makeListener(8000, [100])] : [];
      return Promise.resolve({ ok: true, value });
    },
  });
  strictEqual((await stopOn(machine, RUNNING)).failure, undefined);
});

Deno.test("stopService() does not believe a table without listeners that a probe contradicts", async () => {
  const machine = makeRunning();
  machine.probes.set(8000, "used");
  const { failure } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, { kind: "held", holders: [] });
});

Deno.test("stopService() fails where it is unknown whether the port is free", async () => {
  const machine = makeRunning();
  machine.probes.set(8000, "unknown");
  strictEqual((await stopOn(machine, RUNNING)).failure?.kind, "lookup");
});

Deno.test("stopService() names the processes for which the signal was denied", async () => {
  const sent: string[] = [];
  const machine = makeRunning(answering(sent, () => "denied"));
  const { failure } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, {
    kind: "denied",
    processes: [{ pid: 100, name: "node" }, { pid: 110, name: "node" }],
  });
});

Deno.test("stopService() names the survivors", async () => {
  const machine = makeRunning({
    signal: () => {
      machine.end(100);
      return Promise.resolve("sent");
    },
  });
  const { failure, events, hasRunRecord } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, {
    kind: "survivors",
    processes: [{ pid: 110, name: "node" }],
  });
  // The clock skips its timers: any wait may be long enough to be reported.
  deepStrictEqual(events.filter((kind) => kind !== "still-running"), [
    "stopping",
    "escalating",
    "not-stopped",
  ]);
  strictEqual(hasRunRecord, true);
});

const NO_ANSWER = { ok: false, reason: "ps: timeout" } as const;

Deno.test("stopService() signals nothing while the processes cannot be read", async () => {
  const machine = makeRunning({
    processTable: () => Promise.resolve(NO_ANSWER),
  });
  const { failure } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, { kind: "lookup", reason: "ps: timeout" });
  deepStrictEqual(machine.signals, []);
});

Deno.test("stopService() fails when the processes cannot be read any more", async () => {
  const machine = makeRunning({
    processTable: () => {
      const value = new Map(machine.processes);
      return Promise.resolve(value.size > 0 ? { ok: true, value } : NO_ANSWER);
    },
  });
  const { failure } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, { kind: "lookup", reason: "ps: timeout" });
});

Deno.test("stopService() fails when the sockets cannot be read", async () => {
  const machine = makeRunning({ listeners: () => Promise.resolve(NO_ANSWER) });
  const { failure } = await stopOn(machine, RUNNING);
  deepStrictEqual(failure, { kind: "lookup", reason: "ps: timeout" });
});

Deno.test("stopService() does nothing once it is interrupted", async () => {
  const machine = makeRunning();
  const { failure } = await stopOn(machine, RUNNING, AbortSignal.abort());
  deepStrictEqual(failure, { kind: "cancelled" });
  deepStrictEqual(machine.signals, []);
});

Deno.test("stopService() does not kill after it was interrupted", async () => {
  const controller = new AbortController();
  const sent: string[] = [];
  const machine = makeRunning(answering(sent, () => {
    controller.abort();
    return "sent";
  }));
  const service = makeService({ stop: { signal: "SIGTERM", timeout: 60_000 } });
  const { failure } = await stopOn(
    machine,
    { ...RUNNING, service },
    controller.signal,
  );
  deepStrictEqual(failure, { kind: "cancelled" });
  deepStrictEqual(sent, ["SIGTERM 100"]);
});
