/**
 * A clock that only moves when the program under test waits, and a disk in
 * memory: hours take milliseconds, and the same seed gives the same run.
 */

import { setImmediate } from "node:timers";
import type { Clock } from "../../lib/platform/clock.ts";
import type { FileSystem } from "../../lib/platform/file_system.ts";

/** A run that never ends. */
export class Stuck extends Error {
  /** The name of the class. */
  override name = "Stuck";
}

/** How many waits a run may have before it counts as endless. */
const WAITS_MAX = 20_000;

/** When every run begins, in milliseconds since 1970. */
export const BEGIN = Date.parse("2026-11-21T10:00:00Z");

/** The time of one run. */
export interface VirtualTime {
  /** The clock for devsvc. */
  readonly clock: Clock;
  /** Milliseconds since the run began. */
  now(): number;
  /** Waits. */
  sleep(ms: number): Promise<void>;
  /** Does something later. */
  later(ms: number, work: () => void): void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * Runs something in virtual time.
 *
 * @throws {Stuck} Where it never ends.
 */
export async function inVirtualTime<T>(
  work: (time: VirtualTime) => Promise<T>,
): Promise<T> {
  const timers = new Map<number, Timer>();
  let now = 0;
  let serial = 0;
  const set = (fire: () => void, ms: number): number => {
    timers.set(++serial, { at: now + Math.max(0, ms), fire });
    return serial;
  };
  const clock: Clock = {
    now: () => BEGIN + now,
    elapsed: () => now,
    timer: (ms) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const id = set(() => resolve(undefined), ms);
      return {
        passed: promise,
        [Symbol.dispose]: () => void timers.delete(id),
      };
    },
    timeout: (ms) => {
      const controller = new AbortController();
      set(() => controller.abort(), ms);
      return controller.signal;
    },
  };
  let hasEnded = false;
  const result = work({
    clock,
    now: () => now,
    sleep: (ms) => new Promise((resolve) => set(resolve, ms)),
    later: (ms, fire) => void set(fire, ms),
  }).finally(() => hasEnded = true);
  result.catch(() => {});
  for (let waits = 0; !hasEnded; waits++) {
    // By then everything has run that does not wait for time.
    await new Promise((resolve) => setImmediate(resolve));
    if (hasEnded) break;
    const next = firstOf(timers);
    if (!next) throw new Stuck("Cannot end: nothing is left to wait for");
    if (waits > WAITS_MAX) throw new Stuck("Cannot end: it waits forever");
    const [id, { at, fire }] = next;
    timers.delete(id);
    now = at;
    fire();
  }
  return await result;
}

function firstOf(
  timers: ReadonlyMap<number, Timer>,
): readonly [number, Timer] | undefined {
  let first: readonly [number, Timer] | undefined;
  for (const timer of timers) {
    if (!first || timer[1].at < first[1].at) first = timer;
  }
  return first;
}

/**
 * A disk that only exists in memory, as far as devsvc needs one.
 *
 * @param files Its files by their path; changed as it is written to.
 */
export function makeDisk(files: Map<string, string>): FileSystem {
  const need = (path: string | URL): string => {
    const text = files.get(String(path));
    if (text === undefined) throw new Deno.errors.NotFound(String(path));
    return text;
  };
  const missing = (path: string | URL): never => {
    throw new Deno.errors.NotFound(String(path));
  };
  const statSync = (path: string | URL) =>
    ({ size: need(path).length, ino: 1, mtime: null }) as Deno.FileInfo;
  return {
    readTextFileSync: need,
    writeTextFileSync: (path, text) => void files.set(String(path), text),
    renameSync: (from, to) => {
      files.set(String(to), need(from));
      files.delete(String(from));
    },
    removeSync: (path) => {
      need(path);
      files.delete(String(path));
    },
    realPathSync: String,
    statSync,
    readDirSync: (folder) =>
      [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
        .map((path) => ({
          name: path.slice(String(folder).length + 1),
          isFile: true,
          isDirectory: false,
          isSymlink: false,
        })).values(),
    mkdirSync: () => {},
    open: async (path) => await missing(path),
    openSync: missing,
    readFile: async (path) => new TextEncoder().encode(await need(path)),
    truncate: async (path) => await missing(String(path)),
    watchFs: (path) => missing(String(path)),
  };
}

/** FNV-1a: enough to tell one configuration from another. */
export function digest(text: string): Promise<string> {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return Promise.resolve((hash >>> 0).toString(16));
}
