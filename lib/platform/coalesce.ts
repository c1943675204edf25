/**
 * One look for all who ask at the same time: a hundred services that start
 * together need one table of processes, not a hundred.
 *
 * @module
 */

import { nextTurn, systemClock } from "./clock.ts";
import type { Platform } from "./platform.ts";
import type { ReadProcesses } from "./posix/posix.ts";

/** How many share a look where it is worth while to wait for more. */
const BATCH_THRESHOLD = 8;

/**
 * Lets all who ask while a look is under way share the one after it, so that
 * no answer is older than its question.
 *
 * Services that do the same ask within a moment of each other, each of them
 * just too late for the look of the one before: once two have met, a look waits
 * for one turn of the event loop. Where many do, looking for one after the other
 * would keep the machine from all else: then it waits as long as a look takes.
 */
export function coalesce<T>(look: () => Promise<T>): () => Promise<T> {
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
      if (wait > 0) await pass(wait);
      else if (haveOverlapped) await nextTurn();
      const isBatch = batch >= BATCH_THRESHOLD;
      batch = 0;
      next = undefined;
      const begun = performance.now();
      const told = await look();
      wait = isBatch ? performance.now() - begun : 0;
      return told;
    });
    before = shared.catch(() => {});
    next = shared;
    return shared;
  };
}

async function pass(milliseconds: number): Promise<void> {
  using timer = systemClock.timer(milliseconds);
  await timer.passed;
}

/**
 * Lets all who ask for a few processes while others are read share the next
 * reading.
 *
 * @returns The same, which may tell of more processes than were asked for.
 */
export function coalesceReading(read: ReadProcesses): ReadProcesses {
  let asked = new Set<number>();
  const look = coalesce(async () => {
    const pids = [...asked];
    asked = new Set();
    return { pids, seen: await read(pids) };
  });
  return async (pids) => {
    for (const pid of pids) asked.add(pid);
    const shared = await look();
    const isOwn = shared.pids.every((pid) => pids.includes(pid));
    // What cannot be told of another's process says nothing about these.
    return shared.seen.ok || isOwn ? shared.seen : await read(pids);
  };
}

/** Shares the looks at the whole machine. */
export function coalesceQueries(platform: Platform): Platform {
  return {
    ...platform,
    listeners: coalesce(() => platform.listeners()),
    processTable: coalesce(() => platform.processTable()),
    processesByRunId: coalesce(() => platform.processesByRunId()),
  };
}
