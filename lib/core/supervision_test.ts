import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  advance,
  pauseBefore,
  type Phase,
  PHASES,
  STABLE_TIME,
  supervise,
  type SupervisedState,
  type SupervisionAction,
  type SupervisionEvent,
  type SupervisionPolicy,
  TRANSITION_NAMES,
  UNKNOWN,
} from "./supervision.ts";
import { MAX_RESTART_DELAY } from "./model.ts";

const NOW = 1_000_000;

/** Every pair of phase and transition, written down once more and by hand. */
const LEGAL: Readonly<Record<Phase, string>> = {
  down: "spawned>starting",
  starting:
    "ready>ready unhealthy>unhealthy stop-requested>stopping exited>ended record-removed>down",
  ready:
    "unhealthy>unhealthy stop-requested>stopping exited>ended record-removed>down",
  unhealthy:
    "healthy>ready ready>ready stop-requested>stopping exited>ended record-removed>down",
  stopping: "stop-requested>stopping exited>down record-removed>down",
  ended:
    "retry>pausing spawned>starting stop-requested>down record-removed>down",
  pausing: "spawned>starting stop-requested>down record-removed>down",
};

for (const phase of PHASES) {
  const legal = new Map(
    LEGAL[phase].split(" ").map((pair) => pair.split(">") as [string, string]),
  );
  for (const name of TRANSITION_NAMES) {
    const target = legal.get(name);
    const title = target === undefined ? "is refused" : `leads to ${target}`;
    Deno.test(`advance(): ${name} in ${phase} ${title}`, () => {
      strictEqual(advance(phase, name), target);
    });
  }
}

const RULES: SupervisionPolicy = {
  restart: { when: "on-failure", limit: 3, delay: 500 },
  live: { every: 1000, failures: 3, restart: false },
};

const READY: SupervisedState = {
  phase: "ready",
  run: "r1",
  restarts: 0,
  failures: 0,
  readyAt: NOW - 1000,
};

const KILLED: SupervisionEvent = {
  kind: "exited",
  run: "r1",
  exit: { code: 137, signal: "SIGKILL" },
};

interface Case {
  readonly title: string;
  readonly state: SupervisedState;
  readonly event: SupervisionEvent;
  readonly rules?: Partial<SupervisionPolicy>;
  readonly phase: Phase;
  readonly action?: SupervisionAction;
}

const always: Partial<SupervisionPolicy> = {
  restart: { ...RULES.restart, when: "always" },
};
const never: Partial<SupervisionPolicy> = {
  restart: { ...RULES.restart, when: "never" },
};
const paused = (restarts: number, pause: number): SupervisionAction => ({
  kind: "pause",
  restarts,
  dueAt: NOW + pause,
});

const CASES: readonly Case[] = [
  {
    title: "a run record that appears is a service on its way",
    state: UNKNOWN,
    event: { kind: "spawned", run: "r1", restarts: 0 },
    phase: "starting",
  },
  {
    title: "a new run replaces one that was not seen to end",
    state: READY,
    event: { kind: "spawned", run: "r2", restarts: 0 },
    phase: "starting",
  },
  {
    title: "a stale report of an earlier run is refused",
    state: READY,
    event: { ...KILLED, run: "r0" },
    phase: "ready",
  },
  {
    title: "a crash is followed by a restart after a pause",
    state: READY,
    event: KILLED,
    phase: "pausing",
    action: paused(1, 500),
  },
  {
    title: "a second crash in a row waits twice as long",
    state: { ...READY, restarts: 1 },
    event: KILLED,
    phase: "pausing",
    action: paused(2, 1000),
  },
  {
    title: "the limit ends it",
    state: { ...READY, restarts: 3 },
    event: KILLED,
    phase: "ended",
    action: { kind: "give-up", restarts: 3 },
  },
  {
    title: "a run that was stable begins a new row",
    state: { ...READY, restarts: 3, readyAt: NOW - STABLE_TIME },
    event: KILLED,
    phase: "pausing",
    action: paused(1, 500),
  },
  {
    title: "a run that was nearly stable does not",
    state: { ...READY, restarts: 3, readyAt: NOW - STABLE_TIME + 1 },
    event: KILLED,
    phase: "ended",
    action: { kind: "give-up", restarts: 3 },
  },
  {
    title: "a good end is no failure",
    state: READY,
    event: { kind: "exited", run: "r1", exit: { code: 0, signal: null } },
    phase: "ended",
  },
  {
    title: "a good end is followed by a restart where that is always so",
    state: READY,
    event: { kind: "exited", run: "r1", exit: { code: 0, signal: null } },
    rules: always,
    phase: "pausing",
    action: paused(1, 500),
  },
  {
    title: "an end that nobody wrote down is a failure",
    state: READY,
    event: { kind: "exited", run: "r1" },
    phase: "pausing",
    action: paused(1, 500),
  },
  {
    title: "never means never",
    state: READY,
    event: KILLED,
    rules: never,
    phase: "ended",
  },
  {
    title: "an end of long ago is left alone",
    state: READY,
    event: { ...KILLED, isOld: true },
    rules: always,
    phase: "ended",
  },
  {
    title: "a first run that never was ready is the starter's business",
    state: { ...READY, phase: "starting" },
    event: KILLED,
    phase: "ended",
  },
  {
    title: "a restart that never was ready counts as one more",
    state: { phase: "starting", run: "r1", restarts: 1, failures: 0 },
    event: KILLED,
    phase: "pausing",
    action: paused(2, 1000),
  },
  {
    title: "who was asked to stop is not started again",
    state: { ...READY, phase: "stopping" },
    event: KILLED,
    rules: always,
    phase: "down",
  },
  {
    title: "a stop is asked",
    state: READY,
    event: { kind: "stop-requested", run: "r1" },
    phase: "stopping",
  },
  {
    title: "a stop during the pause ends it",
    state: { ...READY, phase: "pausing", dueAt: NOW },
    event: { kind: "stop-requested", run: "r1" },
    phase: "down",
  },
  {
    title: "a stop that is done leaves nothing",
    state: { ...READY, phase: "pausing", dueAt: NOW },
    event: { kind: "record-removed" },
    phase: "down",
  },
  {
    title: "a start during the pause is the restart",
    state: { ...READY, phase: "pausing", dueAt: NOW },
    event: { kind: "spawned", run: "r2", restarts: 0 },
    phase: "starting",
  },
  {
    title: "it is proven ready",
    state: { ...READY, phase: "starting" },
    event: { kind: "ready", run: "r1", at: NOW },
    phase: "ready",
  },
  {
    title: "one failed look is not unhealthy",
    state: READY,
    event: { kind: "checked", run: "r1", healthy: false },
    phase: "ready",
  },
  {
    title: "failed looks in a row are",
    state: { ...READY, failures: 2 },
    event: { kind: "checked", run: "r1", healthy: false },
    phase: "unhealthy",
    action: { kind: "report-unhealthy" },
  },
  {
    title: "unhealthy is told once",
    state: { ...READY, phase: "unhealthy", failures: 3 },
    event: { kind: "checked", run: "r1", healthy: false },
    phase: "unhealthy",
  },
  {
    title: "unhealthy is replaced where that is wanted",
    state: { ...READY, failures: 2 },
    event: { kind: "checked", run: "r1", healthy: false },
    rules: { live: { ...RULES.live, restart: true } },
    phase: "unhealthy",
    action: { kind: "replace" },
  },
  {
    title: "it recovers",
    state: { ...READY, phase: "unhealthy", failures: 3 },
    event: { kind: "checked", run: "r1", healthy: true },
    phase: "ready",
    action: { kind: "report-healthy" },
  },
  {
    title: "unhealthy ends, too",
    state: { ...READY, phase: "unhealthy" },
    event: KILLED,
    phase: "pausing",
    action: paused(1, 500),
  },
];

for (const { title, state, event, rules, phase, action } of CASES) {
  Deno.test(`supervise(): ${title}`, () => {
    const verdict = supervise(state, event, { ...RULES, ...rules }, NOW);
    strictEqual(verdict.state.phase, phase);
    deepStrictEqual(verdict.action, action);
  });
}

Deno.test("supervise() forgets failed looks after one that passes", () => {
  const sick = { ...READY, failures: 2 };
  const event: SupervisionEvent = { kind: "checked", run: "r1", healthy: true };
  strictEqual(supervise(sick, event, RULES, NOW).state.failures, 0);
});

Deno.test("pauseBefore() doubles up to its bound", () => {
  deepStrictEqual(
    [0, 1, 2, 5, 6, 60].map((restarts) => pauseBefore(restarts, 500)),
    [500, 1000, 2000, 16_000, MAX_RESTART_DELAY, MAX_RESTART_DELAY],
  );
  strictEqual(pauseBefore(3, 60_000), 60_000);
  ok(Number.isFinite(pauseBefore(5_000, 500)));
});
