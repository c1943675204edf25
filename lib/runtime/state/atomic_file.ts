/** Replacing a file as a whole, removing it, and listing a folder. */

import { basename, dirname, join } from "../../core/path.ts";
import type { Clock } from "../../platform/clock.ts";
import { OS } from "../../platform/os.ts";
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
 * @param drafts The folder of the temporary file, absolute, on the same disk; that
 * of the file if absent.
 * @throws {Error} Where it cannot be written; the file is unchanged then.
 */
export function writeAtomically(
  fs: FileSystem,
  path: string,
  text: string,
  drafts: string = dirname(path),
): void {
  const draft = join(drafts, basename(path));
  const temporary = `${draft}.${crypto.randomUUID()}${TEMPORARY_SUFFIX}`;
  try {
    fs.writeTextFileSync(temporary, text, { mode: 0o600 });
    replace(fs, temporary, path);
  } catch (error) {
    removeIfPresent(fs, temporary);
    throw error;
  }
}

/** How often Windows is asked to replace a file, and the pause, in milliseconds. */
const REPLACE_ATTEMPTS = 50;

const REPLACE_PAUSE = 5;

/**
 * Windows replaces no file that another process has open, as a virus scanner or
 * another devsvc has it for an instant
 * (https://learn.microsoft.com/en-us/windows/win32/api/winbase/nf-winbase-movefileexa).
 */
function replace(fs: FileSystem, from: string, to: string): void {
  for (let attempt = 1;; attempt++) {
    try {
      return fs.renameSync(from, to);
    } catch (error) {
      const isOpen = OS === "windows" &&
        error instanceof Deno.errors.PermissionDenied;
      if (!isOpen || attempt === REPLACE_ATTEMPTS) throw error;
      pauseSync(REPLACE_PAUSE);
    }
  }
}

/**
 * Pauses the whole process.
 *
 * @param duration In milliseconds: a few, since nothing else goes on meanwhile.
 */
export function pauseSync(duration: number): void {
  // Nobody changes the value that is waited for.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
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
