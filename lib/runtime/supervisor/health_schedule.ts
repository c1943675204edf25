/**
 * When the health of services is to be looked at.
 *
 * @module
 */

import type { Service } from "../../core/model.ts";

/** What is due somewhat later is looked at along with the rest. */
const GATHER_MAX = 2_000;

/** No look comes earlier than by this part of its pause. */
const GATHER_PART = 0.25;

/** The times of the next looks, by service. */
export class HealthSchedule {
  readonly #dues = new Map<string, { at: number; every: number }>();

  /**
   * Plans the next look at a service; none where it is not watched.
   *
   * @param now The present, in milliseconds since 1970.
   */
  plan({ name, live: { every } }: Service, now: number): void {
    if (every > 0) this.#dues.set(name, { at: now + every, every });
    else this.#dues.delete(name);
  }

  /** Plans no more looks at a service. */
  drop(name: string): void {
    this.#dues.delete(name);
  }

  /**
   * Tells when the next look is due.
   *
   * @returns The time; `Infinity` where none is planned.
   */
  next(isBusy: (name: string) => boolean): number {
    const times = [...this.#dues].flatMap(([name, { at }]) =>
      isBusy(name) ? [] : [at]
    );
    return Math.min(Infinity, ...times);
  }

  /**
   * Names those whose look is due, or soon will be: one look at the machine is
   * for all of them.
   *
   * @param now The present, in milliseconds since 1970.
   * @returns Their names; none where no look is due.
   */
  due(now: number, isBusy: (name: string) => boolean): ReadonlySet<string> {
    if (this.next(isBusy) > now) return new Set();
    const isSoon = ({ at, every }: { at: number; every: number }) =>
      at <= now + Math.min(GATHER_MAX, every * GATHER_PART);
    return new Set(
      [...this.#dues].flatMap(([name, due]) =>
        isSoon(due) && !isBusy(name) ? [name] : []
      ),
    );
  }
}
