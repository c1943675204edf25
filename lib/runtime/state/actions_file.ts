/**
 * The file `.devsvc/work/actions.json`, in which the command that holds the lock of
 * the project says what it does with each service. It is a hint for those who
 * look meanwhile, and it counts as long as the command lives.
 */

import type { ServiceEvent } from "../../core/events.ts";
import type { Identity } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import { type Action, type Actions, endsAction } from "../../core/under_way.ts";
import { readTextOrUndefined } from "../../platform/file_system.ts";
import { removeIfPresent, writeAtomically } from "./atomic_file.ts";
import type { StateDir } from "./state_dir.ts";

/** What the file says. */
export interface ActionsFile {
  /** The command. */
  readonly by: Identity;
  /** What it does. */
  readonly actions: Actions;
}

function fileOf({ work }: StateDir): string {
  return join(work, "actions.json");
}

/** Keeps the file up to date until it is disposed of. */
export interface ActionsWriter extends Disposable {
  /** Takes an event that may end an action. */
  take(event: ServiceEvent): void;
}

/**
 * Writes the file; a disk that cannot be written keeps no command from its work.
 *
 * @param by This process; without its identity nothing is written.
 */
export function writeActions(
  dir: StateDir,
  by: Identity | undefined,
  actions: Actions,
): ActionsWriter {
  const left = new Map(actions);
  const write = () => {
    if (left.size === 0 || !by) return removeIfPresent(dir.fs, fileOf(dir));
    const { pid, start } = by;
    const services = Object.fromEntries(left);
    try {
      const text = JSON.stringify({ pid, start, services });
      writeAtomically(dir.fs, fileOf(dir), text);
    } catch {
      // Those who look see what the system shows.
    }
  };
  write();
  return {
    take(event) {
      const action = left.get(event.service);
      if (!action || !endsAction(event, action)) return;
      left.delete(event.service);
      write();
    },
    [Symbol.dispose]() {
      left.clear();
      write();
    },
  };
}

/** Reads the file; it never throws. */
export function readActions(dir: StateDir): ActionsFile | undefined {
  try {
    const text = readTextOrUndefined(dir.fs, fileOf(dir));
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const pid: unknown = Reflect.get(value, "pid");
    const start: unknown = Reflect.get(value, "start");
    const services: unknown = Reflect.get(value, "services");
    if (typeof pid !== "number" || typeof start !== "string") return undefined;
    const entries = Object.entries(services ?? {})
      .filter((entry): entry is [string, Action] => isAction(entry[1]));
    return { by: { pid, start }, actions: new Map(entries) };
  } catch {
    return undefined;
  }
}

function isAction(value: unknown): value is Action {
  return value === "start" || value === "stop" || value === "restart";
}
