/**
 * The life of a service under the eyes of the supervisor: its phases, the
 * transitions between them, and what is due after each. Pure; the clock is an argument.
 *
 * @module
 */

import type { Exit } from "./exit.ts";
import {
  type Diagnosis,
  type Liveness,
  MAX_RESTART_DELAY,
  type RestartPolicy,
  type State,
} from "./model.ts";

/** How long an ended run counts as recent, in milliseconds. */
export const RECENT = 60_000;

/** States in which a process that devsvc started is alive. */
const OWN: ReadonlySet<State> = new Set<State>([
  "running",
  "starting",
  "unhealthy",
  "orphan",
]);

/** Tells whether the service runs and was started by devsvc, healthy or not. */
export function isOwn(diagnosis: Diagnosis): boolean {
  return OWN.has(diagnosis.state);
}

/**
 * Tells whether a service needs a supervisor: it runs, or it ended recently
 * without devsvc and is to be started again.
 *
 * @param now The present, in milliseconds since 1970.
 */
export function needsSupervisor(diagnosis: Diagnosis, now: number): boolean {
  const { service, ending, lost, supervision } = diagnosis;
  if (isOwn(diagnosis)) return true;
  return lost !== undefined && service.restart.when !== "never" &&
    !supervision?.gaveUp &&
    now - (ending?.at ?? Date.parse(lost.startedAt)) < RECENT;
}

/** The phases of a service. */
export const PHASES = [
  /** Nothing of it runs and nothing is due. */
  "down",
  /** Runs and is not proven ready yet. */
  "starting",
  "ready",
  /** Was ready, and its checks fail. */
  "unhealthy",
  /** Somebody asked it to stop. */
  "stopping",
  /** Ended by itself and is left alone. */
  "ended",
  /** Ended by itself and is restarted after a delay. */
  "backing-off",
] as const;

/** One of {@linkcode PHASES}. */
export type Phase = typeof PHASES[number];

/** What can happen to a service. */
export const TRANSITION_NAMES = [
  /** A new run of it began. */
  "spawned",
  /** It was proven ready. */
  "ready",
  /** Its checks failed often enough. */
  "unhealthy",
  /** Its checks pass again. */
  "healthy",
  /** It was asked to stop. */
  "stop-requested",
  /** Its run ended without being asked to. */
  "exited",
  /** It is to be started again. */
  "retry",
  /** Nothing is left of its run, not even its run record. */
  "record-removed",
] as const;

/** One of {@linkcode TRANSITION_NAMES}. */
export type TransitionName = typeof TRANSITION_NAMES[number];

/** Where each transition leads; what is not here is refused. */
const NEXT_PHASE: Readonly<
  Record<Phase, Readonly<Partial<Record<TransitionName, Phase>>>>
> = {
  down: { spawned: "starting" },
  starting: {
    ready: "ready",
    unhealthy: "unhealthy",
    "stop-requested": "stopping",
    exited: "ended",
    "record-removed": "down",
  },
  ready: {
    unhealthy: "unhealthy",
    "stop-requested": "stopping",
    exited: "ended",
    "record-removed": "down",
  },
  unhealthy: {
    healthy: "ready",
    // Whoever starts it may see it ready after all.
    ready: "ready",
    "stop-requested": "stopping",
    exited: "ended",
    "record-removed": "down",
  },
  // A stop that was interrupted leaves it running: the next one asks again.
  stopping: {
    "stop-requested": "stopping",
    exited: "down",
    "record-removed": "down",
  },
  ended: {
    retry: "backing-off",
    spawned: "starting",
    "stop-requested": "down",
    "record-removed": "down",
  },
  "backing-off": {
    spawned: "starting",
    "stop-requested": "down",
    "record-removed": "down",
  },
};

/**
 * Moves a service from one phase to the next.
 *
 * @returns Where it is then, or `undefined` if that cannot happen there.
 */
export function advance(phase: Phase, name: TransitionName): Phase | undefined {
  return NEXT_PHASE[phase][name];
}

/** What the supervisor remembers of a service. */
export interface SupervisedState {
  /** Where it is in its life. */
  readonly phase: Phase;
  /** The run that it is about. */
  readonly run?: string;
  /** How often it was started again in a row. */
  readonly restarts: number;
  /** When this run was proven ready, in milliseconds since 1970. */
  readonly readyAt?: number;
  /** How many looks in a row found it unhealthy. */
  readonly failures: number;
  /** When it is restarted, in the phase `backing-off`; ms since 1970. */
  readonly dueAt?: number;
  /** It was started again too often in a row and is left alone. */
  readonly gaveUp?: boolean;
}

/** A service that the supervisor has not seen yet. */
export const UNKNOWN: SupervisedState = {
  phase: "down",
  restarts: 0,
  failures: 0,
};

/** What the supervisor sees of a service. */
export type SupervisionEvent =
  | {
    readonly kind: "spawned";
    readonly run: string;
    /** How often in a row it was started again before this run. */
    readonly restarts: number;
  }
  | { readonly kind: "ready"; readonly run: string; readonly at: number }
  /** Its checks were asked. */
  | {
    readonly kind: "checked";
    readonly run: string;
    readonly healthy: boolean;
  }
  | { readonly kind: "stop-requested"; readonly run: string }
  | {
    readonly kind: "exited";
    readonly run: string;
    /** How it ended, where that is known. */
    readonly exit?: Exit;
    /** Not to be started again, whatever the policy. */
    readonly isOld?: boolean;
  }
  | { readonly kind: "record-removed" };

/** What the supervisor has to do. */
export type SupervisionAction =
  /** Restart it after a delay. */
  | {
    readonly kind: "back-off";
    readonly dueAt: number;
    readonly restarts: number;
  }
  /** Stop it and start it again, now. */
  | { readonly kind: "replace" }
  /** Tell that it is left alone after so many restarts. */
  | { readonly kind: "give-up"; readonly restarts: number }
  | { readonly kind: "report-unhealthy" }
  | { readonly kind: "report-healthy" };

/** How a service is to be kept. */
export interface SupervisionPolicy {
  /** What happens when it ends by itself. */
  readonly restart: RestartPolicy;
  /** How it is watched. */
  readonly live: Liveness;
}

/** What follows from a event. */
export interface Decision {
  /** What the supervisor remembers from now on. */
  readonly state: SupervisedState;
  /** What it has to do, if anything. */
  readonly action?: SupervisionAction;
}

/** A run that was ready for so long, in milliseconds, begins a new row. */
export const STABLE_TIME = 60_000;

/**
 * Decides what follows from what was seen of a service.
 *
 * What was seen of an earlier run, and what cannot happen in this phase, is
 * refused: the memory stays as it is and nothing is to be done.
 *
 * @param now The present, in milliseconds since 1970.
 */
export function supervise(
  state: SupervisedState,
  event: SupervisionEvent,
  rules: SupervisionPolicy,
  now: number,
): Decision {
  if (event.kind === "spawned") return onSpawn(state, event);
  if (event.kind === "record-removed") {
    const phase = advance(state.phase, "record-removed");
    return { state: phase === undefined ? state : UNKNOWN };
  }
  if (event.run !== state.run) return { state };
  switch (event.kind) {
    case "ready":
      return transition(state, "ready", { readyAt: event.at, failures: 0 });
    case "stop-requested":
      return transition(state, "stop-requested", {});
    case "checked":
      return onLook(state, event.healthy, rules.live);
    case "exited":
      return onEnd(state, event, rules.restart, now);
  }
}

function transition(
  state: SupervisedState,
  name: TransitionName,
  changes: Partial<SupervisedState>,
  action?: SupervisionAction,
): Decision {
  const phase = advance(state.phase, name);
  if (phase === undefined) return { state };
  return {
    state: { ...state, ...changes, phase },
    ...(action ? { action } : {}),
  };
}

function onSpawn(
  state: SupervisedState,
  { run, restarts }: Extract<SupervisionEvent, { kind: "spawned" }>,
): Decision {
  if (run === state.run) return { state };
  // A run that it did not see end was replaced by a command.
  return { state: { phase: "starting", run, restarts, failures: 0 } };
}

function onLook(
  state: SupervisedState,
  healthy: boolean,
  live: Liveness,
): Decision {
  if (healthy) {
    return state.phase === "unhealthy"
      ? transition(state, "healthy", { failures: 0 }, {
        kind: "report-healthy",
      })
      : { state: { ...state, failures: 0 } };
  }
  if (state.phase !== "ready") return { state };
  const failures = state.failures + 1;
  if (failures < live.failures) return { state: { ...state, failures } };
  return transition(state, "unhealthy", { failures }, {
    kind: live.restart ? "replace" : "report-unhealthy",
  });
}

function onEnd(
  state: SupervisedState,
  { exit, isOld }: Extract<SupervisionEvent, { kind: "exited" }>,
  policy: RestartPolicy,
  now: number,
): Decision {
  const ended = advance(state.phase, "exited");
  if (ended === undefined) return { state };
  const wasStable = state.readyAt !== undefined &&
    now - state.readyAt >= STABLE_TIME;
  const restarts = wasStable ? 0 : state.restarts;
  const left: SupervisedState = {
    ...state,
    phase: ended,
    restarts,
    failures: 0,
  };
  // A first run that never was ready is the business of who started it.
  const isStarters = state.phase === "starting" && state.restarts === 0;
  if (ended === "down" || isOld || isStarters || !isDue(policy, exit)) {
    return { state: left };
  }
  if (restarts >= policy.limit) {
    return {
      state: { ...left, gaveUp: true },
      action: { kind: "give-up", restarts },
    };
  }
  const dueAt = now + restartDelay(restarts, policy.delay);
  return transition(left, "retry", { restarts: restarts + 1, dueAt }, {
    kind: "back-off",
    dueAt,
    restarts: restarts + 1,
  });
}

function isDue({ when }: RestartPolicy, exit: Exit | undefined): boolean {
  if (when !== "on-failure") return when === "always";
  return exit === undefined || exit.code !== 0 || exit.signal !== null;
}

/**
 * Returns the delay before a restart: each is twice as long as the one before.
 *
 * @param restarts How many restarts in a row there were.
 * @param delay The first delay, in milliseconds.
 * @returns In milliseconds, at most {@linkcode MAX_RESTART_DELAY} or `delay`.
 */
export function restartDelay(restarts: number, delay: number): number {
  return Math.min(delay * 2 ** restarts, Math.max(MAX_RESTART_DELAY, delay));
}
