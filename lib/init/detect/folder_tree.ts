/**
 * The files of a project that the detectors search: a few folders deep, without
 * what was installed or built.
 */

import { join } from "../../core/path.ts";

/** How many folders deep a service may be: `apps/shop/web`. */
export const MAX_DEPTH = 3;

/** How many folders are searched at most, the topmost first. */
export const MAX_FOLDERS = 400;

/** A larger file was not written by hand; in bytes. */
const MAX_SIZE = 512 * 1024;

/** Folders that hold no service of the project itself, by their names. */
const IGNORED: ReadonlySet<string> = new Set([
  ...["node_modules", "bower_components", "vendor", "site-packages"],
  ...["venv", "env", "__pycache__", "dist", "build", "out", "target"],
  ...["coverage", "tests", "test", "__tests__", "e2e", "fixtures"],
  ...["examples", "example", "samples", "templates", "static", "migrations"],
]);

/** The files of a project; paths are relative to its folder, with `/`. */
export interface Tree {
  /** The folders, the topmost first; `""` is the project's own. */
  readonly folders: readonly string[];
  /** Lists the names of the files of a folder, sorted. */
  files(folder: string): readonly string[];
  /** Whether a file or folder exists, in ignored folders too. */
  has(path: string): boolean;
  /** Reads a file; `undefined` where it does not exist or is too large. */
  read(path: string): string | undefined;
}

/** Whether the detectors search a folder of this name; hidden ones they do not. */
export function isSearched(name: string): boolean {
  return !name.startsWith(".") && !IGNORED.has(name.toLowerCase());
}

/**
 * Joins relative paths of a tree.
 *
 * @param path A relative path; `..` goes up, `/` and `\` both separate.
 * @returns The path; `undefined` where it leaves the tree.
 */
export function within(folder: string, path: string): string | undefined {
  const kept = folder === "" ? [] : folder.split("/");
  for (const name of path.split(/[\\/]+/)) {
    if (name === "" || name === ".") continue;
    if (name !== "..") kept.push(name);
    else if (kept.pop() === undefined) return undefined;
  }
  return kept.join("/");
}

/**
 * Opens the files of a project. Folders are listed now, files are read on
 * demand; links to folders are not followed.
 *
 * @param root The folder of the project, absolute.
 */
export function openTree(root: string): Tree {
  const listed = listFolders(root);
  const texts = new Map<string, string | undefined>();
  return {
    folders: [...listed.keys()],
    files: (folder) => listed.get(folder) ?? [],
    has: (path) => exists(join(root, path)),
    read: (path) => {
      if (!texts.has(path)) texts.set(path, readText(join(root, path)));
      return texts.get(path);
    },
  };
}

/** Breadth first, so that the limit leaves out the deepest. */
function listFolders(root: string): ReadonlyMap<string, readonly string[]> {
  const listed = new Map<string, readonly string[]>();
  let level = [""];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (listed.size === MAX_FOLDERS) return listed;
      const entries = list(join(root, folder));
      const names = entries.filter(({ isDirectory }) => !isDirectory)
        .map(({ name }) => name);
      listed.set(folder, names.toSorted());
      const below = entries
        .filter(({ isDirectory, name }) => isDirectory && isSearched(name))
        .map(({ name }) => folder === "" ? name : `${folder}/${name}`);
      next.push(...below.toSorted());
    }
    level = next;
  }
  return listed;
}

/** A folder that cannot be read is as good as empty: nothing in it could run. */
function list(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function readText(path: string): string | undefined {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile || size > MAX_SIZE) return undefined;
    return decode(Deno.readFileSync(path)).replace(/\r\n?/g, "\n");
  } catch {
    return undefined;
  }
}

/** Batch files are often in a Windows code page; their commands are ASCII. */
function decode(bytes: Uint8Array<ArrayBuffer>): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  if (isUtf16) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
