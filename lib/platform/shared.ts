/**
 * One look for all who ask at once: a hundred services that start together need
 * no hundred tables of processes.
 *
 * Nobody is given a look that began before it asked.
 *
 * @module
 */

import type { Platform } from "./platform.ts";
import type { ReadProcesses } from "./posix.ts";

/**
 * Shares a look between those who ask while an earlier one is under way.
 *
 * @param look Looks.
 * @returns Looks, or waits for a look that somebody else asked for, too; each
 * began after it was called.
 */
export function shareLook<T>(look: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const begun = look();
    const end = () => {
      if (current === ended) current = undefined;
    };
    const ended: Promise<unknown> = begun.then(end, end);
    current = ended;
    return begun;
  };
  return () => {
    if (next) return next;
    if (!current) return begin();
    next = current.then(begin);
    return next;
  };
}

/**
 * Puts the looks at some processes together that are asked for while an earlier
 * one is under way.
 *
 * @param read Looks at processes.
 * @returns Looks at them, perhaps along with others.
 */
export function shareReads(read: ReadProcesses): ReadProcesses {
  let asked = new Set<number>();
  const look = shareLook(() => {
    const pids = [...asked];
    asked = new Set();
    return read(pids);
  });
  return async (pids) => {
    for (const pid of pids) asked.add(pid);
    const found = await look();
    // One of the others may be hidden: that must not be told of these.
    if (!found.ok) return await read(pids);
    const own = pids.flatMap((pid) => {
      const entry = found.value.get(pid);
      return entry ? [[pid, entry] as const] : [];
    });
    return { ok: true, value: new Map(own) };
  };
}

/**
 * Shares the looks at the whole machine.
 *
 * @param platform The platform.
 * @returns The same, with shared looks.
 */
export function withSharedLooks(platform: Platform): Platform {
  return {
    ...platform,
    listeners: shareLook(() => platform.listeners()),
    processTable: shareLook(() => platform.processTable()),
    carriers: shareLook(() => platform.carriers()),
  };
}
