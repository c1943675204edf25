/**
 * The wrappers of what lives, and the environments that they were started with.
 *
 * @module
 */

import type { SupervisedState } from "../../core/supervision.ts";
import type { Platform } from "../../platform/platform.ts";
import { readRunRecord } from "../state/run_record.ts";
import type { StateDir } from "../state/state_dir.ts";

/** An environment. */
type Environment = Readonly<Record<string, string>>;

/** The wrappers that a supervisor knows; environments are in memory only. */
export class Wrappers {
  readonly #dir: StateDir;
  readonly #platform: Platform;
  readonly #pids = new Map<string, number>();
  readonly #environments = new Map<string, Environment>();

  /** Knows nobody yet. */
  constructor(dir: StateDir, platform: Platform) {
    this.#dir = dir;
    this.#platform = platform;
  }

  /** Gets to know the wrappers of new runs; the OS is asked once for all. */
  async meet(
    services: readonly string[],
    stateOf: (service: string) => SupervisedState,
  ): Promise<void> {
    const pids = new Map<string, number>();
    for (const service of services) {
      const reading = readRunRecord(this.#dir, service);
      const { phase, run } = stateOf(service);
      const lives = phase === "starting" || phase === "ready";
      if (!lives || reading.kind !== "valid") continue;
      if (reading.record.run === run) pids.set(service, reading.record.pid);
    }
    if (pids.size === 0) return;
    const found = await this.#platform.environments([...pids.values()]);
    for (const [service, pid] of pids) {
      this.#pids.set(service, pid);
      const environment = found.get(pid);
      if (environment) this.#environments.set(service, environment);
    }
  }

  /**
   * Forgets a wrapper that is gone; the environment of its run is kept for the
   * next one.
   */
  forget(service: string): void {
    this.#pids.delete(service);
  }

  /** Tells whether one of them is surely gone. */
  isOneMissing(): boolean {
    return [...this.#pids.values()]
      .some((pid) => !this.#platform.mayExist(pid));
  }

  /**
   * The environment of the last run that was met.
   *
   * @returns It, or `undefined` where it is not known.
   */
  environmentOf(service: string): Environment | undefined {
    return this.#environments.get(service);
  }
}
