/**
 * Looks for those who hold a port that a dead process is named for.
 *
 * @module
 */

import { listenersOn } from "../../core/listeners.ts";
import { inheritedSocketHolders } from "../../core/process_tree.ts";
import type { ProcessEntry } from "../../core/model.ts";
import { isProtected } from "../../core/process_tree.ts";
import type { Platform } from "../../platform/platform.ts";

/** Whose inherited-socket holders may be ended. */
export interface InheritedScope {
  /** The members that were ended: what they left is younger than they were. */
  readonly known: ReadonlyMap<number, ProcessEntry>;
  /** The user agreed to end the holders of sockets inherited from anybody. */
  readonly anybody: boolean;
}

/**
 * Finds the holders of sockets inherited from the dead owners of a port, as they are now.
 *
 * @param scope Whose inherited-socket holders may be ended.
 * @returns The holders of inherited sockets, parents before children; none where the OS cannot tell.
 */
export async function readInheritedHolders(
  port: number,
  scope: InheritedScope,
  platform: Platform,
): Promise<readonly ProcessEntry[]> {
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!listeners.ok || !processes.ok) return [];
  const table = processes.value;
  const dead = new Set(
    listenersOn(port, listeners)
      .flatMap((row) => row.pids)
      .filter((pid) => table.get(pid)?.zombie ?? true),
  );
  if (dead.size === 0) return [];
  const details = await platform.details([...table.keys()]);
  const inheritedBy = [...dead].flatMap((pid) => {
    const born = scope.known.get(pid)?.order;
    return inheritedSocketHolders(pid, table, details).filter((entry) =>
      born === undefined ? scope.anybody : entry.order >= born
    );
  });
  return inheritedBy.filter((entry) =>
    !isProtected(entry, platform.self, table)
  );
}
