/**
 * The folder `.devsvc` beside services.toml: run records, logs, lock, journal.
 * Every command works without it.
 */

import { join } from "../../core/path.ts";
import {
  type FileSystem,
  systemFileSystem,
} from "../../platform/file_system.ts";
import { namesIn } from "./atomic_file.ts";

/** The name of the folder. */
export const STATE_FOLDER = ".devsvc";

/** The paths of `.devsvc`, all of them absolute. */
export interface StateDir {
  /** The file operations by which it is read and written. */
  readonly fs: FileSystem;
  /** The folder itself. */
  readonly path: string;
  /** The folder of the run records. */
  readonly runs: string;
  /** The folder of the logs. */
  readonly logs: string;
  /** The journal. */
  readonly journal: string;
  /** The lock of the project. */
  readonly lock: string;
  /** The status file of the supervisor. */
  readonly statusFile: string;
}

/** Thrown when `.devsvc` cannot be made or written. */
export class StateDirError extends Error {
  /** The name of the class. */
  override name = "StateDirError";

  /** The file or folder that could not be written. */
  readonly path: string;

  /** Makes the error. */
  constructor(path: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot write ${path}: ${reason}`, { cause });
    this.path = path;
  }
}

/**
 * Returns the paths of a project, without reading the disk.
 *
 * @param root The folder of the project, absolute.
 */
export function stateDirOf(
  root: string,
  fs: FileSystem = systemFileSystem,
): StateDir {
  const path = join(root, STATE_FOLDER);
  return {
    fs,
    path,
    runs: join(path, "runs"),
    logs: join(path, "logs"),
    journal: join(path, "devsvc.log"),
    lock: join(path, "lock"),
    statusFile: join(path, "supervisor.json"),
  };
}

/**
 * Lists the names of the run records and of their marker files.
 *
 * @returns None where there is no folder yet; `undefined` where it cannot be read.
 */
export function recordNames(dir: StateDir): ReadonlySet<string> | undefined {
  return namesIn(dir.fs, dir.runs);
}

/**
 * Lists the folders in `.devsvc` that another version of devsvc made.
 *
 * @returns Their paths, absolute; mostly none.
 */
export function legacyFolders(dir: StateDir): readonly string[] {
  const known: ReadonlySet<unknown> = new Set(Object.values(dir));
  try {
    return [...dir.fs.readDirSync(dir.path)]
      .filter(({ isDirectory, name }) => isDirectory && /^\w+$/.test(name))
      .map(({ name }) => join(dir.path, name))
      .filter((path) => !known.has(path));
  } catch {
    return [];
  }
}

/**
 * Returns the path of the log of a service, absolute.
 */
export function logOf(dir: StateDir, service: string): string {
  return join(dir.logs, `${service}.log`);
}

/**
 * Creates the folder: readable by its owner only, and ignored by git through a
 * `.gitignore` of its own.
 *
 * @throws {StateDirError} When it cannot be made or written.
 */
export function ensureStateDir(dir: StateDir): void {
  for (const folder of [dir.path, dir.runs, dir.logs]) {
    try {
      dir.fs.mkdirSync(folder, { mode: 0o700, recursive: true });
    } catch (error) {
      throw new StateDirError(folder, error);
    }
  }
  const ignore = join(dir.path, ".gitignore");
  try {
    // Written each time, which proves that the folder can be written.
    dir.fs.writeTextFileSync(ignore, "*\n");
  } catch (error) {
    throw new StateDirError(ignore, error);
  }
}
