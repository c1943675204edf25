/** Replacing a file as a whole, removing it, and listing a folder. */

import { join } from "../../core/path.ts";
import type { Clock } from "../../platform/clock.ts";
import {
  type FileSystem,
  statOrUndefined,
} from "../../platform/file_system.ts";

/** The suffix of temporary files; a process that is killed leaves one. */
const TEMPORARY_SUFFIX = ".tmp";

/** No write takes so long, in milliseconds. */
const TEMPORARY_AGE_MAX = 60_000;

/**
 * Replaces the text of a file by way of a temporary file: a reader sees the old
 * text or the new one. Only the owner may read it.
 *
 * Synchronous, because the thread that Deno takes for an asynchronous write
 * costs more than the write of a small file.
 *
 * @param path The file, absolute.
 * @throws {Error} Where it cannot be written; the file is unchanged then.
 */
export function writeAtomically(
  fs: FileSystem,
  path: string,
  text: string,
): void {
  const temporary = `${path}.${crypto.randomUUID()}${TEMPORARY_SUFFIX}`;
  try {
    fs.writeTextFileSync(temporary, text, { mode: 0o600 });
    fs.renameSync(temporary, path);
  } catch (error) {
    removeIfPresent(fs, temporary);
    throw error;
  }
}

/** Removes the temporary files of processes that were killed while they wrote. */
export function removeStaleTemporaryFiles(
  fs: FileSystem,
  folder: string,
  clock: Clock,
): void {
  for (const name of namesIn(fs, folder) ?? []) {
    if (!name.endsWith(TEMPORARY_SUFFIX)) continue;
    const path = join(folder, name);
    const modified = statOrUndefined(fs, path)?.mtime?.getTime() ?? Infinity;
    if (clock.now() - modified > TEMPORARY_AGE_MAX) removeIfPresent(fs, path);
  }
}

/** Removes a file where there is one and it can be removed. */
export function removeIfPresent(fs: FileSystem, path: string): void {
  try {
    fs.removeSync(path);
  } catch {
    // It does not exist, or another process has it open (Windows).
  }
}

/**
 * Lists the names in a folder.
 *
 * @returns None where there is no folder; `undefined` where it cannot be read.
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
