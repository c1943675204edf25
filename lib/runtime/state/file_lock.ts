/**
 * The lock of a project: one command at a time changes what runs.
 *
 * It is a lock of the OS on a file, so it ends with its holder, however that
 * ends.
 *
 * @module
 */

import { pause } from "../poll.ts";
import { type StateDir, StateDirError } from "./state_dir.ts";

/** Who holds the lock, as far as it wrote it down. */
export interface LockOwner {
  /** The process id. */
  readonly pid: number;
  /** The command it runs: `start`, `stop`, `restart`. */
  readonly command: string;
}

/** A lock that is held. */
export interface ProjectLock extends Disposable {
  /** Gives it back. */
  [Symbol.dispose](): void;
}

const POLL_MS = 50;

/** A look of the supervisor is over before anybody is told of it. */
const TELL_AFTER = 3;

/**
 * Waits for the lock of a project and takes it.
 *
 * @param options `onWait` is called once, if another holds it; `signal` gives
 * up.
 * @returns The lock, or `undefined` if it was given up.
 * @throws {StateDirError} When the file cannot be opened.
 */
export async function acquireLock(
  dir: StateDir,
  command: string,
  options: {
    readonly onWait: (owner: LockOwner | undefined) => void;
    readonly signal: AbortSignal;
  },
): Promise<ProjectLock | undefined> {
  const file = await openLock(dir);
  let waits = 0;
  while (!await file.tryLock(true)) {
    if (++waits === TELL_AFTER) options.onWait(await readOwner(dir));
    await pause(POLL_MS, options.signal);
    if (options.signal.aborted) {
      file.close();
      return undefined;
    }
  }
  return await holdLock(file, dir, command);
}

/**
 * Takes the lock of a project if nobody holds it.
 *
 * @returns The lock, or `undefined` where another has it.
 * @throws {StateDirError} When the file cannot be opened.
 */
export async function tryAcquireLock(
  dir: StateDir,
  command: string,
): Promise<ProjectLock | undefined> {
  const file = await openLock(dir);
  if (await file.tryLock(true)) return await holdLock(file, dir, command);
  file.close();
  return undefined;
}

async function holdLock(
  file: Deno.FsFile,
  dir: StateDir,
  command: string,
): Promise<ProjectLock> {
  await writeOwner(dir, { pid: Deno.pid, command });
  // Closing gives the lock back; the file stays, or two could lock two files.
  return { [Symbol.dispose]: () => file.close() };
}

async function openLock(dir: StateDir): Promise<Deno.FsFile> {
  try {
    return await Deno.open(dir.lock, {
      create: true,
      read: true,
      write: true,
      mode: 0o600,
    });
  } catch (error) {
    throw new StateDirError(dir.lock, error);
  }
}

// Beside the lock, not in it: Windows lets nobody read a locked file.
function ownerFile(dir: StateDir): string {
  return `${dir.lock}.json`;
}

async function readOwner(dir: StateDir): Promise<LockOwner | undefined> {
  try {
    const value: unknown = JSON.parse(await Deno.readTextFile(ownerFile(dir)));
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

async function writeOwner(dir: StateDir, owner: LockOwner): Promise<void> {
  try {
    await Deno.writeTextFile(ownerFile(dir), JSON.stringify(owner));
  } catch {
    // Only those who wait would have read it.
  }
}
