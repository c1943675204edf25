/**
 * Waiting for a condition: there is no fixed sleep in devsvc.
 *
 * @module
 */

import type { Clock } from "../platform/clock.ts";

/** How long the pauses between two looks at a condition are. */
export interface Backoff {
  /** The first pause in milliseconds. */
  readonly first: number;
  /** The longest pause in milliseconds. */
  readonly last: number;
  /** By how much each pause is longer than the one before. */
  readonly factor: number;
}

/** Readiness: quick at first, cheap later. */
export const READY_BACKOFF: Backoff = { first: 25, last: 250, factor: 1.3 };

/** The end of processes: most are gone within milliseconds. */
export const STOP_BACKOFF: Backoff = { first: 5, last: 60, factor: 1.6 };

/** Pauses for some milliseconds, or returns early when aborted. */
export async function pause(
  clock: Clock,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted) return;
  using timer = clock.timer(milliseconds);
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  signal?.addEventListener("abort", end);
  await Promise.race([timer.passed, promise]);
  signal?.removeEventListener("abort", end);
}

/** How often a hint is asked for. */
const HINT_BACKOFF: Backoff = { first: 1, last: 10, factor: 1.3 };

/**
 * Pauses until a hint says that the condition is worth a check, at most for
 * some milliseconds.
 *
 * @param hint It must cost next to nothing.
 */
export async function pauseForHint(
  clock: Clock,
  hint: () => boolean,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const end = clock.elapsed() + milliseconds;
  let gap = HINT_BACKOFF.first;
  while (!signal.aborted && !hint()) {
    const left = end - clock.elapsed();
    if (left <= 0) return;
    await pause(clock, Math.min(gap, left), signal);
    gap = Math.min(gap * HINT_BACKOFF.factor, HINT_BACKOFF.last);
  }
}

/** How a wait ended. */
export type Waited<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" };

/**
 * Checks a condition, at least once, until it gives a value, the time is up or
 * it is aborted.
 *
 * @param check Gives a value when the condition holds, else `undefined`.
 */
export async function waitFor<T>(
  clock: Clock,
  check: () => Promise<T | undefined>,
  options: {
    /** In milliseconds. */
    readonly timeout: number;
    readonly backoff: Backoff;
    readonly signal?: AbortSignal | undefined;
    /** Each ends a pause early, once. */
    readonly wakes?: readonly AbortSignal[];
    /** Ends a pause early; it must cost next to nothing. */
    readonly hint?: () => boolean;
  },
): Promise<Waited<T>> {
  const { timeout, backoff, signal, hint } = options;
  const end = clock.elapsed() + timeout;
  let gap = backoff.first;
  let wakes = options.wakes ?? [];
  while (true) {
    // One that has fired would turn every later pause into a busy loop.
    wakes = wakes.filter(({ aborted }) => !aborted);
    const value = await check();
    if (value !== undefined) return { kind: "done", value };
    if (signal?.aborted) return { kind: "aborted" };
    const left = end - clock.elapsed();
    if (left <= 0) return { kind: "timeout" };
    const early = AbortSignal.any(signal ? [signal, ...wakes] : [...wakes]);
    const rest = Math.min(gap, left);
    await (hint
      ? pauseForHint(clock, hint, rest, early)
      : pause(clock, rest, early));
    // What has just changed is likely to change again soon.
    const wasWoken = wakes.some(({ aborted }) => aborted);
    gap = wasWoken
      ? backoff.first
      : Math.min(gap * backoff.factor, backoff.last);
  }
}
