import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  advance,
  type Kept,
  MOVES,
  type Order,
  pauseBefore,
  type Phase,
  PHASES,
  type Rules,
  type Sight,
  STABLE_TIME,
  supervise,
  UNKNOWN,
} from "./supervision.ts";
import { MAX_RESTART_DELAY } from "./model.ts";

const NOW = 1_000_000;

/** Every pair of phase and move, written down once more and by hand. */
const LEGAL: Readonly<Record<Phase, string>> = {
  down: "spawn>starting",
  starting: "prove>ready sicken>unhealthy ask>stopping end>ended vanish>down",
  ready: "sicken>unhealthy ask>stopping end>ended vanish>down",
  unhealthy: "recover>ready prove>ready ask>stopping end>ended vanish>down",
  stopping: "ask>stopping end>down vanish>down",
  ended: "retry>pausing spawn>starting ask>down vanish>down",
  pausing: "spawn>starting ask>down vanish>down",
};

for (const phase of PHASES) {
  const legal = new Map(
    LEGAL[phase].split(" ").map((pair) => pair.split(">") as [string, string]),
  );
  for (const move of MOVES) {
    const target = legal.get(move);
    const title = target === undefined ? "is refused" : `leads to ${target}`;
    Deno.test(`advance(): ${move} in ${phase} ${title}`, () => {
      strictEqual(advance(phase, move), target);
    });
  }
}

const RULES: Rules = {
  restart: { when: "on-failure", limit: 3, delay: 500 },
  live: { every: 1000, failures: 3, restart: false },
};

const READY: Kept = {
  phase: "ready",
  run: "r1",
  restarts: 0,
  failures: 0,
  readyAt: NOW - 1000,
};

const KILLED: Sight = {
  kind: "end",
  run: "r1",
  exit: { code: 137, signal: "SIGKILL" },
};

interface Case {
  readonly title: string;
  readonly kept: Kept;
  readonly sight: Sight;
  readonly rules?: Partial<Rules>;
  readonly phase: Phase;
  readonly order?: Order;
}

const always: Partial<Rules> = {
  restart: { ...RULES.restart, when: "always" },
};
const never: Partial<Rules> = { restart: { ...RULES.restart, when: "never" } };
const paused = (restarts: number, pause: number): Order => ({
  kind: "pause",
  restarts,
  dueAt: NOW + pause,
});

const CASES: readonly Case[] = [
  {
    title: "a lease that appears is a service on its way",
    kept: UNKNOWN,
    sight: { kind: "spawn", run: "r1", restarts: 0 },
    phase: "starting",
  },
  {
    title: "a new run replaces one that was not seen to end",
    kept: READY,
    sight: { kind: "spawn", run: "r2", restarts: 0 },
    phase: "starting",
  },
  {
    title: "a stale report of an earlier run is refused",
    kept: READY,
    sight: { ...KILLED, run: "r0" },
    phase: "ready",
  },
  {
    title: "a crash is followed by a restart after a pause",
    kept: READY,
    sight: KILLED,
    phase: "pausing",
    order: paused(1, 500),
  },
  {
    title: "a second crash in a row waits twice as long",
    kept: { ...READY, restarts: 1 },
    sight: KILLED,
    phase: "pausing",
    order: paused(2, 1000),
  },
  {
    title: "the limit ends it",
    kept: { ...READY, restarts: 3 },
    sight: KILLED,
    phase: "ended",
    order: { kind: "give-up", restarts: 3 },
  },
  {
    title: "a run that was stable begins a new row",
    kept: { ...READY, restarts: 3, readyAt: NOW - STABLE_TIME },
    sight: KILLED,
    phase: "pausing",
    order: paused(1, 500),
  },
  {
    title: "a run that was nearly stable does not",
    kept: { ...READY, restarts: 3, readyAt: NOW - STABLE_TIME + 1 },
    sight: KILLED,
    phase: "ended",
    order: { kind: "give-up", restarts: 3 },
  },
  {
    title: "a good end is no failure",
    kept: READY,
    sight: { kind: "end", run: "r1", exit: { code: 0, signal: null } },
    phase: "ended",
  },
  {
    title: "a good end is followed by a restart where that is always so",
    kept: READY,
    sight: { kind: "end", run: "r1", exit: { code: 0, signal: null } },
    rules: always,
    phase: "pausing",
    order: paused(1, 500),
  },
  {
    title: "an end that nobody wrote down is a failure",
    kept: READY,
    sight: { kind: "end", run: "r1" },
    phase: "pausing",
    order: paused(1, 500),
  },
  {
    title: "never means never",
    kept: READY,
    sight: KILLED,
    rules: never,
    phase: "ended",
  },
  {
    title: "an end of long ago is left alone",
    kept: READY,
    sight: { ...KILLED, isOld: true },
    rules: always,
    phase: "ended",
  },
  {
    title: "a first run that never was ready is the starter's business",
    kept: { ...READY, phase: "starting" },
    sight: KILLED,
    phase: "ended",
  },
  {
    title: "a restart that never was ready counts as one more",
    kept: { phase: "starting", run: "r1", restarts: 1, failures: 0 },
    sight: KILLED,
    phase: "pausing",
    order: paused(2, 1000),
  },
  {
    title: "who was asked to stop is not started again",
    kept: { ...READY, phase: "stopping" },
    sight: KILLED,
    rules: always,
    phase: "down",
  },
  {
    title: "a stop is asked",
    kept: READY,
    sight: { kind: "ask", run: "r1" },
    phase: "stopping",
  },
  {
    title: "a stop during the pause ends it",
    kept: { ...READY, phase: "pausing", dueAt: NOW },
    sight: { kind: "ask", run: "r1" },
    phase: "down",
  },
  {
    title: "a stop that is done leaves nothing",
    kept: { ...READY, phase: "pausing", dueAt: NOW },
    sight: { kind: "vanish" },
    phase: "down",
  },
  {
    title: "a start during the pause is the restart",
    kept: { ...READY, phase: "pausing", dueAt: NOW },
    sight: { kind: "spawn", run: "r2", restarts: 0 },
    phase: "starting",
  },
  {
    title: "it is proven ready",
    kept: { ...READY, phase: "starting" },
    sight: { kind: "prove", run: "r1", at: NOW },
    phase: "ready",
  },
  {
    title: "one failed look is not unhealthy",
    kept: READY,
    sight: { kind: "look", run: "r1", healthy: false },
    phase: "ready",
  },
  {
    title: "failed looks in a row are",
    kept: { ...READY, failures: 2 },
    sight: { kind: "look", run: "r1", healthy: false },
    phase: "unhealthy",
    order: { kind: "tell-unhealthy" },
  },
  {
    title: "unhealthy is told once",
    kept: { ...READY, phase: "unhealthy", failures: 3 },
    sight: { kind: "look", run: "r1", healthy: false },
    phase: "unhealthy",
  },
  {
    title: "unhealthy is replaced where that is wanted",
    kept: { ...READY, failures: 2 },
    sight: { kind: "look", run: "r1", healthy: false },
    rules: { live: { ...RULES.live, restart: true } },
    phase: "unhealthy",
    order: { kind: "replace" },
  },
  {
    title: "it recovers",
    kept: { ...READY, phase: "unhealthy", failures: 3 },
    sight: { kind: "look", run: "r1", healthy: true },
    phase: "ready",
    order: { kind: "tell-healthy" },
  },
  {
    title: "unhealthy ends, too",
    kept: { ...READY, phase: "unhealthy" },
    sight: KILLED,
    phase: "pausing",
    order: paused(1, 500),
  },
];

for (const { title, kept, sight, rules, phase, order } of CASES) {
  Deno.test(`supervise(): ${title}`, () => {
    const verdict = supervise(kept, sight, { ...RULES, ...rules }, NOW);
    strictEqual(verdict.kept.phase, phase);
    deepStrictEqual(verdict.order, order);
  });
}

Deno.test("supervise() forgets failed looks after one that passes", () => {
  const sick = { ...READY, failures: 2 };
  const sight: Sight = { kind: "look", run: "r1", healthy: true };
  strictEqual(supervise(sick, sight, RULES, NOW).kept.failures, 0);
});

Deno.test("pauseBefore() doubles up to its bound", () => {
  deepStrictEqual(
    [0, 1, 2, 5, 6, 60].map((restarts) => pauseBefore(restarts, 500)),
    [500, 1000, 2000, 16_000, MAX_RESTART_DELAY, MAX_RESTART_DELAY],
  );
  strictEqual(pauseBefore(3, 60_000), 60_000);
  ok(Number.isFinite(pauseBefore(5_000, 500)));
});
