/**
 * Looks for those who hold a port that a dead process is named for.
 *
 * @module
 */

import { heirsOf } from "../../core/stale_owner.ts";
import type { ProcessEntry } from "../../core/model.ts";
import { isProtected } from "../../core/protect.ts";
import type { Platform } from "../../platform/platform.ts";

/** Whose heirs may be ended. */
export interface Estate {
  /** The members that were ended: what they left is younger than they were. */
  readonly known: ReadonlyMap<number, ProcessEntry>;
  /** The user agreed to end the heirs of anybody. */
  readonly anybody: boolean;
}

/**
 * Finds the heirs of the dead owners of a port, as they are now.
 *
 * @param port The port.
 * @param estate Whose heirs may be ended.
 * @param platform The operating system.
 * @returns The heirs, parents before children; none where the OS cannot tell.
 */
export async function readHeirs(
  port: number,
  estate: Estate,
  platform: Platform,
): Promise<readonly ProcessEntry[]> {
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!listeners.ok || !processes.ok) return [];
  const table = processes.value;
  const dead = new Set(
    listeners.value.filter((row) => row.port === port)
      .flatMap((row) => row.pids)
      .filter((pid) => table.get(pid)?.zombie ?? true),
  );
  if (dead.size === 0) return [];
  const details = await platform.details([...table.keys()]);
  const heirs = [...dead].flatMap((pid) => {
    const born = estate.known.get(pid)?.order;
    return heirsOf(pid, table, details).filter((entry) =>
      born === undefined ? estate.anybody : entry.order >= born
    );
  });
  return heirs.filter((entry) => !isProtected(entry, platform.self, table));
}
