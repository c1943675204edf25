/**
 * One supervisor for each project: the lock that it holds, and starting one where
 * there is none.
 */

import { join } from "../../core/path.ts";
import type { Clock } from "../../platform/clock.ts";
import {
  type FileSystem,
  releaseLock,
  statOrUndefined,
} from "../../platform/file_system.ts";
import type { Host } from "../../platform/host.ts";
import { lockFile } from "../state/file_lock.ts";
import type { StateDir } from "../state/state_dir.ts";
import { PROGRAM_VERSION, readStatusFile } from "../state/status_file.ts";

/** How long a new supervisor waits for one that is exiting, in milliseconds. */
const LOCK_TIMEOUT = 1_000;

const LOCK_INTERVAL = 20;

function singletonFile(dir: StateDir): string {
  return join(dir.path, "supervisor.lock");
}

/** The lock that makes a supervisor the only one of its project. */
export interface SingletonLock extends Disposable {
  /**
   * Returns whether the lock file still is the one that other processes see: it
   * is removed along with `.devsvc`.
   */
  isCurrent(): boolean;
}

/**
 * Takes the singleton lock. It is waited for, because a process that only checks
 * for a supervisor holds it for an instant.
 *
 * @returns The lock, or `undefined` where another supervisor has it.
 */
export async function takeSingletonLock(
  dir: StateDir,
  clock: Clock,
): Promise<SingletonLock | undefined> {
  const path = singletonFile(dir);
  const lock = await lockFile(dir.fs, path, {
    clock,
    interval: LOCK_INTERVAL,
    timeout: LOCK_TIMEOUT,
  });
  if (!lock) return undefined;
  return {
    isCurrent: () => statOrUndefined(dir.fs, path)?.ino === lock.ino,
    [Symbol.dispose]: () => {
      try {
        lock[Symbol.dispose]();
      } catch {
        // It was released before.
      }
    },
  };
}

/**
 * Starts a supervisor for a project that has none, and replaces one of another
 * version. It is not waited for; services run without it as well.
 *
 * @param project Its services.toml and the folder of that, both absolute.
 */
export async function ensureSupervisor(
  { dir, file, root, host }: {
    readonly dir: StateDir;
    readonly file: string;
    readonly root: string;
    readonly host: Pick<Host, "platform">;
  },
): Promise<void> {
  if (await hasSupervisor(dir)) {
    const status = readStatusFile(dir);
    if (!status || status.program === PROGRAM_VERSION) return;
    await host.platform.signal(status, "SIGTERM", "process");
  }
  const { selfProgram, SUPERVISOR_COMMAND } = await import(
    "../self_program.ts"
  );
  const { path, args } = selfProgram([SUPERVISOR_COMMAND, file]);
  try {
    await host.platform.spawnBackground({ path, args, cwd: root });
  } catch {
    // The next command tries again.
  }
}

/**
 * Returns whether a supervisor holds the singleton lock.
 *
 * @param fs May be those of the machine, where the folder does not count.
 */
export async function hasSupervisor(
  dir: StateDir,
  fs: FileSystem = dir.fs,
): Promise<boolean> {
  try {
    const path = singletonFile(dir);
    // What is a pipe would block.
    if (!fs.lstatSync(path).isFile) return false;
    const file = await fs.open(path, { read: true });
    // Shared, so that two processes can check at the same time.
    const isFree = await file.tryLock(false);
    releaseLock(file);
    return !isFree;
  } catch {
    return false;
  }
}
