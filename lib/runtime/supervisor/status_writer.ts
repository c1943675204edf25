/**
 * What the supervisor says: its note, which others read, and the lines of the
 * journal.
 *
 * @module
 */

import type { ServiceEvent } from "../../core/events.ts";
import type {
  SupervisedState,
  SupervisionAction,
} from "../../core/supervision.ts";
import type { Identity } from "../../core/model.ts";
import {
  type PendingRestart,
  PROGRAM_VERSION,
  removeStatusFile,
  type ServiceStatus,
  writeStatusFile,
} from "./status_file.ts";
import type { StateDir } from "../state/state_dir.ts";

type SupervisedStates = ReadonlyMap<string, SupervisedState>;

/** The note of a supervisor, written whenever it changes. */
export class StatusWriter {
  /** Services that are stopped to be started again. */
  readonly again: Map<string, PendingRestart> = new Map();
  readonly #dir: StateDir;
  readonly #self: Identity;
  #written = "";

  /** Says nothing yet. */
  constructor(dir: StateDir, self: Identity) {
    this.#dir = dir;
    this.#self = self;
  }

  /** Writes the note, where it is not what was written last. */
  write(state: SupervisedStates): void {
    const status = {
      version: 1,
      ...this.#self,
      program: PROGRAM_VERSION,
      services: notesOf(state),
      again: Object.fromEntries(this.again),
    } as const;
    const text = JSON.stringify(status);
    if (text === this.#written) return;
    this.#written = text;
    writeStatusFile(this.#dir, status);
  }

  /**
   * Takes the note away, unless it tells what is still to be told: what was
   * given up.
   */
  leave(state: SupervisedStates): void {
    if (![...state.values()].some(({ gaveUp }) => gaveUp)) {
      removeStatusFile(this.#dir);
    }
  }
}

function notesOf(
  state: SupervisedStates,
): Readonly<Record<string, ServiceStatus>> {
  const services: Record<string, ServiceStatus> = {};
  for (const [name, { run, phase, restarts, dueAt, gaveUp }] of state) {
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
 * Says what the supervisor was ordered to do about a service.
 *
 * @param now When it was given, in milliseconds since 1970.
 */
export function eventOf(
  service: string,
  action: SupervisionAction,
  now: number,
): ServiceEvent {
  switch (action.kind) {
    case "pause": {
      const { restarts, dueAt } = action;
      return { kind: "pausing", service, restarts, pause: dueAt - now };
    }
    case "give-up":
      return { kind: "gave-up", service, restarts: action.restarts };
    case "report-healthy":
      return { kind: "healthy", service };
    case "replace":
    case "report-unhealthy":
      return { kind: "unhealthy", service };
  }
}
