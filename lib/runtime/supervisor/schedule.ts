/** When the supervisor acts next: its ticks, restarts and health checks. */

import type { Service } from "../../core/model.ts";
import type { SupervisedState } from "../../core/supervision.ts";

/** How often the wrappers are checked, in milliseconds. */
const TICK_INTERVAL = 2_000;

/** How often all run records are read without a change, in milliseconds. */
const FULL_INTERVAL = 30_000;

/** How often an idle supervisor tries to exit, in milliseconds. */
const EXIT_INTERVAL = 50;

/** One change of a file comes as several events within this time, in ms. */
const DEBOUNCE_MIN = 15;

/**
 * How many times longer than a reading the debounce is at least: while a hundred
 * services start, their run records keep changing, and reading them each time
 * would take the processor from the services.
 */
const DEBOUNCE_PER_READING = 4;

/** The longest debounce, however slow the reading is, in milliseconds. */
const DEBOUNCE_MAX = 250;

/**
 * Returns how long nothing is due.
 *
 * @param load `states` leaves out the services with a task in progress; times
 * are in milliseconds since 1970.
 * @returns The pause in milliseconds.
 */
export function pauseTime({ isIdle, states, nextCheck, now }: {
  readonly isIdle: boolean;
  readonly states: readonly SupervisedState[];
  readonly nextCheck: number;
  readonly now: number;
}): number {
  if (isIdle) return EXIT_INTERVAL;
  const restarts = states.flatMap(({ phase, dueAt }) =>
    phase === "backing-off" && dueAt !== undefined ? [dueAt] : []
  );
  const next = Math.min(nextCheck, ...restarts);
  return Math.max(0, Math.min(TICK_INTERVAL, next - now));
}

/**
 * Returns how long to wait for further changes after the first one.
 *
 * @param readingTime How long the last reading took, in milliseconds.
 * @returns The time in milliseconds.
 */
export function debounceTime(readingTime: number): number {
  const wanted = readingTime * DEBOUNCE_PER_READING;
  return Math.max(DEBOUNCE_MIN, Math.min(DEBOUNCE_MAX, wanted));
}

/**
 * Returns whether everything is to be read although nothing has changed; both
 * times are in milliseconds since 1970.
 */
export function isStale(readAt: number, now: number): boolean {
  return now - readAt > FULL_INTERVAL;
}

/** Health checks that are due so much later run together, in milliseconds. */
const COALESCE_MAX = 2_000;

/** No check runs earlier than by this part of its interval. */
const COALESCE_PART = 0.25;

/** A planned health check. */
interface PlannedCheck {
  readonly at: number;
  readonly every: number;
}

/** When the health of each service is checked next. */
export class HealthSchedule {
  readonly #checks = new Map<string, PlannedCheck>();

  /**
   * Plans the next check of a service, unless services.toml asks for none.
   *
   * @param now In milliseconds since 1970.
   */
  plan({ name, live: { every } }: Service, now: number): void {
    if (every > 0) this.#checks.set(name, { at: now + every, every });
    else this.#checks.delete(name);
  }

  /** Cancels the checks of a service. */
  cancel(name: string): void {
    this.#checks.delete(name);
  }

  /**
   * Returns when the next check is due, in milliseconds since 1970; `Infinity`
   * where none is planned.
   */
  next(isBusy: (name: string) => boolean): number {
    const times = [...this.#checks].flatMap(([name, { at }]) =>
      isBusy(name) ? [] : [at]
    );
    return Math.min(Infinity, ...times);
  }

  /**
   * Returns the services whose check is due, and those whose check is due soon:
   * one snapshot of the machine serves them all.
   *
   * @param now In milliseconds since 1970.
   * @returns None while no check is due.
   */
  due(now: number, isBusy: (name: string) => boolean): ReadonlySet<string> {
    if (this.next(isBusy) > now) return new Set();
    const isSoon = ({ at, every }: PlannedCheck) =>
      at <= now + Math.min(COALESCE_MAX, every * COALESCE_PART);
    return new Set(
      [...this.#checks].flatMap(([name, check]) =>
        isSoon(check) && !isBusy(name) ? [name] : []
      ),
    );
  }
}
