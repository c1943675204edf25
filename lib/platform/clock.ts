/**
 * The time, handed in so that tests step it.
 *
 * @module
 */

/** A time to come that can be waited for, and given up by disposing of it. */
export interface Timer extends Disposable {
  /** Settles when the time has come. */
  readonly passed: Promise<undefined>;
}

/** What tells the time. */
export interface Clock {
  /** The time of day, in milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some start; it never jumps. */
  elapsed(): number;
  /** Starts a timer; one that was disposed of keeps no program alive. */
  timer(milliseconds: number): Timer;
  /** A signal that is aborted after some milliseconds. */
  timeout(milliseconds: number): AbortSignal;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  timer: startTimer,
  timeout: (milliseconds) => AbortSignal.timeout(Math.ceil(milliseconds)),
};

/**
 * Starts a timer of `AbortSignal`: the first `setTimeout` of a run takes 4 to
 * 8 ms (docs/decisions/0005).
 */
function startTimer(milliseconds: number): Timer {
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

/** Waits for one turn of the event loop: what is due by now has happened. */
export async function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve();
  port2.postMessage(undefined);
  await promise;
  port1.close();
  port2.close();
}
