/**
 * What the keeper says: its note, which others read, and the lines of the
 * journal.
 *
 * @module
 */

import type { ServiceEvent } from "../../core/events.ts";
import type { Kept, Order } from "../../core/supervision.ts";
import type { Identity } from "../../core/model.ts";
import {
  PROGRAM_VERSION,
  removeKeeperNote,
  type ServiceNote,
  type Unfinished,
  writeKeeperNote,
} from "./status_file.ts";
import type { StateDir } from "../state/state_dir.ts";

type AllKept = ReadonlyMap<string, Kept>;

/** The note of a keeper, written whenever it changes. */
export class KeeperVoice {
  /** Services that are stopped to be started again. */
  readonly again: Map<string, Unfinished> = new Map();
  readonly #dir: StateDir;
  readonly #self: Identity;
  #told = "";

  /**
   * Says nothing yet.
   *
   * @param dir The places of the project.
   * @param self The keeper.
   */
  constructor(dir: StateDir, self: Identity) {
    this.#dir = dir;
    this.#self = self;
  }

  /**
   * Writes the note, where it is not what was written last.
   *
   * @param kept What the keeper remembers, by service.
   */
  async tell(kept: AllKept): Promise<void> {
    const note = {
      version: 1,
      ...this.#self,
      program: PROGRAM_VERSION,
      services: notesOf(kept),
      again: Object.fromEntries(this.again),
    } as const;
    const text = JSON.stringify(note);
    if (text === this.#told) return;
    this.#told = text;
    await writeKeeperNote(this.#dir, note);
  }

  /**
   * Takes the note away, unless it tells what is still to be told: what was
   * given up.
   *
   * @param kept What the keeper remembers, by service.
   */
  async leave(kept: AllKept): Promise<void> {
    if (![...kept.values()].some(({ gaveUp }) => gaveUp)) {
      await removeKeeperNote(this.#dir);
    }
  }
}

function notesOf(kept: AllKept): Readonly<Record<string, ServiceNote>> {
  const services: Record<string, ServiceNote> = {};
  for (const [name, { run, phase, restarts, dueAt, gaveUp }] of kept) {
    if (run === undefined || phase === "down") continue;
    if (restarts === 0 && !gaveUp) continue;
    services[name] = {
      run,
      restarts,
      ...(phase === "pausing" && dueAt !== undefined
        ? { dueAt: new Date(dueAt).toISOString() }
        : {}),
      ...(gaveUp ? { gaveUp } : {}),
    };
  }
  return services;
}

/**
 * Says what the keeper was ordered to do about a service.
 *
 * @param service Its name.
 * @param order The order.
 * @param now When it was given, in milliseconds since 1970.
 * @returns What is written to the journal.
 */
export function eventOf(
  service: string,
  order: Order,
  now: number,
): ServiceEvent {
  switch (order.kind) {
    case "pause": {
      const { restarts, dueAt } = order;
      return { kind: "pausing", service, restarts, pause: dueAt - now };
    }
    case "give-up":
      return { kind: "gave-up", service, restarts: order.restarts };
    case "tell-healthy":
      return { kind: "healthy", service };
    case "replace":
    case "tell-unhealthy":
      return { kind: "unhealthy", service };
  }
}
