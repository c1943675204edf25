/**
 * Files that are replaced whole or not at all.
 *
 * @module
 */

import type { FileSystem } from "../../platform/file_system.ts";

/** The end of the name of a draft; whoever is killed leaves one. */
export const DRAFT_SUFFIX = ".draft";

/**
 * Replaces the text of a file, whole or not at all, for its owner only.
 *
 * It is synchronous: a hundred threads for a hundred small files take longer
 * than the files.
 *
 * @param path The file, absolute.
 * @throws {Error} Where it cannot be written; the file is as it was.
 */
export function writeAtomically(
  fs: FileSystem,
  path: string,
  text: string,
): void {
  const draft = `${path}.${crypto.randomUUID()}${DRAFT_SUFFIX}`;
  try {
    fs.writeTextFileSync(draft, text, { mode: 0o600 });
    fs.renameSync(draft, path);
  } catch (error) {
    removeIfPresent(fs, draft);
    throw error;
  }
}

/** Removes a file, if it is there and can be removed. */
export function removeIfPresent(fs: FileSystem, path: string): void {
  try {
    fs.removeSync(path);
  } catch {
    // It is gone already, or another process has it open.
  }
}

/**
 * Lists a folder.
 *
 * @returns The names; none where there is no folder, `undefined` where it
 * cannot be read.
 */
export function namesIn(
  fs: FileSystem,
  folder: string,
): ReadonlySet<string> | undefined {
  try {
    return new Set([...fs.readDirSync(folder)].map(({ name }) => name));
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? new Set() : undefined;
  }
}
