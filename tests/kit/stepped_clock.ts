/**
 * Clocks for tests, on which time passes as the test says, however busy the machine
 * is.
 */

import { type Clock, systemClock } from "../../lib/platform/clock.ts";

/** A clock that stands still until it is stepped. */
export interface SteppedClock extends Clock {
  /** Lets time pass, and fires the timers that are due. */
  step(milliseconds: number): void;
}

/** Makes a clock that stands still at an arbitrary time. */
export function steppedClock(): SteppedClock {
  const begin = Date.parse("2026-11-21T10:00:00Z");
  const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
  let time = 1_000;
  const alarm = (milliseconds: number, ring: () => void) => {
    const entry = { at: time + milliseconds, ring };
    alarms.add(entry);
    return () => void alarms.delete(entry);
  };
  return {
    now: () => begin + time,
    elapsed: () => time,
    timer: (milliseconds) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const cancel = alarm(milliseconds, () => resolve(undefined));
      return { passed: promise, [Symbol.dispose]: cancel };
    },
    timeout: (milliseconds) => {
      const controller = new AbortController();
      alarm(milliseconds, () => controller.abort());
      return controller.signal;
    },
    step: (milliseconds) => {
      time += milliseconds;
      for (const entry of [...alarms]) {
        if (entry.at > time) continue;
        alarms.delete(entry);
        entry.ring();
      }
    },
  };
}

/**
 * Makes a clock on which every timer fires at once and moves the clock by its time,
 * for code that waits for one timer at a time.
 */
export function skippingClock(): Clock {
  let skipped = 0;
  return {
    now: () => systemClock.now() + skipped,
    elapsed: () => systemClock.elapsed() + skipped,
    timer: (milliseconds) => {
      skipped += milliseconds;
      return systemClock.timer(0);
    },
    timeout: (milliseconds) => systemClock.timeout(milliseconds),
  };
}
