/**
 * File operations that stay inside of `.devsvc`: no link is followed, no file of
 * another user is read or written, and nothing blocks that is no plain file.
 *
 * A repository can hold links and any file; another user or program can put
 * links of both kinds, pipes and devices into a folder that it may write to.
 */

import type { PathProblem } from "../../core/model.ts";
import type { FileSystem } from "../../platform/file_system.ts";
import { OS } from "../../platform/os.ts";

/** For a reader of the journal or of a stack; screens have their own words. */
const WORDS: Readonly<Record<PathProblem, string>> = {
  link: "it is a link",
  owner: "it belongs to another user",
  kind: "it is no plain file or folder",
  "hard-link": "it has a second name",
  size: "it is too large",
  denied: "permission denied",
  outside: "it lies outside of .devsvc",
};

/** Thrown instead of an operation on what devsvc did not make. */
export class UntrustedPathError extends Error {
  /** The name of the class. */
  override name = "UntrustedPathError";

  /** The file or folder, absolute. */
  readonly path: string;

  /** What is wrong with it. */
  readonly problem: PathProblem;

  /** Makes the error. */
  constructor(path: string, problem: PathProblem) {
    super(`Cannot use ${path}: ${WORDS[problem]}`);
    this.path = path;
    this.problem = problem;
  }
}

/** The mode of files: only their owner may read and write them. */
const FILE_MODE = 0o600;

/** The mode of folders. */
const FOLDER_MODE = 0o700;

/** What a mode gives to others than the owner. */
const OTHERS = 0o077;

/** A file that is read as a whole may have this size, in bytes. */
export const READ_MAX: number = 256 * 1024;

/** The times of a log and the journal may be so large, in bytes. */
export const GROWING_READ_MAX: number = 64 * 1024 * 1024;

/** A file that appears and goes between two system calls is met again, at most. */
const ATTEMPTS = 3;

type Path = string | URL;

/**
 * Makes file operations that refuse all that lies outside of a folder.
 *
 * Every operation checks the folders on the way and the file by `lstat`, and an
 * open file must be the one that was checked. They are synchronous inside: an
 * asynchronous open costs a thread.
 *
 * @param folder The folder, absolute.
 * @param requireFolder Throws where the folder itself does not count.
 */
export function guardFiles(
  fs: FileSystem,
  folder: string,
  requireFolder: () => void,
): FileSystem {
  const find = (path: Path) => {
    const text = String(path);
    requireFolder();
    for (const parent of foldersOnTheWay(folder, text)) {
      requireOwnFolder(fs, parent);
    }
    return lstatOrUndefined(fs, text);
  };
  const findFile = (path: Path) => {
    const info = find(path);
    if (info) requireOwnFile(fs, String(path), info);
    return info;
  };
  const needFile = (path: Path) => {
    const info = findFile(path);
    if (!info) throw new Deno.errors.NotFound(`No such file: ${path}`);
    return info;
  };
  const needFolder = (path: Path) => {
    if (String(path) === folder) return requireFolder();
    if (!find(path)) throw new Deno.errors.NotFound(`No such folder: ${path}`);
    requireOwnFolder(fs, String(path));
  };
  const openFound = (
    path: Path,
    info: Deno.FileInfo,
    { create: _, createNew, truncate, mode: __, ...options }: Deno.OpenOptions,
  ) => {
    if (createNew) throw new Deno.errors.AlreadyExists(`It exists: ${path}`);
    const isWritten = Boolean(options.write || options.append);
    if (isWritten) narrow(fs, String(path), info, FILE_MODE);
    const file = fs.openSync(path, options);
    try {
      requireSame(String(path), info, file.statSync());
      if (truncate) file.truncateSync(0);
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  };
  const openSync: FileSystem["openSync"] = (path, options = { read: true }) => {
    for (let attempt = 1;; attempt++) {
      const info = findFile(path);
      try {
        if (info) return openFound(path, info, options);
        if (!options.create && !options.createNew) {
          throw new Deno.errors.NotFound(`No such file: ${path}`);
        }
        const { create: _, truncate: __, ...rest } = options;
        // What another process puts there in between, such as a link, is not
        // followed.
        return fs.openSync(path, { ...rest, createNew: true, mode: FILE_MODE });
      } catch (error) {
        // Another devsvc made or removed it between the two calls.
        const isRace = error instanceof
          (info ? Deno.errors.NotFound : Deno.errors.AlreadyExists);
        const mayRetry = isRace && options.create && !options.createNew;
        if (!mayRetry || attempt === ATTEMPTS) throw error;
      }
    }
  };
  const readBytes = (path: Path): Uint8Array<ArrayBuffer> => {
    const max = readMaxOf(String(path));
    const info = needFile(path);
    if (info.size > max) throw new UntrustedPathError(String(path), "size");
    using file = openFound(path, info, { read: true });
    // It may grow meanwhile: it is read to its present end.
    const bytes = new Uint8Array(info.size);
    let length = 0;
    while (length < bytes.length) {
      const read = file.readSync(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
    return bytes.subarray(0, length);
  };
  return {
    uid: () => fs.uid(),
    makePrivate: (path) => {
      needFolder(path);
      fs.makePrivate(path);
    },
    removeLink: (path) => {
      if (find(path)?.isSymlink) fs.removeLink(path);
    },
    lstatSync: (path) => {
      const info = find(path);
      if (!info) throw new Deno.errors.NotFound(`No such file: ${path}`);
      return info;
    },
    statSync: needFile,
    openSync,
    open: async (path, options) => await openSync(path, options),
    readTextFileSync: (path) => new TextDecoder().decode(readBytes(path)),
    readFile: async (path) => await readBytes(path),
    realPathSync: (path) => {
      // Nothing inside is a link.
      find(path);
      return fs.realPathSync(path);
    },
    readDirSync: (path) => {
      needFolder(path);
      return fs.readDirSync(path);
    },
    writeTextFileSync: (path, text, { append = false, createNew } = {}) => {
      using file = openSync(path, {
        ...(append ? { append } : { write: true, truncate: true }),
        ...(createNew ? { createNew } : { create: true }),
      });
      writeAll(file, new TextEncoder().encode(text));
    },
    truncate: async (path, length = 0) => {
      using file = openSync(path, { write: true });
      await file.truncate(length);
    },
    mkdirSync: (path) => {
      try {
        if (!find(path)) return fs.mkdirSync(path, { mode: FOLDER_MODE });
      } catch (error) {
        // Another devsvc made it between the two calls.
        if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
      }
      requireOwnFolder(fs, String(path));
    },
    chmodSync: (path, mode) => {
      needFile(path);
      fs.chmodSync(path, mode);
    },
    renameSync: (from, to) => {
      needFile(from);
      // A link in the place of the new name is replaced, not followed.
      if (find(to)?.isDirectory) {
        throw new UntrustedPathError(String(to), "kind");
      }
      fs.renameSync(from, to);
    },
    removeSync: (path) => {
      // A link is removed itself; a folder of this name is not devsvc's.
      if (find(path)?.isDirectory) {
        throw new UntrustedPathError(String(path), "kind");
      }
      fs.removeSync(path);
    },
    watchFs: (paths, options) => {
      for (const path of [paths].flat()) needFolder(path);
      return fs.watchFs(paths, options);
    },
  };
}

/** The names of a path below a folder, as folders on the way to the last one. */
function foldersOnTheWay(folder: string, path: string): readonly string[] {
  const separator = path.charAt(folder.length);
  const names = path.slice(folder.length + 1).split(/[\\/]/);
  const isInside = path.startsWith(folder) && /^[\\/]$/.test(separator) &&
    names.every((name) => name !== "" && name !== "." && name !== "..");
  if (!isInside) throw new UntrustedPathError(path, "outside");
  return names.slice(0, -1).map((_, index) =>
    [folder, ...names.slice(0, index + 1)].join(separator)
  );
}

function readMaxOf(path: string): number {
  return /\.(?:times|log|log\.1)$/.test(path) ? GROWING_READ_MAX : READ_MAX;
}

/** Reads the metadata of a path itself, or `undefined` where there is nothing. */
export function lstatOrUndefined(
  fs: FileSystem,
  path: string,
): Deno.FileInfo | undefined {
  try {
    return fs.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw refusalOf(path, error);
  }
}

/** The error to throw for an operation that the OS refused. */
export function refusalOf(path: string, error: unknown): unknown {
  if (error instanceof Deno.errors.PermissionDenied) {
    return new UntrustedPathError(path, "denied");
  }
  // A file stands where a folder should be (ENOTDIR).
  if (error instanceof Deno.errors.NotADirectory) {
    return new UntrustedPathError(path, "kind");
  }
  return error;
}

/** Finds what is wrong with the owner of a path; Windows names none. */
export function ownerProblem(
  fs: FileSystem,
  info: Deno.FileInfo,
): PathProblem | undefined {
  const own = info.uid === null ? undefined : fs.uid();
  return own === undefined || info.uid === own ? undefined : "owner";
}

/**
 * Requires that a path is a real folder of this user.
 *
 * @throws {UntrustedPathError} Where it is not.
 */
export function requireOwnFolder(fs: FileSystem, path: string): void {
  const info = lstatOrUndefined(fs, path);
  if (!info) throw new Deno.errors.NotFound(`No such folder: ${path}`);
  const problem = info.isSymlink
    ? "link"
    : !info.isDirectory
    ? "kind"
    : ownerProblem(fs, info);
  if (problem) throw new UntrustedPathError(path, problem);
}

/**
 * Requires that a path is a plain file of this user with one name.
 *
 * @throws {UntrustedPathError} Where it is not.
 */
export function requireOwnFile(
  fs: FileSystem,
  path: string,
  info: Deno.FileInfo,
): void {
  const problem = info.isSymlink
    ? "link"
    : !info.isFile
    ? "kind"
    : ownerProblem(fs, info) ??
      ((info.nlink ?? 1) > 1 ? "hard-link" : undefined);
  if (problem) throw new UntrustedPathError(path, problem);
}

function requireSame(
  path: string,
  seen: Deno.FileInfo,
  opened: Deno.FileInfo,
): void {
  const isSame = seen.dev === opened.dev && seen.ino === opened.ino;
  if (!isSame) throw new UntrustedPathError(path, "link");
}

/** Takes from others what they may do with a file or folder. */
export function narrow(
  fs: FileSystem,
  path: string,
  info: Deno.FileInfo,
  wanted: number,
): void {
  if (mayOthersUse(info)) fs.chmodSync(path, wanted);
}

/**
 * Whether a mode gives other users anything. Windows has no modes: there a folder
 * inherits who may read it.
 */
export function mayOthersUse({ mode }: Deno.FileInfo): boolean {
  return mode !== null && OS !== "windows" && (mode & OTHERS) !== 0;
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += file.writeSync(bytes.subarray(done));
  }
}
