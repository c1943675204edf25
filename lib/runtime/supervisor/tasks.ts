/** What the supervisor does in the background, such as a restart. */

/** Background tasks, at most one at a time for each service. */
export class Tasks {
  readonly #onEnd: () => void;
  readonly #tasks = new Map<string, Promise<void>>();

  /**
   * Has no task yet.
   *
   * @param onEnd Called whenever a task has ended, with an error or without.
   */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** How many tasks are in progress. */
  get size(): number {
    return this.#tasks.size;
  }

  /**
   * Begins a task, unless one is in progress for the service.
   *
   * @param work Must report its errors itself: they are dropped here, since they
   * must not end the supervision of the other services.
   */
  begin(service: string, work: () => Promise<void>): void {
    if (this.#tasks.has(service)) return;
    const task = work().catch(() => {}).then(() => {
      this.#tasks.delete(service);
      this.#onEnd();
    });
    this.#tasks.set(service, task);
  }

  /** Returns whether a task is in progress for a service. */
  readonly isBusy = (service: string): boolean => this.#tasks.has(service);

  /** Settles when the present tasks have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#tasks.values());
  }
}
