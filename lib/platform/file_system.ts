import { ownUid } from "./own_uid.ts";
import { makePrivate, removeLink } from "./state_folder_tools.ts";

/** The file operations that the runtime is handed, so that tests can replace them. */
export type FileSystem = FileOperations & {
  /** The user who calls them, by number; `undefined` where nobody knows. */
  readonly uid: () => number | undefined;
  readonly makePrivate: typeof makePrivate;
  readonly removeLink: typeof removeLink;
};

type FileOperations = Pick<
  typeof Deno,
  | "chmodSync"
  | "lstatSync"
  | "mkdirSync"
  | "open"
  | "openSync"
  | "readDirSync"
  | "readFile"
  | "readTextFileSync"
  | "realPathSync"
  | "removeSync"
  | "renameSync"
  | "statSync"
  | "truncate"
  | "watchFs"
  | "writeTextFileSync"
>;

/** The disk of this machine. */
export const systemFileSystem: FileSystem = {
  chmodSync: Deno.chmodSync,
  lstatSync: Deno.lstatSync,
  makePrivate,
  mkdirSync: Deno.mkdirSync,
  open: Deno.open,
  openSync: Deno.openSync,
  readDirSync: Deno.readDirSync,
  readFile: Deno.readFile,
  readTextFileSync: Deno.readTextFileSync,
  realPathSync: Deno.realPathSync,
  removeLink,
  removeSync: Deno.removeSync,
  renameSync: Deno.renameSync,
  statSync: Deno.statSync,
  truncate: Deno.truncate,
  uid: ownUid,
  watchFs: Deno.watchFs,
  writeTextFileSync: Deno.writeTextFileSync,
};

/** Reads the text of a file, or `undefined` where it cannot be read. */
export function readTextOrUndefined(
  fs: FileSystem,
  path: string,
): string | undefined {
  try {
    return fs.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

/** Resolves the links in a path; the path itself where it cannot be followed. */
export function realPathOf(fs: FileSystem, path: string): string {
  try {
    return fs.realPathSync(path);
  } catch {
    return path;
  }
}

/** Reads the metadata of a file, or `undefined` where it cannot be read. */
export function statOrUndefined(
  fs: FileSystem,
  path: string,
): Deno.FileInfo | undefined {
  try {
    return fs.statSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Releases the lock of a file and closes it.
 *
 * Closing alone releases it late: a child that is just being started has the
 * same file open until it runs its own program, and the lock lives as long as
 * one of them has (https://man7.org/linux/man-pages/man2/flock.2.html).
 */
export function releaseLock(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // Windows refuses to unlock what is not locked.
  }
  file.close();
}
