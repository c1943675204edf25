/**
 * Time that passes only where the program under test waits: hours of waiting
 * take milliseconds, and the same seed gives the same run.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** A run that never ends, or has nothing more to wait for and did not end. */
export class Stuck extends Error {
  /** The name of the class. */
  override name = "Stuck";
}

/** How many waits one run may have; one that polls forever has more. */
const WAITS_MAX = 20_000;

/** When every run begins, in milliseconds since 1970. */
export const BEGIN = Date.parse("2026-11-21T10:00:00Z");

/** The time of one run. */
export interface Clock {
  /** Milliseconds since the run began. */
  now(): number;
  /** Waits. */
  sleep(ms: number): Promise<void>;
  /** Does something later. */
  later(ms: number, work: () => void): void;
}

interface Alarm {
  readonly at: number;
  readonly ring: () => void;
}

/**
 * Runs something in a time of its own; timers, deadlines and clocks of the
 * program follow it.
 *
 * @throws {Stuck} Where it never ends.
 */
export async function inItsOwnTime<T>(
  work: (clock: Clock) => Promise<T>,
): Promise<T> {
  const alarms = new Map<number, Alarm>();
  let now = 0;
  let serial = 0;
  const set = (ring: () => void, ms = 0): number => {
    alarms.set(++serial, { at: now + Math.max(0, ms), ring });
    return serial;
  };
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => new Promise((resolve) => set(resolve, ms)),
    later: (ms, ring) => void set(ring, ms),
  };
  using _ = replace([
    [globalThis, "setTimeout", set],
    [globalThis, "clearTimeout", (id: number) => alarms.delete(id)],
    [performance, "now", () => now],
    [Date, "now", () => BEGIN + now],
    [AbortSignal, "timeout", (ms: number) => {
      const controller = new AbortController();
      set(() => controller.abort(), ms);
      return controller.signal;
    }],
  ]);
  let hasEnded = false;
  const result = work(clock).finally(() => hasEnded = true);
  result.catch(() => {});
  for (let waits = 0; !hasEnded; waits++) {
    // All that does not wait for time has happened by then.
    await new Promise((resolve) => setImmediate(resolve));
    if (hasEnded) break;
    const next = firstOf(alarms);
    if (!next) throw new Stuck("Cannot end: nothing is left to wait for");
    if (waits > WAITS_MAX) throw new Stuck("Cannot end: it waits forever");
    const [id, { at, ring }] = next;
    alarms.delete(id);
    now = at;
    ring();
  }
  return await result;
}

function firstOf(
  alarms: ReadonlyMap<number, Alarm>,
): readonly [number, Alarm] | undefined {
  let first: readonly [number, Alarm] | undefined;
  for (const alarm of alarms) {
    if (!first || alarm[1].at < first[1].at) first = alarm;
  }
  return first;
}

/**
 * Puts something else in the place of properties of global objects, until it is
 * disposed of.
 */
export function replace(
  changes: readonly (readonly [object, string, unknown])[],
): Disposable {
  const before = changes.map(([object, key]) =>
    [object, key, Object.getOwnPropertyDescriptor(object, key)] as const
  );
  for (const [object, key, value] of changes) {
    Object.defineProperty(object, key, {
      value,
      configurable: true,
      writable: true,
    });
  }
  return {
    [Symbol.dispose]: () => {
      for (const [object, key, descriptor] of before) {
        if (descriptor) Object.defineProperty(object, key, descriptor);
        else Reflect.deleteProperty(object, key);
      }
    },
  };
}

/**
 * A disk that only exists in memory, as far as devsvc needs one.
 *
 * @param files Its files by their path; changed as it is written to.
 * @returns The functions of `Deno` that reach it.
 */
export function makeDisk(
  files: Map<string, string>,
): readonly (readonly [object, string, unknown])[] {
  const need = (path: string): string => {
    const text = files.get(path);
    if (text === undefined) throw new Deno.errors.NotFound(path);
    return text;
  };
  const namesIn = (folder: string) =>
    [...files.keys()].filter((path) => path.startsWith(`${folder}/`))
      .map((path) => ({ name: path.slice(folder.length + 1) }));
  const writeTextFileSync = (path: string, text: string) => {
    files.set(path, text);
  };
  const renameSync = (from: string, to: string) => {
    files.set(to, need(from));
    files.delete(from);
  };
  const removeSync = (path: string) => {
    need(path);
    files.delete(path);
  };
  const functions = {
    readTextFile: async (path: string) => await need(path),
    readTextFileSync: need,
    writeTextFile: async (path: string, text: string) =>
      await writeTextFileSync(path, text),
    rename: async (from: string, to: string) => await renameSync(from, to),
    remove: async (path: string) => await removeSync(path),
    writeTextFileSync,
    renameSync,
    removeSync,
    stat: async (path: string) => ({ size: (await need(path)).length }),
    open: (path: string) => Promise.reject(new Deno.errors.NotFound(path)),
    readDir: async function* (folder: string) {
      for (const entry of namesIn(folder)) yield await entry;
    },
    readDirSync: namesIn,
  };
  return [
    ...Object.entries(functions).map(([key, value]) =>
      [Deno, key, value] as const
    ),
    // The real one answers from another thread, when it likes.
    [Object.getPrototypeOf(crypto.subtle), "digest", digest],
  ];
}

/** FNV-1a: enough to tell one configuration from another. */
async function digest(_: string, bytes: Uint8Array): Promise<ArrayBuffer> {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return await new Uint32Array([hash]).buffer;
}
