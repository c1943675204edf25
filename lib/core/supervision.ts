/**
 * The life of a supervised service as a state machine: phases, the transitions
 * between them, and the action after each. Pure; the time is an argument.
 */

import type { Exit } from "./exit.ts";
import {
  type Liveness,
  MAX_RESTART_DELAY,
  type RestartPolicy,
} from "./model.ts";

/** The phases of a service. */
export const PHASES = [
  /** Nothing of it runs, and no restart is due. */
  "down",
  /** Runs and is not proven ready yet. */
  "starting",
  "ready",
  /** Was ready, and its checks fail. */
  "unhealthy",
  /** It was asked to stop. */
  "stopping",
  /** Ended by itself and is not restarted. */
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
  /** It is to be restarted. */
  "retry",
  /** Nothing is left of its run, not even its run record. */
  "record-removed",
] as const;

/** One of {@linkcode TRANSITION_NAMES}. */
export type TransitionName = typeof TRANSITION_NAMES[number];

/** The phase after each transition; any other one is refused. */
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
    // The command that starts it may prove it ready later.
    ready: "ready",
    "stop-requested": "stopping",
    exited: "ended",
    "record-removed": "down",
  },
  // An interrupted stop leaves it running, and the next one asks again.
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
 * Applies a transition to a phase.
 *
 * @returns The next phase, or `undefined` where the transition is refused.
 */
export function advance(phase: Phase, name: TransitionName): Phase | undefined {
  return NEXT_PHASE[phase][name];
}

/** What the supervisor remembers of a service. */
export interface SupervisedState {
  /** The phase of its run. */
  readonly phase: Phase;
  /** The id of the run. */
  readonly run?: string;
  /** How many restarts in a row there were. */
  readonly restarts: number;
  /** When this run was proven ready, in milliseconds since 1970. */
  readonly readyAt?: number;
  /** How many health checks in a row failed. */
  readonly failures: number;
  /** When it is restarted, in the phase `backing-off`; ms since 1970. */
  readonly dueAt?: number;
  /** It was restarted too often in a row and is not restarted again. */
  readonly gaveUp?: boolean;
  /** It is not restarted, because services.toml changed since it was started. */
  readonly outdated?: boolean;
}

/** A service that the supervisor has not seen yet. */
export const UNKNOWN: SupervisedState = {
  phase: "down",
  restarts: 0,
  failures: 0,
};

/** What happened to a service. */
export type SupervisionEvent =
  | {
    readonly kind: "spawned";
    readonly run: string;
    /** How many restarts in a row there were before this run. */
    readonly restarts: number;
  }
  | { readonly kind: "ready"; readonly run: string; readonly at: number }
  /** Its checks were run. */
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
    /** It ended too long ago to be restarted, whatever the policy. */
    readonly isOld?: boolean;
  }
  | { readonly kind: "record-removed" };

/** What the supervisor does about it. */
export type SupervisionAction =
  /** Restart it after a delay. */
  | {
    readonly kind: "back-off";
    readonly dueAt: number;
    readonly restarts: number;
  }
  /** Restart it now. */
  | { readonly kind: "replace" }
  /** Report that it is not restarted again. */
  | { readonly kind: "give-up"; readonly restarts: number }
  | { readonly kind: "report-unhealthy" }
  | { readonly kind: "report-healthy" };

/** How a service is supervised. */
export interface SupervisionPolicy {
  /** Whether it is restarted when it ends by itself. */
  readonly restart: RestartPolicy;
  /** How its health is checked. */
  readonly live: Liveness;
}

/** The result of an event. */
export interface Decision {
  /** The next state. */
  readonly state: SupervisedState;
  /** The action, if any. */
  readonly action?: SupervisionAction;
}

/** How long a run must be ready before its restarts count from 0, in milliseconds. */
export const STABLE_TIME = 60_000;

/**
 * Decides the next state and the action of an event.
 *
 * An event of an earlier run, or one that is refused in this phase, changes
 * nothing.
 *
 * @param now The present, in milliseconds since 1970.
 */
export function supervise(
  state: SupervisedState,
  event: SupervisionEvent,
  policy: SupervisionPolicy,
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
      return onCheck(state, event.healthy, policy.live);
    case "exited":
      return onExit(state, event, policy.restart, now);
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
  // A run whose exit was not seen was replaced by a command.
  return { state: { phase: "starting", run, restarts, failures: 0 } };
}

function onCheck(
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

function onExit(
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
  const next: SupervisedState = {
    ...state,
    phase: ended,
    restarts,
    failures: 0,
  };
  // The command that starts a first run reports its failure itself.
  const isFirstStart = state.phase === "starting" && state.restarts === 0;
  if (ended === "down" || isOld || isFirstStart || !mayRestart(policy, exit)) {
    return { state: next };
  }
  if (restarts >= policy.limit) {
    return {
      state: { ...next, gaveUp: true },
      action: { kind: "give-up", restarts },
    };
  }
  const dueAt = now + restartDelay(restarts, policy.delay);
  return transition(next, "retry", { restarts: restarts + 1, dueAt }, {
    kind: "back-off",
    dueAt,
    restarts: restarts + 1,
  });
}

function mayRestart({ when }: RestartPolicy, exit: Exit | undefined): boolean {
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
