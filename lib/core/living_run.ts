/**
 * The proof that a service runs which this user's devsvc started from this
 * folder: without it, the commands that only look ask nobody for health, and
 * bring no supervisor back.
 */

import type { Diagnosis } from "./model.ts";

/** A run of which a process lives; only `find` makes one. */
export class LivingRun {
  /** The name of its service. */
  readonly service: string;

  readonly #port: number | undefined;

  private constructor(service: string, port: number | undefined) {
    this.service = service;
    this.#port = port;
  }

  /**
   * Finds the living run of a service.
   *
   * @returns `undefined` where its run record is not believed, or nothing of it
   * lives.
   */
  static find(
    { service, record, tree, holders }: Diagnosis,
  ): LivingRun | undefined {
    if (!record || tree.length === 0) return undefined;
    const members = new Set(tree.map(({ pid }) => pid));
    const isOwned = holders.length > 0 &&
      holders.every(({ pid }) => members.has(pid));
    return new LivingRun(service.name, isOwned ? service.port : undefined);
  }

  /** Whether its processes alone hold its port. */
  get ownsPort(): boolean {
    return this.#port !== undefined;
  }

  /**
   * Returns the port that its processes hold.
   *
   * @throws {Error} Where they do not hold it.
   */
  ownPort(): number {
    if (this.#port === undefined) {
      throw new Error(`${this.service} does not own its port`);
    }
    return this.#port;
  }
}
