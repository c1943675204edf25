/** The wrapper processes of the running services, and their environments. */

import type { SupervisedState } from "../../core/supervision.ts";
import type { Platform } from "../../platform/platform.ts";
import { readRunRecord } from "../state/run_record.ts";
import type { StateDir } from "../state/state_dir.ts";

type Environment = Readonly<Record<string, string>>;

/**
 * The wrappers that a supervisor watches. Their environments, by which a service
 * is started again, may hold secrets: they are in memory only.
 */
export class Wrappers {
  readonly #dir: StateDir;
  readonly #platform: Platform;
  readonly #pids = new Map<string, number>();
  readonly #environments = new Map<string, Environment>();

  /** Watches no wrapper yet. */
  constructor(dir: StateDir, platform: Platform) {
    this.#dir = dir;
    this.#platform = platform;
  }

  /** Adds the wrappers of new runs, with one query for all environments. */
  async add(
    services: readonly string[],
    stateOf: (service: string) => SupervisedState,
  ): Promise<void> {
    const pids = new Map<string, number>();
    for (const service of services) {
      const reading = readRunRecord(this.#dir, service);
      const { phase, run } = stateOf(service);
      const isAlive = phase === "starting" || phase === "ready";
      if (!isAlive || reading.kind !== "valid") continue;
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

  /** Removes a wrapper; the environment is kept for the next run. */
  remove(service: string): void {
    this.#pids.delete(service);
  }

  /** Returns whether at least one of the wrappers has certainly ended. */
  hasEnded(): boolean {
    return [...this.#pids.values()]
      .some((pid) => !this.#platform.mayExist(pid));
  }

  /** Returns the environment of the last run of a service, where it is known. */
  environmentOf(service: string): Environment | undefined {
    return this.#environments.get(service);
  }
}
