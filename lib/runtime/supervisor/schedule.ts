/**
 * How long the supervisor rests between its rounds.
 *
 * @module
 */

import type { SupervisedState } from "../../core/supervision.ts";

/** How often the wrappers are looked at, in milliseconds. */
const TICK_INTERVAL = 2_000;

/** How often all is read again although nothing woke it, in milliseconds. */
const FULL_INTERVAL = 30_000;

/** How often it tries to leave once nothing is left, in milliseconds. */
const LEAVE_INTERVAL = 50;

/** Changes of a file come as several events; they are taken as one, in ms. */
const GATHER_TIME = 15;

/**
 * How much longer than a reading it waits for more at the least: the run records of
 * a hundred services change for some time while they start, and the machine is
 * theirs.
 */
const GATHER_PER_READING = 4;

/** But no longer than that, however slow the tools of the machine are, in ms. */
const GATHER_MAX = 250;

/** What the rest depends on. */
export interface Load {
  /** Nothing is left to be kept. */
  readonly isIdle: boolean;
  /** What is remembered of the services that nothing is done about now. */
  readonly state: readonly SupervisedState[];
  /** When a service is looked at next, in milliseconds since 1970. */
  readonly nextCheck: number;
  /** The present, in milliseconds since 1970. */
  readonly now: number;
}

/**
 * Tells until when nothing is due.
 *
 * @returns The rest in milliseconds.
 */
export function restTime({ isIdle, state, nextCheck, now }: Load): number {
  if (isIdle) return LEAVE_INTERVAL;
  const dues = state.flatMap(({ phase, dueAt }) =>
    phase === "pausing" && dueAt !== undefined ? [dueAt] : []
  );
  const next = Math.min(nextCheck, ...dues);
  return Math.max(0, Math.min(TICK_INTERVAL, next - now));
}

/**
 * Tells how long to wait for more once something has changed.
 *
 * @param readCost How long the last reading took, in milliseconds.
 * @returns The wait in milliseconds.
 */
export function gatherTime(readCost: number): number {
  const wanted = readCost * GATHER_PER_READING;
  return Math.max(GATHER_TIME, Math.min(GATHER_MAX, wanted));
}

/**
 * Tells whether all is to be read again although nothing woke it.
 *
 * @param readAt When it was read, in milliseconds since 1970.
 * @param now The present, in milliseconds since 1970.
 */
export function isStale(readAt: number, now: number): boolean {
  return now - readAt > FULL_INTERVAL;
}
