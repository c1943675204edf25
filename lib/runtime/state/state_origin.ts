/**
 * The mark `.devsvc/origin.json`, by which devsvc knows the folder that it made:
 * it names the folder's own inode and time of birth, which a copy, a clone or an
 * unpacked archive does not have.
 *
 * Its key stands in each run record and in the status file: a file that came
 * later, such as one that a `git pull` brought, does not have it.
 */

import type { PathProblem } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import type { FileSystem } from "../../platform/file_system.ts";
import { OS } from "../../platform/os.ts";
import {
  lstatOrUndefined,
  ownerProblem,
  READ_MAX,
  requireOwnFile,
  UntrustedPathError,
} from "./guarded_files.ts";

/** Whether the folder counts. */
export type StateOrigin =
  /** There is no folder. */
  | { readonly kind: "absent" }
  /** devsvc made it here, for this user. */
  | { readonly kind: "own"; readonly key: string }
  /** It is a folder of this user, but devsvc did not make it here. */
  | { readonly kind: "copied" }
  /** It is no folder of this user. */
  | { readonly kind: "refused"; readonly problem: PathProblem };

/** Matches a run id and a key. */
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Tells whether a value is a UUID, as run ids and keys are. */
export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

function markFile(folder: string): string {
  return join(folder, "origin.json");
}

/**
 * Makes a reader of the mark of a folder: it is read again where another folder
 * has taken its place.
 *
 * @param folder The folder, absolute.
 */
export function originReader(
  fs: FileSystem,
  folder: string,
): () => StateOrigin {
  let known: { readonly id: string; readonly key: string } | undefined;
  return () => {
    let info: Deno.FileInfo | undefined;
    try {
      info = lstatOrUndefined(fs, folder);
    } catch (error) {
      if (!(error instanceof UntrustedPathError)) throw error;
      return { kind: "refused", problem: error.problem };
    }
    if (!info) return { kind: "absent" };
    const problem = info.isSymlink
      ? "link"
      : !info.isDirectory
      ? "kind"
      : ownerProblem(fs, info);
    if (problem) return { kind: "refused", problem };
    const id = identityOf(info);
    if (known?.id !== id) {
      const key = readKey(fs, folder, info);
      if (key === "denied") return { kind: "refused", problem: "denied" };
      if (key === undefined) return { kind: "copied" };
      known = { id, key };
    }
    return { kind: "own", key: known.key };
  };
}

/**
 * What a copy of a folder does not share with it. The number of its device is
 * used only where the time of birth is not known: it may change whenever a disk
 * is mounted (NFS, and subvolumes of Btrfs).
 *
 * Windows keeps the number of its volume, and counts in the index of a file how
 * often it was given away
 * (https://learn.microsoft.com/en-us/windows/win32/api/fileapi/ns-fileapi-by_handle_file_information);
 * Wine says of a folder that it was born when it was last changed.
 */
function identityOf({ dev, ino, birthtime }: Deno.FileInfo): string {
  const isKnown = birthtime !== null && OS !== "windows";
  const born = isKnown ? birthtime.getTime() : `dev ${dev}`;
  return `${ino ?? "none"} ${born}`;
}

function readKey(
  fs: FileSystem,
  folder: string,
  info: Deno.FileInfo,
): string | "denied" | undefined {
  const file = markFile(folder);
  try {
    const mark = fs.lstatSync(file);
    requireOwnFile(fs, file, mark);
    if (mark.size > READ_MAX) return undefined;
    const value: unknown = JSON.parse(fs.readTextFileSync(file));
    if (typeof value !== "object" || value === null) return undefined;
    const key: unknown = Reflect.get(value, "key");
    const fits = Reflect.get(value, "folder") === identityOf(info);
    return fits && isUuid(key) ? key : undefined;
  } catch (error) {
    const isDenied = error instanceof Deno.errors.PermissionDenied;
    return isDenied ? "denied" : undefined;
  }
}

/**
 * Marks a folder that devsvc has just made.
 *
 * @throws {Error} Where it cannot be written.
 */
export function writeMark(fs: FileSystem, folder: string): void {
  const identity = identityOf(fs.lstatSync(folder));
  const mark = { version: 1, folder: identity, key: crypto.randomUUID() };
  fs.writeTextFileSync(markFile(folder), JSON.stringify(mark) + "\n", {
    createNew: true,
    mode: 0o600,
  });
}
