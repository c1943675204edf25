/**
 * The life of a service under the eyes of the keeper: its phases, the moves
 * between them, and what is due after each. Pure; the clock is an argument.
 *
 * @module
 */

import type { Exit } from "./exit.ts";
import {
  type Liveness,
  MAX_RESTART_DELAY,
  type RestartPolicy,
} from "./model.ts";

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
  /** Ended by itself and is started again after a pause. */
  "pausing",
] as const;

/** One of {@linkcode PHASES}. */
export type Phase = typeof PHASES[number];

/** What can happen to a service. */
export const MOVES = [
  /** A new run of it began. */
  "spawn",
  /** It was proven ready. */
  "prove",
  /** Its checks failed often enough. */
  "sicken",
  /** Its checks pass again. */
  "recover",
  /** It was asked to stop. */
  "ask",
  /** Its run ended without being asked to. */
  "end",
  /** It is to be started again. */
  "retry",
  /** Nothing is left of its run, not even its lease. */
  "vanish",
] as const;

/** One of {@linkcode MOVES}. */
export type Move = typeof MOVES[number];

/** Where each move leads; what is not here is refused. */
export const TRANSITIONS: Readonly<
  Record<Phase, Readonly<Partial<Record<Move, Phase>>>>
> = {
  down: { spawn: "starting" },
  starting: {
    prove: "ready",
    sicken: "unhealthy",
    ask: "stopping",
    end: "ended",
    vanish: "down",
  },
  ready: {
    sicken: "unhealthy",
    ask: "stopping",
    end: "ended",
    vanish: "down",
  },
  unhealthy: {
    recover: "ready",
    // Whoever starts it may see it ready after all.
    prove: "ready",
    ask: "stopping",
    end: "ended",
    vanish: "down",
  },
  // A stop that was interrupted leaves it running: the next one asks again.
  stopping: { ask: "stopping", end: "down", vanish: "down" },
  ended: { retry: "pausing", spawn: "starting", ask: "down", vanish: "down" },
  pausing: { spawn: "starting", ask: "down", vanish: "down" },
};

/**
 * Moves a service from one phase to the next.
 *
 * @param phase Where it is.
 * @param move What happened.
 * @returns Where it is then, or `undefined` if that cannot happen there.
 */
export function advance(phase: Phase, move: Move): Phase | undefined {
  return TRANSITIONS[phase][move];
}

/** What the keeper remembers of a service. */
export interface Kept {
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
  /** In the phase `pausing`: when it is started again. */
  readonly dueAt?: number;
  /** It was started again too often in a row and is left alone. */
  readonly gaveUp?: boolean;
}

/** A service that the keeper has not seen yet. */
export const UNKNOWN: Kept = { phase: "down", restarts: 0, failures: 0 };

/** What the keeper sees of a service. */
export type Sight =
  | {
    readonly kind: "spawn";
    readonly run: string;
    /** How often in a row it was started again before this run. */
    readonly restarts: number;
  }
  | { readonly kind: "prove"; readonly run: string; readonly at: number }
  /** Its checks were asked. */
  | { readonly kind: "look"; readonly run: string; readonly healthy: boolean }
  | { readonly kind: "ask"; readonly run: string }
  | {
    readonly kind: "end";
    readonly run: string;
    /** How it ended, where that is known. */
    readonly exit?: Exit;
    /** Not to be started again, whatever the policy. */
    readonly isOld?: boolean;
  }
  | { readonly kind: "vanish" };

/** What the keeper has to do. */
export type Order =
  /** Start it again when its pause is over. */
  | {
    readonly kind: "pause";
    readonly dueAt: number;
    readonly restarts: number;
  }
  /** Stop it and start it again, now. */
  | { readonly kind: "replace" }
  /** Tell that it is left alone after so many restarts. */
  | { readonly kind: "give-up"; readonly restarts: number }
  | { readonly kind: "tell-unhealthy" }
  | { readonly kind: "tell-healthy" };

/** How a service is to be kept. */
export interface Rules {
  /** What happens when it ends by itself. */
  readonly restart: RestartPolicy;
  /** How it is watched. */
  readonly live: Liveness;
}

/** What follows from a sight. */
export interface Verdict {
  /** What the keeper remembers from now on. */
  readonly kept: Kept;
  /** What it has to do, if anything. */
  readonly order?: Order;
}

/** A run that was ready for so long, in milliseconds, begins a new row. */
export const STABLE_TIME = 60_000;

/**
 * Decides what follows from what was seen of a service.
 *
 * What was seen of an earlier run, and what cannot happen in this phase, is
 * refused: the memory stays as it is and nothing is to be done.
 *
 * @param kept What the keeper remembers.
 * @param sight What it sees.
 * @param rules How the service is to be kept.
 * @param now The present, in milliseconds since 1970.
 * @returns What it remembers then, and what it has to do.
 */
export function supervise(
  kept: Kept,
  sight: Sight,
  rules: Rules,
  now: number,
): Verdict {
  if (sight.kind === "spawn") return onSpawn(kept, sight);
  if (sight.kind === "vanish") {
    const phase = advance(kept.phase, "vanish");
    return { kept: phase === undefined ? kept : UNKNOWN };
  }
  if (sight.run !== kept.run) return { kept };
  switch (sight.kind) {
    case "prove":
      return move(kept, "prove", { readyAt: sight.at, failures: 0 });
    case "ask":
      return move(kept, "ask", {});
    case "look":
      return onLook(kept, sight.healthy, rules.live);
    case "end":
      return onEnd(kept, sight, rules.restart, now);
  }
}

function move(
  kept: Kept,
  name: Move,
  changes: Partial<Kept>,
  order?: Order,
): Verdict {
  const phase = advance(kept.phase, name);
  if (phase === undefined) return { kept };
  return { kept: { ...kept, ...changes, phase }, ...(order ? { order } : {}) };
}

function onSpawn(
  kept: Kept,
  { run, restarts }: Extract<Sight, { kind: "spawn" }>,
): Verdict {
  if (run === kept.run) return { kept };
  // A run that it did not see end was replaced by a command.
  return { kept: { phase: "starting", run, restarts, failures: 0 } };
}

function onLook(kept: Kept, healthy: boolean, live: Liveness): Verdict {
  if (healthy) {
    return kept.phase === "unhealthy"
      ? move(kept, "recover", { failures: 0 }, { kind: "tell-healthy" })
      : { kept: { ...kept, failures: 0 } };
  }
  if (kept.phase !== "ready") return { kept };
  const failures = kept.failures + 1;
  if (failures < live.failures) return { kept: { ...kept, failures } };
  return move(kept, "sicken", { failures }, {
    kind: live.restart ? "replace" : "tell-unhealthy",
  });
}

function onEnd(
  kept: Kept,
  { exit, isOld }: Extract<Sight, { kind: "end" }>,
  policy: RestartPolicy,
  now: number,
): Verdict {
  const ended = advance(kept.phase, "end");
  if (ended === undefined) return { kept };
  const wasStable = kept.readyAt !== undefined &&
    now - kept.readyAt >= STABLE_TIME;
  const restarts = wasStable ? 0 : kept.restarts;
  const left: Kept = { ...kept, phase: ended, restarts, failures: 0 };
  // A first run that never was ready is the business of who started it.
  const isStarters = kept.phase === "starting" && kept.restarts === 0;
  if (ended === "down" || isOld || isStarters || !isDue(policy, exit)) {
    return { kept: left };
  }
  if (restarts >= policy.limit) {
    return {
      kept: { ...left, gaveUp: true },
      order: { kind: "give-up", restarts },
    };
  }
  const dueAt = now + pauseBefore(restarts, policy.delay);
  return move(left, "retry", { restarts: restarts + 1, dueAt }, {
    kind: "pause",
    dueAt,
    restarts: restarts + 1,
  });
}

function isDue({ when }: RestartPolicy, exit: Exit | undefined): boolean {
  if (when !== "on-failure") return when === "always";
  return exit === undefined || exit.code !== 0 || exit.signal !== null;
}

/**
 * The pause before a restart: each is twice as long as the one before.
 *
 * @param restarts How often it was started again in a row already.
 * @param delay The first pause, in milliseconds.
 * @returns The pause in milliseconds, at most {@linkcode MAX_RESTART_DELAY}.
 */
export function pauseBefore(restarts: number, delay: number): number {
  return Math.min(delay * 2 ** restarts, Math.max(MAX_RESTART_DELAY, delay));
}
