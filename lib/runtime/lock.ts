/**
 * The lock of a project: one command at a time changes what runs.
 *
 * It is a lock of the OS on a file, so it ends with its holder, however that
 * ends.
 *
 * @module
 */

import { pause } from "./clock.ts";
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

/**
 * Waits for the lock of a project and takes it.
 *
 * @param dir The places of the project.
 * @param command The command that wants it.
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
  let hasWaited = false;
  while (!await file.tryLock(true)) {
    if (!hasWaited) options.onWait(await readOwner(dir));
    hasWaited = true;
    await pause(POLL_MS, options.signal);
    if (options.signal.aborted) {
      file.close();
      return undefined;
    }
  }
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
