/**
 * Waiting, and nothing but waiting for a condition: there is no fixed sleep in
 * devsvc.
 *
 * @module
 */

import { startTimer } from "../platform/timer.ts";

/** How often a condition is looked at: from `first` to `last`, growing. */
export interface Backoff {
  /** The first pause in milliseconds. */
  readonly first: number;
  /** The longest pause in milliseconds. */
  readonly last: number;
  /** By how much each pause is longer than the one before. */
  readonly factor: number;
}

/** Readiness: quick at first, never a burden. */
export const READY_BACKOFF: Backoff = { first: 25, last: 250, factor: 1.3 };

/** The end of processes: most are gone within milliseconds. */
export const STOP_BACKOFF: Backoff = { first: 5, last: 60, factor: 1.6 };

/**
 * Pauses, or returns early when aborted.
 *
 * @param ms The pause in milliseconds.
 */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  using timer = startTimer(ms);
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => resolve();
  signal?.addEventListener("abort", end);
  await Promise.race([timer.passed, promise]);
  signal?.removeEventListener("abort", end);
}

/** How often a hint is asked for. */
const HINT_BACKOFF: Backoff = { first: 1, last: 10, factor: 1.3 };

/**
 * Pauses until a hint says that it is worth while to look, or as long as told.
 *
 * @param hint Tells whether it is; it must cost next to nothing.
 * @param ms The pause in milliseconds.
 */
export async function pauseForHint(
  hint: () => boolean,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const end = performance.now() + ms;
  let gap = HINT_BACKOFF.first;
  while (!signal.aborted && !hint()) {
    const left = end - performance.now();
    if (left <= 0) return;
    await pause(Math.min(gap, left), signal);
    gap = Math.min(gap * HINT_BACKOFF.factor, HINT_BACKOFF.last);
  }
}

/** How a wait ended. */
export type Waited<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" };

/**
 * Looks at a condition until it gives a value, the time is up, or it is
 * aborted; it looks at least once.
 *
 * @param look Gives a value when the condition holds, else `undefined`.
 * @param options The time in milliseconds, the cadence and what aborts it.
 */
export async function waitFor<T>(
  look: () => Promise<T | undefined>,
  options: {
    readonly timeout: number;
    readonly backoff: Backoff;
    readonly signal?: AbortSignal | undefined;
    /** Each ends a pause early, once: the condition is looked at at once. */
    readonly wakes?: readonly AbortSignal[];
    /** Ends a pause early where it says that it is worth while to look. */
    readonly hint?: () => boolean;
  },
): Promise<Waited<T>> {
  const { timeout, backoff, signal, hint } = options;
  const end = performance.now() + timeout;
  let gap = backoff.first;
  let wakes = options.wakes ?? [];
  while (true) {
    // One that has fired would turn every later pause into a busy loop.
    wakes = wakes.filter(({ aborted }) => !aborted);
    const value = await look();
    if (value !== undefined) return { kind: "done", value };
    if (signal?.aborted) return { kind: "aborted" };
    const left = end - performance.now();
    if (left <= 0) return { kind: "timeout" };
    const early = AbortSignal.any(signal ? [signal, ...wakes] : [...wakes]);
    const rest = Math.min(gap, left);
    await (hint ? pauseForHint(hint, rest, early) : pause(rest, early));
    // What has just changed is likely to change again soon.
    const wasWoken = wakes.some(({ aborted }) => aborted);
    gap = wasWoken
      ? backoff.first
      : Math.min(gap * backoff.factor, backoff.last);
  }
}
