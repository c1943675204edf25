/** Locks of the OS on files; the OS releases them when their process ends. */

import type { Clock } from "../../platform/clock.ts";
import {
  type FileSystem,
  readTextOrUndefined,
  releaseLock,
} from "../../platform/file_system.ts";
import { pause } from "../poll.ts";
import { writeAtomically } from "./atomic_file.ts";
import { type StateDir, StateDirError } from "./state_dir.ts";

/** How to wait for a lock that another process holds. */
interface LockWait {
  readonly clock: Clock;
  /** The pause between two attempts, in milliseconds. */
  readonly interval: number;
  /** The longest wait, in milliseconds; unlimited if absent. */
  readonly timeout?: number;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  /** Called before each pause with the number of attempts so far. */
  readonly onWait?: (attempts: number) => void;
}

/** A lock on a file; disposing of it releases it. */
interface FileLock extends Disposable {
  /** The inode of the file that is locked; `null` where the OS tells none. */
  readonly ino: number | null;
}

/**
 * Locks a file, which is created if it is missing.
 *
 * The file is never removed: after that two processes could each lock a file of
 * this name.
 *
 * @param path The file, absolute.
 * @param wait How to wait for it; one attempt if absent.
 * @returns The lock, or `undefined` where another process holds it.
 * @throws {Error} Where it cannot be opened.
 */
export async function lockFile(
  fs: FileSystem,
  path: string,
  wait?: LockWait,
): Promise<FileLock | undefined> {
  const file = await fs.open(path, {
    create: true,
    read: true,
    write: true,
    mode: 0o600,
  });
  const end = wait ? wait.clock.elapsed() + (wait.timeout ?? Infinity) : 0;
  for (let attempts = 1; !await file.tryLock(true); attempts++) {
    if (wait && wait.clock.elapsed() <= end) {
      wait.onWait?.(attempts);
      await pause(wait.clock, wait.interval, wait.signal);
      if (!wait.signal?.aborted) continue;
    }
    file.close();
    return undefined;
  }
  return {
    ino: (await file.stat()).ino,
    [Symbol.dispose]: () => releaseLock(file),
  };
}

/** The process that holds the lock of a project, as it recorded itself. */
export interface LockOwner {
  /** The process id. */
  readonly pid: number;
  /** The command that it runs, such as `start`. */
  readonly command: string;
}

/** The lock of a project; disposing of it releases it. */
export type ProjectLock = Disposable;

const POLL_INTERVAL = 50;

/** In attempts: the supervisor holds the lock for less time than these take. */
const REPORT_AFTER = 3;

/**
 * Takes the lock of a project, and waits while another process holds it: one
 * command at a time changes what runs.
 *
 * @param command The command that wants the lock.
 * @param options `onWait` is called at most once, when the wait gets long.
 * @returns The lock, or `undefined` where the wait was aborted.
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
    onWait: (attempts) => {
      if (attempts === REPORT_AFTER) options.onWait(readOwner(dir));
    },
  });
}

/**
 * Takes the lock of a project unless another process holds it.
 *
 * @param command The command that wants the lock.
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
  let lock: ProjectLock | undefined;
  try {
    lock = await lockFile(dir.fs, dir.lock, wait);
  } catch (error) {
    throw new StateDirError(dir.lock, error);
  }
  if (lock) writeOwner(dir, { pid: Deno.pid, command });
  return lock;
}

// A file of its own: on Windows no process can read a locked file (`LockFileEx`).
function ownerFile(dir: StateDir): string {
  return `${dir.lock}.json`;
}

function readOwner(dir: StateDir): LockOwner | undefined {
  try {
    const text = readTextOrUndefined(dir.fs, ownerFile(dir)) ?? "";
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
    const text = JSON.stringify(owner);
    writeAtomically(dir.fs, ownerFile(dir), text, dir.work);
  } catch {
    // It is only shown to those who wait.
  }
}
