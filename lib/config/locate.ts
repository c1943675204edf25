/** Finds services.toml. */

import { foldersUpFrom, join } from "../core/path.ts";
import { ownUid } from "../platform/own_uid.ts";

/** The name of the file that devsvc reads. */
export const CONFIG_NAME = "services.toml";

/** What the search for services.toml found. */
type Location =
  | { readonly file: string }
  /** A file above that somebody else could have put there for others to run. */
  | { readonly foreign: string; readonly owner: number }
  /** The folders that were searched, nearest first. */
  | { readonly searched: readonly string[] };

/**
 * Folders are passed over; what is no plain file either is refused later, and so
 * is a link to nothing: the project above it is another one.
 */
function statFile(path: string): Deno.FileInfo | undefined {
  try {
    const info = Deno.statSync(path);
    return info.isDirectory ? undefined : info;
  } catch (error) {
    // A parent that may not be read ends nothing: one above it may.
    return error instanceof Deno.errors.NotFound ? statLink(path) : undefined;
  }
}

function statLink(path: string): Deno.FileInfo | undefined {
  try {
    const info = Deno.lstatSync(path);
    return info.isSymlink ? info : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Finds the nearest services.toml: in a folder, or in any of its parents. In a
 * folder above, the file and a link to it must be the user's own, as for git
 * (`safe.directory`): below a folder that all may write to, anybody's file would
 * be found.
 *
 * Every command waits for it, and a thread for it would take longer to begin
 * than the search itself.
 *
 * @param start An absolute folder.
 * @param own Returns the id of the user; it is only asked about a file above.
 * @returns The file, absolute; the file that is refused, and whose it is; or the
 * folders that were searched, nearest first.
 */
export function locateConfig(
  start: string,
  own: () => number | undefined = ownUid,
): Location {
  const searched: string[] = [];
  for (const folder of foldersUpFrom(start)) {
    const file = join(folder, CONFIG_NAME);
    const info = statFile(file);
    if (info) {
      const owner = searched.length === 0
        ? undefined
        : foreignOwner(file, info, own);
      return owner === undefined ? { file } : { foreign: file, owner };
    }
    searched.push(folder);
  }
  return { searched };
}

/** Somebody else who owns the file or the link to it; Windows does not say. */
function foreignOwner(
  file: string,
  { uid }: Deno.FileInfo,
  own: () => number | undefined,
): number | undefined {
  if (uid === null) return undefined;
  const user = own();
  return [uid, statLink(file)?.uid ?? uid].find((owner) => owner !== user);
}
