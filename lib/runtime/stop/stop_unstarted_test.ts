// Which processes `stop` may reach that devsvc did not start, and which never.

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
  ROOT,
  SELF,
} from "../../../tests/kit/builders.ts";
import type { ServiceEvent, StopFailure } from "../../core/events.ts";
import type { Diagnosis } from "../../core/model.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import { ensureStateDir, stateDirOf } from "../state/state_dir.ts";
import { stopService, sweepTree } from "./stop_service.ts";
import { skippingClock } from "../../../tests/kit/stepped_clock.ts";

const SERVICE = makeService({ stop: { signal: "SIGTERM", timeout: 50 } });
const WRAPPER = makeEntry(100);
const RUN_RECORD = makeRunRecord(WRAPPER);

async function stopOn(
  machine: FakeMachine,
  diagnosis: Diagnosis,
): Promise<StopFailure | undefined> {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const processes = new Map(machine.processes);
  const world = makeWorld({ processes: { ok: true, value: processes } });
  return await stopService(diagnosis, world, {
    project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
    dir,
    ...makeHost(machine.platform, { clock: skippingClock() }),
    emit: () => {},
    signal: new AbortController().signal,
  });
}

/** A supervisor in the project with a worker that holds the port. */
function makeSupervised(): FakeMachine {
  const machine = makeMachine();
  machine.processes
    .set(400, makeEntry(400, { name: "bash" }))
    .set(500, makeEntry(500, { name: "nodemon", ppid: 400 }))
    .set(510, makeEntry(510, { ppid: 500, group: 500 }))
    .set(520, makeEntry(520, { ppid: 510, group: 500 }));
  for (const pid of [400, 500, 510]) {
    machine.details.set(pid, { pid, args: ["x"], cwd: ROOT });
  }
  return machine;
}

Deno.test("stopService() stops a holder of this project from its supervisor", async () => {
  const machine = makeSupervised();
  const diagnosis = makeDiagnosis({
    service: SERVICE,
    state: "untracked",
    holders: [makeHolder(510)],
  });
  strictEqual(await stopOn(machine, diagnosis), undefined);
  deepStrictEqual(machine.signals, [
    "SIGTERM 500",
    "SIGTERM 510",
    "SIGTERM 520",
  ]);
  deepStrictEqual([...machine.processes.keys()], [400]);
});

Deno.test("stopService() stops a foreign holder and its children, not its parents", async () => {
  const machine = makeSupervised();
  const diagnosis = makeDiagnosis({
    service: SERVICE,
    state: "foreign",
    holders: [makeHolder(510)],
  });
  strictEqual(await stopOn(machine, diagnosis), undefined);
  deepStrictEqual([...machine.processes.keys()], [400, 500]);
});

/** devsvc runs below a process of the service that is to be stopped. */
function makeInside(overrides = {}): FakeMachine {
  const machine = makeMachine(overrides);
  machine.processes
    .set(100, WRAPPER)
    .set(110, makeEntry(110, { ppid: 100, group: 100, order: 110 }))
    .set(SELF, makeEntry(SELF, { ppid: 110, order: 1000 }));
  return machine;
}

const INSIDE = makeDiagnosis({
  service: SERVICE,
  state: "running",
  record: RUN_RECORD,
  tree: [WRAPPER],
});

Deno.test("stopService() never signals devsvc or its parents", async () => {
  const machine = makeInside();
  const failure = await stopOn(machine, INSIDE);
  strictEqual(failure?.kind, "survivors");
  deepStrictEqual(machine.signals, []);
});

Deno.test("stopService() signals nothing while the parents of devsvc are unknown", async () => {
  let reads = 0;
  const machine = makeInside({
    processTable: () => {
      const value = new Map(machine.processes);
      // Every second read fails: the one right before the signals.
      return Promise.resolve(
        ++reads % 2 === 0
          ? { ok: false, reason: "ps: timeout" }
          : { ok: true, value },
      );
    },
  });
  ok(await stopOn(machine, INSIDE));
  deepStrictEqual(machine.signals, []);
});

Deno.test("sweepTree() kills what the wrapper left behind, without events", async () => {
  const machine = makeMachine();
  machine.processes.set(300, makeEntry(300)).set(400, makeEntry(400));
  machine.processesByRunId.set(RUN_RECORD.run, [300]);
  await using folder = await makeFolder();
  await sweepTree(SERVICE, RUN_RECORD, {
    project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
    dir: stateDirOf(folder.path),
    ...makeHost(machine.platform, { clock: skippingClock() }),
    emit: () => ok(false, "no event is expected"),
    signal: AbortSignal.abort(),
  });
  deepStrictEqual(machine.signals, ["SIGKILL 300"]);
});

Deno.test("sweepTree() reports another process on the port of what it swept", async () => {
  const machine = makeMachine();
  machine.processes.set(300, makeEntry(300));
  machine.processes.set(500, makeEntry(500, { name: "python3" }));
  machine.processesByRunId.set(RUN_RECORD.run, [300]);
  machine.listeners.push(makeListener(8000, [300]), makeListener(8000, [500]));
  await using folder = await makeFolder();
  const events: ServiceEvent[] = [];
  await sweepTree(makeService({ port: 8000 }), RUN_RECORD, {
    project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
    dir: stateDirOf(folder.path),
    ...makeHost(machine.platform, { clock: skippingClock() }),
    emit: (event) => void events.push(event),
    signal: AbortSignal.abort(),
  });
  deepStrictEqual(machine.signals, ["SIGKILL 300"]);
  deepStrictEqual(events, [{
    kind: "held",
    service: "api",
    port: 8000,
    holders: [{ pid: 500, name: "python3" }],
  }]);
});
