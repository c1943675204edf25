/**
 * One query for all callers that ask at the same time: a hundred services that
 * start together need one process table, not a hundred.
 */

import { nextTurn, systemClock } from "./clock.ts";
import type { Platform } from "./platform.ts";
import type { ReadProcesses } from "./posix/posix.ts";

/** How many callers of one query make it worthwhile to wait for more. */
const BATCH_THRESHOLD = 8;

/**
 * Lets all callers that ask while a query runs share the next one, so that no
 * answer is older than its question.
 *
 * Services in the same phase ask shortly after each other, each just too late
 * for the query before: once two calls have overlapped, a query waits for one
 * turn of the event loop. After a query with many callers it waits as long as
 * that query took, so that queries take no more than half of the time.
 */
export function coalesce<T>(query: () => Promise<T>): () => Promise<T> {
  let before: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  let haveOverlapped = false;
  let batch = 0;
  let wait = 0;
  return () => {
    batch++;
    if (next) {
      haveOverlapped = true;
      return next;
    }
    const shared = before.then(async () => {
      if (wait > 0) await sleep(wait);
      else if (haveOverlapped) await nextTurn();
      const isBatch = batch >= BATCH_THRESHOLD;
      batch = 0;
      next = undefined;
      const begun = performance.now();
      const answer = await query();
      wait = isBatch ? performance.now() - begun : 0;
      return answer;
    });
    before = shared.catch(() => {});
    next = shared;
    return shared;
  };
}

async function sleep(milliseconds: number): Promise<void> {
  using timer = systemClock.timer(milliseconds);
  await timer.passed;
}

/** Lets all callers share one read; the answer may hold other processes, too. */
export function coalesceReading(read: ReadProcesses): ReadProcesses {
  let asked = new Set<number>();
  const readAsked = coalesce(async () => {
    const pids = [...asked];
    asked = new Set();
    return { pids, found: await read(pids) };
  });
  return async (pids) => {
    for (const pid of pids) asked.add(pid);
    const shared = await readAsked();
    const isOwn = shared.pids.every((pid) => pids.includes(pid));
    // It may have failed because of the process of another caller.
    return shared.found.ok || isOwn ? shared.found : await read(pids);
  };
}

/** Coalesces the queries about the whole machine. */
export function coalesceQueries(platform: Platform): Platform {
  return {
    ...platform,
    listeners: coalesce(() => platform.listeners()),
    processTable: coalesce(() => platform.processTable()),
    taggedProcesses: coalesce(() => platform.taggedProcesses()),
  };
}
