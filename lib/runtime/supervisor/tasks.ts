/**
 * What the supervisor does about services beside all else.
 *
 * @module
 */

/** The things under way, one at a time for each service. */
export class Tasks {
  readonly #onEnd: () => void;
  readonly #tasks = new Map<string, Promise<void>>();

  /**
   * Does nothing yet.
   *
   * @param onEnd Is told whenever something has ended, well or not.
   */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** How many are under way. */
  get size(): number {
    return this.#tasks.size;
  }

  /**
   * Does something about a service, unless something is done about it already.
   *
   * @param work What is done. That it fails must not end the care for the
   * others: it is to tell of it by itself.
   */
  begin(service: string, work: () => Promise<void>): void {
    if (this.#tasks.has(service)) return;
    const task = work().catch(() => {}).then(() => {
      this.#tasks.delete(service);
      this.#onEnd();
    });
    this.#tasks.set(service, task);
  }

  /** Tells whether something is done about a service. */
  readonly isBusy = (service: string): boolean => this.#tasks.has(service);

  /** Settles when all that is under way now has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#tasks.values());
  }
}
