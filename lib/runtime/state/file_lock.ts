/**
 * Locks of the OS on files: each ends with its holder, however that ends.
 *
 * @module
 */

import type { Clock } from "../../platform/clock.ts";
import type { FileSystem } from "../../platform/file_system.ts";
import { pause } from "../poll.ts";
import { writeAtomically } from "./atomic_file.ts";
import { type StateDir, StateDirError } from "./state_dir.ts";

/** How a lock that another process holds is waited for. */
export interface LockWait {
  /** The time. */
  readonly clock: Clock;
  /** The pause between two attempts, in milliseconds. */
  readonly interval: number;
  /** How long it is waited for, in milliseconds; without an end if absent. */
  readonly timeout?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Is called before each pause, with the number of attempts so far. */
  readonly onWait?: (attempts: number) => Promise<void>;
}

/**
 * Locks a file, which is made where there is none. Closing it unlocks it; it
 * stays on the disk, or two processes could lock two files of one name.
 *
 * @param path The file, absolute.
 * @param wait How it is waited for; without it there is one attempt.
 * @returns The file, or `undefined` where another process holds it.
 * @throws {Error} Where it cannot be opened.
 */
export async function lockFile(
  fs: FileSystem,
  path: string,
  wait?: LockWait,
): Promise<Deno.FsFile | undefined> {
  const file = await fs.open(path, {
    create: true,
    read: true,
    write: true,
    mode: 0o600,
  });
  const end = wait ? wait.clock.elapsed() + (wait.timeout ?? Infinity) : 0;
  for (let attempts = 1; !await file.tryLock(true); attempts++) {
    if (wait && wait.clock.elapsed() <= end) {
      await wait.onWait?.(attempts);
      await pause(wait.clock, wait.interval, wait.signal);
      if (!wait.signal?.aborted) continue;
    }
    file.close();
    return undefined;
  }
  return file;
}

/** Who holds the lock of a project, as far as it wrote it down. */
export interface LockOwner {
  /** The process id. */
  readonly pid: number;
  /** The command it runs: `start`, `stop`, `restart`. */
  readonly command: string;
}

/** A lock that is held; disposing of it gives it back. */
export type ProjectLock = Disposable;

const POLL_INTERVAL = 50;

/** The supervisor holds the lock for less time than so many attempts take. */
const REPORT_AFTER = 3;

/**
 * Waits for the lock of a project and takes it: one command at a time changes
 * what runs.
 *
 * @param command The command that wants it.
 * @param options `onWait` is called once, if another process holds it.
 * @returns The lock, or `undefined` if the wait was aborted.
 * @throws {StateDirError} When the file cannot be opened.
 */
export async function acquireLock(
  dir: StateDir,
  command: string,
  options: {
    readonly clock: Clock;
    readonly onWait: (owner: LockOwner | undefined) => void;
    readonly signal: AbortSignal;
  },
): Promise<ProjectLock | undefined> {
  const { clock, signal } = options;
  return await takeProjectLock(dir, command, {
    clock,
    signal,
    interval: POLL_INTERVAL,
    onWait: async (attempts) => {
      if (attempts === REPORT_AFTER) options.onWait(await readOwner(dir));
    },
  });
}

/**
 * Takes the lock of a project if no other process holds it.
 *
 * @param command The command that wants it.
 * @throws {StateDirError} When the file cannot be opened.
 */
export async function tryAcquireLock(
  dir: StateDir,
  command: string,
): Promise<ProjectLock | undefined> {
  return await takeProjectLock(dir, command);
}

async function takeProjectLock(
  dir: StateDir,
  command: string,
  wait?: LockWait,
): Promise<ProjectLock | undefined> {
  let file: Deno.FsFile | undefined;
  try {
    file = await lockFile(dir.fs, dir.lock, wait);
  } catch (error) {
    throw new StateDirError(dir.lock, error);
  }
  if (file) writeOwner(dir, { pid: Deno.pid, command });
  return file;
}

// Beside the lock, not in it: Windows lets no process read a locked file.
function ownerFile(dir: StateDir): string {
  return `${dir.lock}.json`;
}

async function readOwner(dir: StateDir): Promise<LockOwner | undefined> {
  try {
    const text = new TextDecoder().decode(
      await dir.fs.readFile(ownerFile(dir)),
    );
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const pid: unknown = Reflect.get(value, "pid");
    const command: unknown = Reflect.get(value, "command");
    return typeof pid === "number" && typeof command === "string"
      ? { pid, command }
      : undefined;
  } catch {
    return undefined;
  }
}

function writeOwner(dir: StateDir, owner: LockOwner): void {
  try {
    writeAtomically(dir.fs, ownerFile(dir), JSON.stringify(owner));
  } catch {
    // Only those who wait would have read it.
  }
}
