import { deepStrictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeMachine,
  makeRunRecord,
  makeService,
} from "../../../tests/kit/builders.ts";
import {
  type SupervisedState,
  type SupervisionEvent,
  UNKNOWN,
} from "../../core/supervision.ts";
import type { RunRecord } from "../../core/model.ts";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import {
  exitFileOf,
  removeRunRecord,
  requestStop,
  writeReady,
  writeRunRecord,
} from "../state/run_record.ts";
import { readEvents } from "./read_events.ts";
import {
  ensureStateDir,
  type StateDir,
  stateDirOf,
} from "../state/state_dir.ts";
import { systemClock } from "../../platform/clock.ts";

const RUN = "f0f0f0f0-0000-4000-8000-000000000001";
const WRAPPER = makeEntry(100);
const { readyAt: _, ...RECENT } = makeRunRecord(WRAPPER, {
  run: RUN,
  restarts: 2,
  startedAt: new Date().toISOString(),
});
const OLD = { ...RECENT, startedAt: new Date(0).toISOString() };
const SPAWNED: SupervisionEvent = { kind: "spawned", run: RUN, restarts: 2 };
const STARTING: SupervisedState = {
  phase: "starting",
  run: RUN,
  restarts: 2,
  failures: 0,
};

/** Reads the events of a run. */
async function eventsOf(
  record: RunRecord,
  state: SupervisedState,
  options: {
    readonly isAlive?: boolean;
    readonly prepare?: (dir: StateDir) => unknown;
    /** Called while the OS is asked for the wrapper. */
    readonly meanwhile?: (dir: StateDir) => unknown;
  } = {},
): Promise<readonly SupervisionEvent[]> {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  writeRunRecord(dir, record);
  await options.prepare?.(dir);
  const { processes, platform } = makeMachine();
  if (options.isAlive) processes.set(WRAPPER.pid, WRAPPER);
  return await readEvents(makeService(), state, {
    dir,
    clock: systemClock,
    platform: {
      ...platform,
      identity: async (pid) => {
        await options.meanwhile?.(dir);
        return await platform.identity(pid);
      },
    },
  });
}

Deno.test("a new run record is a run that was spawned", async () => {
  deepStrictEqual(await eventsOf(RECENT, UNKNOWN, { isAlive: true }), [
    SPAWNED,
  ]);
  deepStrictEqual(await eventsOf(RECENT, STARTING, { isAlive: true }), []);
});

Deno.test("a recent run whose wrapper does not exist has just exited", async () => {
  deepStrictEqual(await eventsOf(RECENT, UNKNOWN), [
    SPAWNED,
    { kind: "exited", run: RUN, isOld: false },
  ]);
});

Deno.test("an old run that was never seen alive is not recent", async () => {
  deepStrictEqual(await eventsOf(OLD, UNKNOWN), [
    SPAWNED,
    { kind: "exited", run: RUN, isOld: true },
  ]);
  deepStrictEqual(await eventsOf(OLD, STARTING), [
    { kind: "exited", run: RUN, isOld: false },
  ]);
});

Deno.test("the exit file of a run says how and when it ended", async () => {
  const exit = { code: 3, signal: null };
  const writeAt = (seconds: number) => async (dir: StateDir) => {
    const file = exitFileOf(dir, RECENT);
    await Deno.writeTextFile(file, "3\n");
    await Deno.utime(file, seconds, seconds);
  };
  const now = Math.floor(Date.now() / 1000);
  for (const [at, isOld] of [[now, false], [now - 3600, true]] as const) {
    const [, exited] = await eventsOf(OLD, UNKNOWN, { prepare: writeAt(at) });
    deepStrictEqual(exited, {
      kind: "exited",
      run: RUN,
      exit: { ...exit, at: at * 1000 },
      isOld,
    });
  }
});

Deno.test("a stop is requested before the run exits", async () => {
  const prepare = (dir: StateDir) => requestStop(dir, RECENT);
  deepStrictEqual(await eventsOf(RECENT, STARTING, { prepare }), [
    { kind: "stop-requested", run: RUN },
    { kind: "exited", run: RUN, isOld: false },
  ]);
});

Deno.test("an exit that is recorded while the wrapper is queried is read", async () => {
  const [exited] = await eventsOf(RECENT, STARTING, {
    meanwhile: (dir) => Deno.writeTextFile(exitFileOf(dir, RECENT), "0\n"),
  });
  deepStrictEqual(exited?.kind === "exited" && exited.exit?.code, 0);
});

Deno.test("a stop that begins while the wrapper is queried is no crash", async () => {
  const meanwhile = (dir: StateDir) => requestStop(dir, RECENT);
  deepStrictEqual(await eventsOf(RECENT, STARTING, { meanwhile }), [
    { kind: "stop-requested", run: RUN },
    { kind: "exited", run: RUN, isOld: false },
  ]);
});

Deno.test("a stop that completes while the wrapper is queried removes the record", async () => {
  const meanwhile = (dir: StateDir) => removeRunRecord(dir, RECENT.service);
  deepStrictEqual(await eventsOf(RECENT, STARTING, { meanwhile }), [{
    kind: "record-removed",
  }]);
});

Deno.test("a run that gets ready and exits while it is queried was ready", async () => {
  const at = new Date();
  const events = await eventsOf(RECENT, STARTING, {
    meanwhile: (dir) => writeReady(dir, RECENT, { at, main: WRAPPER.pid }),
  });
  deepStrictEqual(events, [
    { kind: "ready", run: RUN, at: at.getTime() },
    { kind: "exited", run: RUN, isOld: false },
  ]);
});
