/** Waiting for a condition, by checks with a backoff. */

import type { Clock } from "../platform/clock.ts";

/** The pauses between the checks of a condition. */
export interface Backoff {
  /** The first pause, in milliseconds. */
  readonly first: number;
  /** The longest pause, in milliseconds. */
  readonly last: number;
  /** The ratio of each pause to the one before. */
  readonly factor: number;
}

/** For readiness: quick at first, cheap later. */
export const READY_BACKOFF: Backoff = { first: 25, last: 250, factor: 1.3 };

/** For the end of processes, most of which take some milliseconds. */
export const STOP_BACKOFF: Backoff = { first: 5, last: 60, factor: 1.6 };

/** Pauses for some milliseconds, or until aborted. */
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

/** How often a hint is checked. */
const HINT_BACKOFF: Backoff = { first: 1, last: 10, factor: 1.3 };

/**
 * Pauses until a hint says that the condition may hold, for some milliseconds at
 * most.
 *
 * @param hint Called every few milliseconds, so it must be cheap.
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

/** The result of a wait. */
type Waited<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" };

/**
 * Checks a condition, at least once, until it holds, the time is up, or it is
 * aborted.
 *
 * @param check Returns a value once the condition holds, `undefined` before.
 */
export async function waitFor<T>(
  clock: Clock,
  check: () => Promise<T | undefined>,
  options: {
    /** In milliseconds. */
    readonly timeout: number;
    readonly backoff: Backoff;
    readonly signal?: AbortSignal | undefined;
    /** Each ends one pause early. */
    readonly wakes?: readonly AbortSignal[];
    /** Ends a pause early; called every few milliseconds, so it must be cheap. */
    readonly hint?: () => boolean;
  },
): Promise<Waited<T>> {
  const { timeout, backoff, signal, hint } = options;
  const end = clock.elapsed() + timeout;
  let gap = backoff.first;
  let wakes = options.wakes ?? [];
  while (true) {
    // A wake that has fired would end every later pause at once.
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
    // After one change another one is likely to follow soon.
    const wasWoken = wakes.some(({ aborted }) => aborted);
    gap = wasWoken
      ? backoff.first
      : Math.min(gap * backoff.factor, backoff.last);
  }
}
