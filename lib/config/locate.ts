/** Finds services.toml. */

import { dirname, join } from "../core/path.ts";

/** The name of the file that devsvc reads. */
export const CONFIG_NAME = "services.toml";

/** The file, or the folders that were searched, nearest first. */
type Location =
  | { readonly file: string }
  | { readonly searched: readonly string[] };

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    // A parent that may not be read ends nothing: one above it may.
    return false;
  }
}

/**
 * Finds the nearest services.toml: in a folder, or in any of its parents.
 *
 * Every command waits for it, and a thread for it would take longer to begin
 * than the search itself.
 *
 * @param start An absolute folder.
 * @returns The file, absolute; or the folders that were searched, nearest
 * first.
 */
export function locateConfig(start: string): Location {
  const searched: string[] = [];
  let folder = join(start);
  while (searched.at(-1) !== folder) {
    const file = join(folder, CONFIG_NAME);
    if (isFile(file)) return { file };
    searched.push(folder);
    folder = dirname(folder);
  }
  return { searched };
}
