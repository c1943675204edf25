/**
 * The file operations that the runtime is handed, so that tests hand in a disk
 * of their own.
 *
 * @module
 */

/** The file operations of Deno that the runtime uses, by their own names. */
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
  | "stat"
  | "statSync"
  | "truncate"
  | "watchFs"
  | "writeTextFileSync"
>;

/** The disk of this machine. */
export const systemFileSystem: FileSystem = Deno;

/**
 * Reads what the OS tells about a file.
 *
 * @returns `undefined` where there is no such file, or it may not be seen.
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
