/** A timer; disposing of it cancels it. */
export interface Timer extends Disposable {
  /** Settles when the time is over. */
  readonly passed: Promise<undefined>;
}

/** The time that the runtime is handed, so that tests can step it. */
export interface Clock {
  /** The time in milliseconds since 1970. */
  now(): number;
  /** Monotonic time in milliseconds. */
  elapsed(): number;
  /** Starts a timer, which keeps the program alive until it is disposed of. */
  timer(milliseconds: number): Timer;
  /** Returns a signal that is aborted after some milliseconds. */
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
 * Uses `AbortSignal`, because the first `setTimeout` of a run takes 4 to 8 ms
 * (docs/decisions/0005).
 */
function startTimer(milliseconds: number): Timer {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const signal = AbortSignal.timeout(Math.ceil(milliseconds));
  const listener = () => resolve(undefined);
  signal.addEventListener("abort", listener);
  return {
    passed: promise,
    // A signal without listeners does not keep the program alive.
    [Symbol.dispose]: () => signal.removeEventListener("abort", listener),
  };
}

/** Waits for one turn of the event loop, in which everything runs that is due. */
export async function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => resolve();
  port2.postMessage(undefined);
  await promise;
  port1.close();
  port2.close();
}
