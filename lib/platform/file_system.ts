/**
 * The file operations that the runtime is handed, so that tests can replace the
 * disk.
 */

/** The file operations that the runtime uses, named as in Deno. */
export type FileSystem = Pick<
  typeof Deno,
  | "mkdirSync"
  | "open"
  | "openSync"
  | "readDirSync"
  | "readFile"
  | "readTextFileSync"
  | "removeSync"
  | "renameSync"
  | "statSync"
  | "truncate"
  | "watchFs"
  | "writeTextFileSync"
>;

/** The disk of this machine. */
export const systemFileSystem: FileSystem = Deno;

/**
 * Reads the text of a file.
 *
 * @returns `undefined` where there is no file, or it cannot be read.
 */
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

/**
 * Reads the metadata of a file.
 *
 * @returns `undefined` where there is no file, or it cannot be read.
 */
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
