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
  const folders = new Set<string>();
  const isFolder = (path: string) =>
    folders.has(path) ||
    [...folders, ...files.keys()].some((one) => one.startsWith(`${path}/`));
  const statSync = (path: string | URL) => {
    const text = files.get(String(path));
    if (text === undefined && !isFolder(String(path))) return missing(path);
    return {
      size: text?.length ?? 0,
      isFile: text !== undefined,
      isDirectory: text === undefined,
      isSymlink: false,
      ino: 1,
      dev: 1,
      mtime: null,
      birthtime: null,
      uid: null,
      mode: null,
      nlink: null,
    } as Deno.FileInfo;
  };
  const openSync = (path: string | URL, options: Deno.OpenOptions = {}) => {
    const name = String(path);
    if (isFolder(name)) throw new Deno.errors.IsADirectory(name);
    if (options.createNew && files.has(name)) {
      throw new Deno.errors.AlreadyExists(name);
    }
    if (options.createNew || options.create) {
      files.set(name, files.get(name) ?? "");
    }
    return openText(files, name, need(name));
  };
  return {
    uid: () => undefined,
    chmodSync: () => {},
    makePrivate: () => {},
    removeLink: missing,
    lstatSync: statSync,
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
    mkdirSync: (path) => void folders.add(String(path)),
    open: async (path, options) => await openSync(path, options),
    openSync,
    readFile: async (path) => new TextEncoder().encode(await need(path)),
    truncate: async (path) => await missing(String(path)),
    watchFs: (path) => missing(String(path)),
  };
}

/** An open file, as far as whole files are read and written. */
function openText(
  files: Map<string, string>,
  name: string,
  text: string,
): Deno.FsFile {
  const rest = new TextEncoder().encode(text);
  let at = 0;
  const close = () => {};
  return {
    statSync: () => ({ dev: 1, ino: 1 }),
    readSync: (bytes: Uint8Array) => {
      const part = rest.subarray(at, at + bytes.length);
      if (part.length === 0) return null;
      bytes.set(part);
      at += part.length;
      return part.length;
    },
    writeSync: (bytes: Uint8Array) => {
      files.set(
        name,
        (files.get(name) ?? "") + new TextDecoder().decode(bytes),
      );
      return bytes.length;
    },
    truncateSync: () => void files.set(name, ""),
    close,
    [Symbol.dispose]: close,
  } as unknown as Deno.FsFile;
}

/** FNV-1a: enough to tell one configuration from another. */
export function digest(text: string): Promise<string> {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return Promise.resolve((hash >>> 0).toString(16));
}
