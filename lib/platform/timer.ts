/**
 * Timers without `setTimeout`, whose first call takes 4 to 8 ms (Deno 2.9.6).
 *
 * @module
 */

/** A timer that can be waited for and cancelled. */
export interface Timer extends Disposable {
  /** Settles when the time has passed. */
  readonly passed: Promise<undefined>;
}

/**
 * Starts a timer.
 *
 * @returns The timer; cancelled, it no longer keeps the program alive.
 */
export function startTimer(milliseconds: number): Timer {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const signal = AbortSignal.timeout(Math.ceil(milliseconds));
  const listener = () => resolve(undefined);
  signal.addEventListener("abort", listener);
  return {
    passed: promise,
    // Without a listener the timer no longer keeps the program alive.
    [Symbol.dispose]: () => signal.removeEventListener("abort", listener),
  };
}

/**
 * Waits for one turn of the event loop: whatever is due by now has happened.
 */
export async function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve();
  port2.postMessage(undefined);
  await promise;
  port1.close();
  port2.close();
}
