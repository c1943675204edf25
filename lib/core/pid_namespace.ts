/**
 * Process ids mean something within their pid namespace only: a container has its
 * own, and may share the folder of a project with its host
 * (https://man7.org/linux/man-pages/man7/pid_namespaces.7.html).
 */

import type { ProcessTable, RunRecord } from "./model.ts";

/** Why nothing is known of processes: `/proc` is not that of devsvc itself. */
export const FOREIGN_PROC =
  "/proc shows the processes of another pid namespace";

/** Why nothing is known of a run that was started in another pid namespace. */
export const OTHER_NAMESPACE =
  "it was started in a container, or outside of it";

/**
 * Tells whether a run was started in another pid namespace, so that its process
 * ids say nothing here.
 *
 * A namespace is known by the start of its first process, which lives as long
 * as it does. The first namespace shows the processes of all others: a run whose
 * namespace is gone from there has ended. So has that of an earlier boot.
 */
export function isOfOtherNamespace(
  { pidNamespace: theirs }: Pick<RunRecord, "pidNamespace">,
  table: ProcessTable,
): boolean {
  const own = table.get(1)?.start;
  if (own === undefined || theirs === undefined || own === theirs) return false;
  if (!isOfSameBoot(own, theirs)) return false;
  return table.get(2)?.name !== "kthreadd" ||
    [...table.values()].some(({ start }) => start === theirs);
}

/** The start of a process names the boot where that is known. */
function isOfSameBoot(one: string, other: string): boolean {
  const boot = /@([0-9a-f]+)$/;
  const found = boot.exec(one)?.[1];
  return found !== undefined && found === boot.exec(other)?.[1];
}
