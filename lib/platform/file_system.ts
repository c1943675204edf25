/**
 * The file operations that the runtime is handed, so that tests can replace them;
 * and the user who calls them, by number: `null` on Windows.
 */
export type FileSystem = Pick<
  typeof Deno,
  | "chmodSync"
  | "lstatSync"
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
  | "uid"
  | "watchFs"
  | "writeTextFileSync"
>;

/** The disk of this machine. */
export const systemFileSystem: FileSystem = Deno;

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
