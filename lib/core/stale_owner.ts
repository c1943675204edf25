/**
 * Who lives on after a process that is gone, on a system that never forgets a
 * parent: Windows keeps the id of a dead parent, and names the dead creator of
 * a socket as its owner while a child serves on it.
 *
 * @module
 */

import type {
  ProcessDetail,
  ProcessEntry,
  ProcessTable,
  RunRecord,
} from "./model.ts";
import { findAlive, withDescendants } from "./process_tree.ts";

/** The child that runs a service begins as soon as its start barrier is opened. */
const RESUME_TIME = 5_000;

/** The run record is written after the wrapper began, by another clock, in milliseconds. */
const CLOCK_SLACK = 50;

/**
 * Finds the holders of sockets inherited from a process that is gone: they may hold what it opened.
 *
 * These are its children and those that name it as their parent, as the
 * workers of Python do (`spawn_main(parent_pid=N, …)`,
 * https://github.com/python/cpython/blob/3.11/Lib/multiprocessing/popen_spawn_win32.py),
 * with all that descends from them. Such a number may have belonged to another
 * process before: whether they are meant is for the caller to judge.
 *
 * @returns The holders of inherited sockets, parents before children; none where the number lives.
 */
export function inheritedSocketHolders(
  dead: number,
  table: ProcessTable,
  details: ReadonlyMap<number, ProcessDetail>,
): readonly ProcessEntry[] {
  if (table.get(dead)?.zombie === false) return [];
  const names = (pid: number) =>
    (details.get(pid)?.args ?? []).some((arg) =>
      [...arg.matchAll(/\bparent_pid=(\d+)/g)]
        .some(([, number]) => Number(number) === dead)
    );
  const children = [...table.values()].filter((entry) =>
    entry.pid !== dead && (entry.ppid === dead || names(entry.pid))
  );
  return withDescendants(children, table);
}

/**
 * Finds what a dead wrapper has left: the program that it ran at the start barrier.
 *
 * A process that has the number of the wrapper now may have children, too; they
 * are younger than it. On POSIX nobody keeps a dead parent, so there is none.
 *
 * @returns Their ids; none while the wrapper lives.
 */
export function orphansOf(
  record: RunRecord,
  table: ProcessTable,
): readonly number[] {
  if (findAlive(record, table)) return [];
  const opened = Date.parse(record.startedAt);
  const successor = table.get(record.pid);
  return [...table.values()]
    .filter((entry) =>
      entry.ppid === record.pid &&
      entry.startedAt >= opened - CLOCK_SLACK &&
      entry.startedAt <= opened + RESUME_TIME &&
      (successor === undefined || entry.order < successor.order)
    )
    .map(({ pid }) => pid);
}
