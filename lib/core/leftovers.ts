/**
 * What a dead wrapper has left in its session: processes that another parent has
 * now, and whose environment may name no run (`env -i`).
 */

import type { ProcessEntry, ProcessTable, RunRecord } from "./model.ts";
import { findAlive } from "./process_tree.ts";

/** How far the clocks of the run record and of the OS may differ, in milliseconds. */
const CLOCK_SLACK = 50;

/** Why nothing is known of what lives in the session of a dead wrapper. */
export const UNSURE =
  "nothing says whether the processes of its session are its own";

/** What lives in the session of a dead wrapper. */
export interface Leftovers {
  /** The ids of the processes that are of the run. */
  readonly pids: readonly number[];
  /** Others have the number of the session, and nothing says whose they are. */
  readonly isUnsure: boolean;
}

/**
 * How long after its last sign of life a wrapper's number is surely nobody
 * else's, in milliseconds: the kernel gives all others before it again. As the
 * start of a process is read a moment late on a busy machine, this bounds it.
 */
const REUSE_TIME = 1_000;

const NONE: Leftovers = { pids: [], isUnsure: false };

/**
 * Finds what is left in the session of a dead wrapper.
 *
 * A process is born into the session of its parent and can only leave it, and
 * the kernel gives no number to a process while a session or a group has it
 * (`alloc_pid()` and `free_pid()` in
 * https://github.com/torvalds/linux/blob/v6.12/kernel/pid.c). So all of the
 * session are of the run where one is: it is known already, or it began while
 * the wrapper lived. Where a process has the number, the session had ended.
 *
 * @param known The ids of processes that are of the run.
 * @param livedUntil When the wrapper lived for certain, in milliseconds since
 * 1970: see {@linkcode lastSignOfLife}.
 */
export function leftoversOf(
  record: RunRecord,
  known: Iterable<number>,
  livedUntil: number,
  table: ProcessTable,
): Leftovers {
  const successor = table.get(record.pid);
  if (successor && successor.start !== record.start) return NONE;
  if (findAlive(record, table)) return NONE;
  const members = [...table.values()].filter((entry) =>
    !entry.zombie && isInSession(entry, record.pid)
  );
  if (members.length === 0) return NONE;
  const ids = new Set(known);
  const started = Date.parse(record.startedAt);
  const isOfRun = members.some(({ pid, startedAt }) =>
    ids.has(pid) ||
    (startedAt >= started - CLOCK_SLACK &&
      startedAt <= livedUntil + REUSE_TIME)
  );
  return isOfRun
    ? { pids: members.map(({ pid }) => pid), isUnsure: false }
    : { pids: [], isUnsure: true };
}

/** macOS shows no sessions, but groups, which do not leave their session. */
function isInSession(
  { session, group }: ProcessEntry,
  leader: number,
): boolean {
  return session === 0 ? group === leader : session === leader;
}

/**
 * Returns until when the wrapper of a run lived for certain: it wrote down the
 * end of its service, or was there when the service was started or ready.
 *
 * @param endedAt When the end was written down, in milliseconds since 1970.
 * @returns In the same.
 */
export function lastSignOfLife(
  { startedAt, readyAt }: Pick<RunRecord, "startedAt" | "readyAt">,
  endedAt: number | undefined,
): number {
  return Math.max(endedAt ?? 0, Date.parse(readyAt ?? startedAt));
}
