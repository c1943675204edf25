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
  markStopping,
  removeRunRecord,
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

const LEADER = makeEntry(100);
const { readyAt: _, ...YOUNG } = makeRunRecord(LEADER, {
  run: "r1",
  restarts: 2,
  startedAt: new Date().toISOString(),
});
const OLD = { ...YOUNG, startedAt: new Date(0).toISOString() };
const SPAWN: SupervisionEvent = { kind: "spawned", run: "r1", restarts: 2 };
const SEEN: SupervisedState = {
  phase: "starting",
  run: "r1",
  restarts: 2,
  failures: 0,
};

/** What is seen of a run whose leader lives or does not. */
async function see(
  record: RunRecord,
  state: SupervisedState,
  options: {
    readonly isAlive?: boolean;
    readonly prepare?: (dir: StateDir) => unknown;
    /** Happens while the wrapper is looked for. */
    readonly meanwhile?: (dir: StateDir) => unknown;
  } = {},
): Promise<readonly SupervisionEvent[]> {
  await using folder = await makeFolder();
  const dir = stateDirOf(folder.path);
  ensureStateDir(dir);
  writeRunRecord(dir, record);
  await options.prepare?.(dir);
  const { processes, platform } = makeMachine();
  if (options.isAlive) processes.set(LEADER.pid, LEADER);
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

Deno.test("a run that is met for the first time has begun", async () => {
  deepStrictEqual(await see(YOUNG, UNKNOWN, { isAlive: true }), [SPAWN]);
  deepStrictEqual(await see(YOUNG, SEEN, { isAlive: true }), []);
});

Deno.test("a young run whose leader never came through its start barrier has just ended", async () => {
  deepStrictEqual(await see(YOUNG, UNKNOWN), [
    SPAWN,
    { kind: "exited", run: "r1", isOld: false },
  ]);
});

Deno.test("a run of any day that nobody saw end is history", async () => {
  deepStrictEqual(await see(OLD, UNKNOWN), [
    SPAWN,
    { kind: "exited", run: "r1", isOld: true },
  ]);
  deepStrictEqual(await see(OLD, SEEN), [
    { kind: "exited", run: "r1", isOld: false },
  ]);
});

Deno.test("what its wrapper wrote down tells how and when a run ended", async () => {
  const exit = { code: 3, signal: null };
  const writeAt = (seconds: number) => async (dir: StateDir) => {
    const file = exitFileOf(dir, YOUNG);
    await Deno.writeTextFile(file, "3\n");
    await Deno.utime(file, seconds, seconds);
  };
  const now = Math.floor(Date.now() / 1000);
  for (const [at, isOld] of [[now, false], [now - 3600, true]] as const) {
    const [, end] = await see(OLD, UNKNOWN, { prepare: writeAt(at) });
    deepStrictEqual(end, {
      kind: "exited",
      run: "r1",
      exit: { ...exit, at: at * 1000 },
      isOld,
    });
  }
});

Deno.test("who was asked to stop is seen to have been asked first", async () => {
  const prepare = (dir: StateDir) => markStopping(dir, YOUNG);
  deepStrictEqual(await see(YOUNG, SEEN, { prepare }), [
    { kind: "stop-requested", run: "r1" },
    { kind: "exited", run: "r1", isOld: false },
  ]);
});

Deno.test("an end that is written down while the wrapper is looked for is told", async () => {
  const [end] = await see(YOUNG, SEEN, {
    meanwhile: (dir) => Deno.writeTextFile(exitFileOf(dir, YOUNG), "0\n"),
  });
  deepStrictEqual(end?.kind === "exited" && end.exit?.code, 0);
});

Deno.test("a stop that begins while the wrapper is looked for is no crash", async () => {
  const meanwhile = (dir: StateDir) => markStopping(dir, YOUNG);
  deepStrictEqual(await see(YOUNG, SEEN, { meanwhile }), [
    { kind: "stop-requested", run: "r1" },
    { kind: "exited", run: "r1", isOld: false },
  ]);
});

Deno.test("a stop that ends while the wrapper is looked for leaves nothing", async () => {
  const meanwhile = (dir: StateDir) => removeRunRecord(dir, YOUNG.service);
  deepStrictEqual(await see(YOUNG, SEEN, { meanwhile }), [{
    kind: "record-removed",
  }]);
});

Deno.test("who gets ready and ends while it is looked for was ready", async () => {
  const at = new Date();
  const seen = await see(YOUNG, SEEN, {
    meanwhile: (dir) => writeReady(dir, YOUNG, { at, main: LEADER.pid }),
  });
  deepStrictEqual(seen, [
    { kind: "ready", run: "r1", at: at.getTime() },
    { kind: "exited", run: "r1", isOld: false },
  ]);
});
