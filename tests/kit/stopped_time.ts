/**
 * What the tests of waiting share.
 *
 * @module
 */

/**
 * Stops the time of `performance.now()`, until it is disposed of: it passes as
 * the test says, however busy the machine is.
 *
 * @returns The time, in milliseconds.
 */
export function stopTime(): Disposable & { now: number } {
  const real = performance.now;
  const time = {
    now: 1_000,
    [Symbol.dispose]: () => {
      performance.now = real;
    },
  };
  performance.now = () => time.now;
  return time;
}
