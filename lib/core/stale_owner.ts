/**
 * Who lives on after a process that is gone, on a system that never forgets a
 * parent: Windows keeps the id of a dead parent, and names the dead creator of
 * a socket as its owner while a child serves on it.
 *
 * @module
 */

import type {
  Lease,
  ProcessDetail,
  ProcessEntry,
  ProcessTable,
} from "./model.ts";
import { findAlive, withDescendants } from "./process_tree.ts";

/** The child that runs a service begins as soon as its gate is opened. */
const GATE_TIME = 5_000;

/** The lease is written after the leader began, by another clock, in milliseconds. */
const CLOCK_SLACK = 50;

/**
 * Finds the heirs of a process that is gone: they may hold what it opened.
 *
 * These are its children and those that name it as their parent, as the
 * workers of Python do (`spawn_main(parent_pid=N, …)`,
 * https://github.com/python/cpython/blob/3.11/Lib/multiprocessing/popen_spawn_win32.py),
 * with all that descends from them. Such a number may have belonged to another
 * process before: whether they are meant is for the caller to judge.
 *
 * @param dead The number of the process.
 * @param table The processes.
 * @param details Their arguments, where they are known.
 * @returns The heirs, parents before children; none where the number lives.
 */
export function heirsOf(
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
 * Finds what a dead leader has left: the program that it ran at the gate.
 *
 * A process that has the number of the leader now may have children, too; they
 * are younger than it. On POSIX nobody keeps a dead parent, so there is none.
 *
 * @param lease The lease of the run.
 * @param table The processes.
 * @returns Their ids; none while the leader lives.
 */
export function orphansOf(
  lease: Lease,
  table: ProcessTable,
): readonly number[] {
  if (findAlive(lease, table)) return [];
  const opened = Date.parse(lease.startedAt);
  const successor = table.get(lease.pid);
  return [...table.values()]
    .filter((entry) =>
      entry.ppid === lease.pid &&
      entry.startedAt >= opened - CLOCK_SLACK &&
      entry.startedAt <= opened + GATE_TIME &&
      (successor === undefined || entry.order < successor.order)
    )
    .map(({ pid }) => pid);
}
