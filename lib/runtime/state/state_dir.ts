/**
 * The folder `.devsvc` beside services.toml: run records, logs, lock, journal.
 * Every command works without it.
 */

import { join } from "../../core/path.ts";
import {
  type FileSystem,
  releaseLock,
  systemFileSystem,
} from "../../platform/file_system.ts";
import { OS } from "../../platform/os.ts";
import { namesIn, pauseSync } from "./atomic_file.ts";
import {
  guardFiles,
  lstatOrUndefined,
  mayOthersUse,
  narrow,
  ownerProblem,
  requireOwnFile,
  requireOwnFolder,
  UntrustedPathError,
} from "./guarded_files.ts";
import { originReader, type StateOrigin, writeMark } from "./state_origin.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** The name of the folder. */
export const STATE_FOLDER = ".devsvc";

/** The paths of `.devsvc`, all of them absolute. */
export interface StateDir {
  /** The file operations by which it is read and written: they refuse links. */
  readonly fs: FileSystem;
  /** The file operations of the machine: only to make the folder itself. */
  readonly raw: FileSystem;
  /** Whether the folder counts; where it does not, it reads as empty. */
  readonly origin: () => StateOrigin;
  /** The folder itself. */
  readonly path: string;
  /** The folder of the run records. */
  readonly runs: string;
  /** The folder of the logs. */
  readonly logs: string;
  /** The folder of files that are being written, and of the locks of logs. */
  readonly work: string;
  /** The journal. */
  readonly journal: string;
  /** The lock of the project. */
  readonly lock: string;
  /** The status file of the supervisor. */
  readonly statusFile: string;
}

/** Thrown when `.devsvc` cannot be made or written; its cause says why. */
export class StateDirError extends Error {
  /** The name of the class. */
  override name = "StateDirError";

  /** The file or folder that could not be written. */
  readonly path: string;

  /** Makes the error. */
  constructor(path: string, cause: unknown) {
    const reason = reasonOf(cause);
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
  const origin = originReader(fs, path);
  return {
    fs: guardFiles(fs, path, () => requireCounted(path, origin())),
    raw: fs,
    origin,
    path,
    runs: join(path, "runs"),
    logs: join(path, "logs"),
    work: join(path, "work"),
    journal: join(path, "devsvc.log"),
    lock: join(path, "lock"),
    statusFile: join(path, "supervisor.json"),
  };
}

/** A folder that does not count reads as empty, unless nobody can tell. */
function requireCounted(path: string, origin: StateOrigin): void {
  if (origin.kind === "own") return;
  if (origin.kind === "refused") {
    const { problem } = origin;
    if (problem === "owner" || problem === "denied") {
      throw new UntrustedPathError(path, problem);
    }
  }
  throw new Deno.errors.NotFound(`There is no folder of devsvc: ${path}`);
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
  const known: ReadonlySet<unknown> = new Set([
    ...Object.values(dir),
    join(dir.path, IGNORED),
  ]);
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
 * Requires that the log of a service is a plain file of this user, or missing:
 * the service appends to it by itself.
 *
 * @throws {UntrustedPathError} Where it is anything else.
 */
export function requireOwnLog(dir: StateDir, service: string): void {
  try {
    dir.fs.statSync(logOf(dir, service));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** What was in the place of the folder, and is set aside. */
export type SetAside =
  /** What a copy of the project brought: it was moved into this folder, absolute. */
  | { readonly kind: "moved"; readonly folder: string }
  /** A link, which was removed; its target is as it was. */
  | { readonly kind: "link-removed" };

/** How long another devsvc may take to mark the folder: pauses in milliseconds. */
const MARK_STEPS = 200;

const MARK_PAUSE = 10;

/**
 * Makes the folder where there is none that counts: readable by its owner only,
 * and ignored by git through a `.gitignore` of its own. Corrects modes that give
 * more to others.
 *
 * @returns What was set aside for it, mostly nothing.
 * @throws {StateDirError} When it cannot be made or written.
 */
export function ensureStateDir(dir: StateDir): readonly SetAside[] {
  const setAside: SetAside[] = [];
  const attempt = (path: string, work: () => void) => {
    try {
      work();
    } catch (error) {
      throw new StateDirError(path, error);
    }
  };
  attempt(dir.path, () => {
    while (dir.origin().kind !== "own") setAside.push(...makeOwn(dir));
    narrowItself(dir);
  });
  for (const folder of [dir.runs, dir.logs, dir.work]) {
    attempt(folder, () => dir.fs.mkdirSync(folder));
  }
  for (const folder of [dir.path, dir.runs, dir.logs]) narrowIn(dir, folder);
  const ignore = join(dir.path, ".gitignore");
  // Written each time, which proves that the folder can be written.
  attempt(ignore, () => dir.fs.writeTextFileSync(ignore, "*\n"));
  return setAside;
}

function narrowItself({ raw, path }: StateDir): void {
  if (mayOthersUse(raw.lstatSync(path))) raw.makePrivate(path);
}

/** One step towards a folder that counts. */
function makeOwn(dir: StateDir): readonly SetAside[] {
  const { raw, path, origin } = dir;
  const found = origin();
  switch (found.kind) {
    case "own":
      return [];
    case "absent":
      // With the folder in it: devsvc may not write the outer one by itself.
      raw.mkdirSync(dir.runs, { recursive: true, mode: 0o700 });
      return [];
    case "refused":
      if (found.problem !== "link") {
        throw new UntrustedPathError(path, found.problem);
      }
      raw.removeLink(path);
      return [{ kind: "link-removed" }];
    case "copied": {
      using _ = lockFolder(raw, path);
      if (origin().kind !== "copied") return [];
      const folder = moveEntries(dir);
      writeMark(raw, path);
      return folder === undefined ? [] : [{ kind: "moved", folder }];
    }
  }
}

/** What is locked on Windows while the folder is made; it stays there. */
const ORIGIN_LOCK = "origin.lock";

/** Windows locks no folders, so a file in it is locked there. */
function lockFolder(raw: FileSystem, path: string): Disposable {
  let file: Deno.FsFile;
  try {
    file = OS === "windows"
      ? openLock(raw, join(path, ORIGIN_LOCK))
      : raw.openSync(path);
  } catch {
    // What cannot be opened is not locked: the next step says what is wrong.
    return { [Symbol.dispose]: () => {} };
  }
  for (let step = 0; step < MARK_STEPS && !file.tryLockSync(true); step++) {
    pauseSync(MARK_PAUSE);
  }
  return { [Symbol.dispose]: () => releaseLock(file) };
}

function openLock(raw: FileSystem, path: string): Deno.FsFile {
  const info = lstatOrUndefined(raw, path);
  if (info) requireOwnFile(raw, path, info);
  return raw.openSync(path, { create: true, write: true });
}

/** The folder of what copies brought. */
const IGNORED = "ignored";

/** The names that devsvc gives in `.devsvc`, and may write. */
const OWN_NAMES = [
  "runs",
  "logs",
  "work",
  ".gitignore",
  "origin.json",
  "lock",
  "lock.json",
  "supervisor.json",
  "supervisor.lock",
  "devsvc.log",
  "devsvc.log.1",
  "devsvc.log.lock",
] as const;

/**
 * Moves all that devsvc would read into a new folder; links are moved themselves.
 * Nothing reads what has another name.
 *
 * @returns The new folder, absolute; `undefined` where there is nothing to move.
 */
function moveEntries(dir: StateDir): string | undefined {
  const { raw, path } = dir;
  const names = OWN_NAMES.filter((name) => hasContent(raw, join(path, name)));
  if (names.length === 0) return undefined;
  narrowItself(dir);
  const ignored = join(path, IGNORED);
  if (lstatOrUndefined(raw, ignored)?.isSymlink) raw.removeSync(ignored);
  raw.mkdirSync(ignored, { recursive: true, mode: 0o700 });
  requireOwnFolder(raw, ignored);
  const folder = join(ignored, crypto.randomUUID().slice(0, 8));
  raw.mkdirSync(folder, { mode: 0o700 });
  for (const name of names) {
    raw.renameSync(join(path, name), join(folder, name));
  }
  return folder;
}

/** Whether there is anything but an empty folder, which another devsvc may make. */
function hasContent(raw: FileSystem, path: string): boolean {
  const info = lstatOrUndefined(raw, path);
  return info !== undefined &&
    (!info.isDirectory ||
      !raw.readDirSync(path)[Symbol.iterator]().next().done);
}

/** What is of another kind or user stays as it is: it is refused when it is used. */
function narrowIn({ raw, fs }: StateDir, folder: string): void {
  for (const name of namesIn(fs, folder) ?? []) {
    const path = join(folder, name);
    try {
      const info = fs.lstatSync(path);
      const isOwn = ownerProblem(raw, info) === undefined;
      if (isOwn && info.isFile && info.nlink === 1) {
        narrow(raw, path, info, 0o600);
      } else if (isOwn && info.isDirectory) narrow(raw, path, info, 0o700);
    } catch {
      // It is gone, or refused when it is used.
    }
  }
}
