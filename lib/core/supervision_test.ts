import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  advance,
  type Phase,
  PHASES,
  restartDelay,
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

/** The legal transitions of each phase, written by hand a second time. */
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
    "retry>backing-off spawned>starting stop-requested>down record-removed>down",
  "backing-off": "spawned>starting stop-requested>down record-removed>down",
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
  live: { every: 1000, failures: 3, restart: false, timeout: 10_000 },
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
const backOff = (restarts: number, delay: number): SupervisionAction => ({
  kind: "back-off",
  restarts,
  dueAt: NOW + delay,
});

const CASES: readonly Case[] = [
  {
    title: "a new run record is a starting service",
    state: UNKNOWN,
    event: { kind: "spawned", run: "r1", restarts: 0 },
    phase: "starting",
  },
  {
    title: "a new run replaces one whose exit was not seen",
    state: READY,
    event: { kind: "spawned", run: "r2", restarts: 0 },
    phase: "starting",
  },
  {
    title: "an event of an earlier run is refused",
    state: READY,
    event: { ...KILLED, run: "r0" },
    phase: "ready",
  },
  {
    title: "a crash is followed by a restart after a delay",
    state: READY,
    event: KILLED,
    phase: "backing-off",
    action: backOff(1, 500),
  },
  {
    title: "a second crash in a row waits twice as long",
    state: { ...READY, restarts: 1 },
    event: KILLED,
    phase: "backing-off",
    action: backOff(2, 1000),
  },
  {
    title: "the limit of restarts ends it",
    state: { ...READY, restarts: 3 },
    event: KILLED,
    phase: "ended",
    action: { kind: "give-up", restarts: 3 },
  },
  {
    title: "restarts count from 0 after a stable run",
    state: { ...READY, restarts: 3, readyAt: NOW - STABLE_TIME },
    event: KILLED,
    phase: "backing-off",
    action: backOff(1, 500),
  },
  {
    title: "restarts count on after a run that was nearly stable",
    state: { ...READY, restarts: 3, readyAt: NOW - STABLE_TIME + 1 },
    event: KILLED,
    phase: "ended",
    action: { kind: "give-up", restarts: 3 },
  },
  {
    title: "exit code 0 is no failure",
    state: READY,
    event: { kind: "exited", run: "r1", exit: { code: 0, signal: null } },
    phase: "ended",
  },
  {
    title: "exit code 0 is followed by a restart under the policy always",
    state: READY,
    event: { kind: "exited", run: "r1", exit: { code: 0, signal: null } },
    rules: always,
    phase: "backing-off",
    action: backOff(1, 500),
  },
  {
    title: "an exit without a recorded code is a failure",
    state: READY,
    event: { kind: "exited", run: "r1" },
    phase: "backing-off",
    action: backOff(1, 500),
  },
  {
    title: "the policy never restarts nothing",
    state: READY,
    event: KILLED,
    rules: never,
    phase: "ended",
  },
  {
    title: "an exit of long ago is not followed by a restart",
    state: READY,
    event: { ...KILLED, isOld: true },
    rules: always,
    phase: "ended",
  },
  {
    title:
      "a first run that never was ready is left to the command that starts it",
    state: { ...READY, phase: "starting" },
    event: KILLED,
    phase: "ended",
  },
  {
    title: "a restart that never was ready counts as one more",
    state: { phase: "starting", run: "r1", restarts: 1, failures: 0 },
    event: KILLED,
    phase: "backing-off",
    action: backOff(2, 1000),
  },
  {
    title: "a run that was asked to stop is not restarted",
    state: { ...READY, phase: "stopping" },
    event: KILLED,
    rules: always,
    phase: "down",
  },
  {
    title: "a stop is requested",
    state: READY,
    event: { kind: "stop-requested", run: "r1" },
    phase: "stopping",
  },
  {
    title: "a stop during the delay cancels the restart",
    state: { ...READY, phase: "backing-off", dueAt: NOW },
    event: { kind: "stop-requested", run: "r1" },
    phase: "down",
  },
  {
    title: "a stop that is complete leaves no state",
    state: { ...READY, phase: "backing-off", dueAt: NOW },
    event: { kind: "record-removed" },
    phase: "down",
  },
  {
    title: "a start during the delay is the restart",
    state: { ...READY, phase: "backing-off", dueAt: NOW },
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
    title: "one failed check is not unhealthy",
    state: READY,
    event: { kind: "checked", run: "r1", healthy: false },
    phase: "ready",
  },
  {
    title: "failed checks in a row are unhealthy",
    state: { ...READY, failures: 2 },
    event: { kind: "checked", run: "r1", healthy: false },
    phase: "unhealthy",
    action: { kind: "report-unhealthy" },
  },
  {
    title: "unhealthy is reported once",
    state: { ...READY, phase: "unhealthy", failures: 3 },
    event: { kind: "checked", run: "r1", healthy: false },
    phase: "unhealthy",
  },
  {
    title: "an unhealthy service is replaced where `live.restart` says so",
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
    title: "an unhealthy service may exit, too",
    state: { ...READY, phase: "unhealthy" },
    event: KILLED,
    phase: "backing-off",
    action: backOff(1, 500),
  },
];

for (const { title, state, event, rules, phase, action } of CASES) {
  Deno.test(`supervise(): ${title}`, () => {
    const decision = supervise(state, event, { ...RULES, ...rules }, NOW);
    strictEqual(decision.state.phase, phase);
    deepStrictEqual(decision.action, action);
  });
}

Deno.test("supervise() forgets failed checks after one that passes", () => {
  const failing = { ...READY, failures: 2 };
  const event: SupervisionEvent = { kind: "checked", run: "r1", healthy: true };
  strictEqual(supervise(failing, event, RULES, NOW).state.failures, 0);
});

Deno.test("restartDelay() doubles up to its bound", () => {
  deepStrictEqual(
    [0, 1, 2, 5, 6, 60].map((restarts) => restartDelay(restarts, 500)),
    [500, 1000, 2000, 16_000, MAX_RESTART_DELAY, MAX_RESTART_DELAY],
  );
  strictEqual(restartDelay(3, 60_000), 60_000);
  ok(Number.isFinite(restartDelay(5_000, 500)));
});
