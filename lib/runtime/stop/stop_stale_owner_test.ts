// Stopping where the OS names a dead owner, or has trees instead of groups, as
// Windows does. The machine is made up: Wine names no dead owner.

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
} from "../../../tests/kit/builders.ts";
import type { ServiceEvent, StopFailure } from "../../core/events.ts";
import type { Diagnosis } from "../../core/model.ts";
import { findAlive, withDescendants } from "../../core/process_tree.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import type { SignalOutcome } from "../../platform/platform.ts";
import { ensureStateDir, stateDirOf } from "../state/state_dir.ts";
import { stopService } from "./stop_service.ts";
import { skippingClock } from "../../../tests/kit/stepped_clock.ts";

const DEAD = 15136;
const SERVICE = makeService({ stop: { signal: "SIGTERM", timeout: 60_000 } });

/** A machine like Windows: whole trees are ended, none can be asked to stop. */
function makeWindowsMachine(
  onSignal: (pid: number) => SignalOutcome | undefined = () => undefined,
): FakeMachine {
  const machine: FakeMachine = makeMachine({
    groups: "tree",
    signal: (target, signal, scope) => {
      const entry = findAlive(target, machine.processes);
      if (!entry) return Promise.resolve("gone");
      machine.signals.push(`${signal} ${scope} ${target.pid}`);
      const outcome = onSignal(target.pid);
      if (outcome) return Promise.resolve(outcome);
      if (signal !== "SIGKILL") return Promise.resolve("unsignalable");
      for (const { pid } of withDescendants([entry], machine.processes)) {
        machine.processes.delete(pid);
      }
      return Promise.resolve("sent");
    },
  });
  return machine;
}

async function stopOn(
  machine: FakeMachine,
  diagnosis: Diagnosis,
  emit: (event: ServiceEvent) => void = () => {},
): Promise<StopFailure | undefined> {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  const world = makeWorld({
    processes: { ok: true, value: new Map(machine.processes) },
    listeners: { ok: true, value: [...machine.listeners] },
  });
  return await stopService(diagnosis, world, {
    project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
    dir,
    ...makeHost(machine.platform, { clock: skippingClock() }),
    emit,
    signal: new AbortController().signal,
  });
}

const WRAPPER = makeEntry(100, { group: 0, session: 0 });
const CHILD = makeEntry(110, { ppid: 100, group: 0, session: 0 });
const OURS = makeDiagnosis({
  service: SERVICE,
  state: "running",
  record: makeRunRecord(WRAPPER),
  tree: [WRAPPER, CHILD],
});

Deno.test("stopService() kills a tree at once where it is unsignalable", async () => {
  const machine = makeWindowsMachine();
  machine.processes.set(100, WRAPPER).set(110, CHILD);
  const kinds: string[] = [];
  const begun = performance.now();
  strictEqual(
    await stopOn(machine, OURS, ({ kind }) => kinds.push(kind)),
    undefined,
  );
  const waited = performance.now() - begun;
  ok(waited < SERVICE.stop.timeout, "it does not wait for an answer");
  deepStrictEqual(machine.signals, ["SIGTERM group 100", "SIGKILL group 100"]);
  deepStrictEqual(kinds, ["stopping", "stopped"]);
});

Deno.test("stopService() waits where at least one process could be signalled", async () => {
  const machine = makeWindowsMachine((pid) => {
    if (pid === 100) setTimeout(() => machine.processes.clear(), 50);
    return pid === 100 ? "sent" : undefined;
  });
  machine.processes.set(100, WRAPPER).set(200, makeEntry(200));
  const holders = [makeHolder(200)];
  const both = { ...OURS, holders };
  strictEqual(await stopOn(machine, both), undefined);
  deepStrictEqual(machine.signals, ["SIGTERM group 100", "SIGTERM group 200"]);
});

Deno.test("stopService() names the trees for which the signal was denied", async () => {
  const machine = makeWindowsMachine(() => "denied");
  machine.processes.set(100, WRAPPER).set(110, CHILD);
  const service = makeService({ stop: { signal: "SIGTERM", timeout: 50 } });
  const failure = await stopOn(machine, { ...OURS, service });
  strictEqual(failure?.kind, "denied");
  deepStrictEqual(failure.processes.map(({ pid }) => pid), [100, 110]);
});

/** Adds a worker that inherited the port of a dead process. */
function addInherited(machine: FakeMachine, pid: number, ppid: number): void {
  machine.processes.set(pid, makeEntry(pid, { ppid, name: "python.exe" }));
  machine.listeners.push(makeListener(8000, [DEAD]));
}

const STALE_OWNER = makeDiagnosis({
  service: SERVICE,
  state: "stale-owner",
  inheritedBy: "ours",
  holders: [makeHolder(300)],
});

Deno.test("stopService() ends the holders of sockets inherited from a stale owner", async () => {
  const machine = makeWindowsMachine((pid) => {
    if (pid === 300) machine.listeners.length = 0;
    return undefined;
  });
  addInherited(machine, 300, DEAD);
  strictEqual(await stopOn(machine, STALE_OWNER), undefined);
  deepStrictEqual([...machine.processes.keys()], []);
});

Deno.test("stopService() ends new holders of inherited sockets, three times at most", async () => {
  const machine = makeWindowsMachine((pid) => {
    // Each has started another one before it ends.
    const next = machine.processes.has(pid + 1) ? undefined : pid + 1;
    if (next) {
      machine.processes.set(next, makeEntry(next, { ppid: DEAD }));
    }
    return undefined;
  });
  addInherited(machine, 300, DEAD);
  const failure = await stopOn(machine, STALE_OWNER);
  strictEqual(failure?.kind, "held");
  strictEqual(failure.tried?.length, 3);
  deepStrictEqual(failure.holders, [{ pid: DEAD, name: "?" }]);
});

Deno.test("stopService() ends what inherited the port of its own members", async () => {
  const machine = makeWindowsMachine((pid) => {
    // The worker names its parent, but is not below it in the table.
    if (pid === 100) {
      machine.processes.set(300, makeEntry(300, { ppid: 299 }));
      machine.details.set(300, { pid: 300, args: ["parent_pid=110"] });
      machine.listeners.push(makeListener(8000, [110]));
    }
    if (pid === 300) machine.listeners.length = 0;
    return undefined;
  });
  machine.processes.set(100, WRAPPER).set(110, CHILD);
  strictEqual(await stopOn(machine, OURS), undefined);
  deepStrictEqual([...machine.processes.keys()], []);
});

Deno.test("stopService() leaves alone the holders of sockets inherited from other processes", async () => {
  const machine = makeWindowsMachine();
  machine.processes.set(100, WRAPPER);
  addInherited(machine, 300, DEAD);
  // The plan stops only its own processes: it has no holders.
  const diagnosis = {
    ...OURS,
    state: "stale-owner",
    inheritedBy: "foreign",
  } as const;
  strictEqual((await stopOn(machine, diagnosis))?.kind, "held");
  deepStrictEqual([...machine.processes.keys()], [300]);
});
