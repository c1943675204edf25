/**
 * The folder `.devsvc` beside services.toml: run records, logs, lock, journal.
 *
 * Nothing in it is needed for a command to work; it only helps to explain.
 *
 * @module
 */

import { join } from "../../core/path.ts";
import {
  type FileSystem,
  systemFileSystem,
} from "../../platform/file_system.ts";
import { namesIn } from "./atomic_file.ts";

/** The name of the folder. */
export const STATE_FOLDER = ".devsvc";

/** Where things lie in `.devsvc`; every path absolute. */
export interface StateDir {
  /** The disk that it lies on. */
  readonly fs: FileSystem;
  /** The folder itself. */
  readonly path: string;
  /** The run records. */
  readonly runs: string;
  /** The output of the services. */
  readonly logs: string;
  /** The journal of what devsvc did. */
  readonly journal: string;
  /** The lock of `start`, `stop` and `restart`. */
  readonly lock: string;
  /** What the supervisor lets others know. */
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
 * Names the places of a project, without touching the disk.
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
 * Lists the run records, and what lies beside them.
 *
 * @returns The names; none where there is no folder yet, `undefined` where they
 * cannot be told.
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
 * Names the log of a service.
 *
 * @returns The file, absolute.
 */
export function logOf(dir: StateDir, service: string): string {
  return join(dir.logs, `${service}.log`);
}

/**
 * Makes the folder, for its owner only and kept out of git by a `.gitignore`
 * of its own.
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
    // Written again each time: it proves that the folder can be written.
    dir.fs.writeTextFileSync(ignore, "*\n");
  } catch (error) {
    throw new StateDirError(ignore, error);
  }
}
