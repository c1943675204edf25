/**
 * The files that `devsvc init` writes: each whole or not at all, and none of
 * the user's lost.
 */

import { CONFIG_NAME } from "../../config/locate.ts";
import { join } from "../../core/path.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** A file that `init` writes. */
export interface InitFile {
  /** Its name. */
  readonly name: string;
  /** Its text. */
  readonly text: string;
  /** The name that an older file is kept under; without one it is replaced. */
  readonly keptAs?: string;
}

/** A file to write, and what is in its place. */
export interface PlacedFile extends InitFile {
  /**
   * What is in its place: nothing, the same text, another one, or no plain file:
   * a link, whose target is not init's to write, a folder, a pipe.
   */
  readonly state: "absent" | "same" | "other" | "not-plain";
  /** Whether a file has the name that the older one would be kept under. */
  readonly isKeptTaken: boolean;
}

/** Thrown where a file cannot be written. */
export class InitFileError extends Error {
  /** The name of the class. */
  override name = "InitFileError";

  /** The name of the file. */
  readonly file: string;

  /** Makes the error. */
  constructor(file: string, cause: unknown) {
    const reason = reasonOf(cause);
    super(reason, { cause });
    this.file = file;
  }
}

/**
 * The text of a batch file, which calls the devsvc beside it, else the one on
 * PATH, for the services.toml beside it.
 *
 * @returns The text, with the line end of Windows: `cmd` may not find the lines
 * of files that have others.
 */
export function batchText(command: "start" | "stop"): string {
  const call = `${command} --config "%~dp0${CONFIG_NAME}" %*`;
  return `@if exist "%~dp0devsvc.exe" ("%~dp0devsvc.exe" ${call}) else devsvc ${call}\r\n`;
}

/** The batch files. */
export function batchFiles(): readonly InitFile[] {
  return (["start", "stop"] as const).map((command) => ({
    name: `${command}.bat`,
    text: batchText(command),
    keptAs: `${command}.bat.old`,
  }));
}

/**
 * Reads what is in the place of files.
 *
 * @param root The folder, absolute.
 */
export function placeFiles(
  root: string,
  files: readonly InitFile[],
): Promise<readonly PlacedFile[]> {
  return Promise.all(files.map(async (file) => ({
    ...file,
    state: await stateOf(join(root, file.name), file.text),
    isKeptTaken: file.keptAs !== undefined &&
      await isThere(join(root, file.keptAs)),
  })));
}

async function stateOf(
  path: string,
  text: string,
): Promise<PlacedFile["state"]> {
  try {
    if (!(await Deno.lstat(path)).isFile) return "not-plain";
  } catch (error) {
    // A file that cannot be seen may exist.
    return error instanceof Deno.errors.NotFound ? "absent" : "other";
  }
  const there = await Deno.readTextFile(path).catch(() => undefined);
  return there === text ? "same" : "other";
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // A file that cannot be seen may exist.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/**
 * Writes a file; the one in its place is kept where the file has a name for it.
 *
 * @param root The folder, absolute.
 * @throws {InitFileError} Where it cannot be written; the older file then still
 * has its name, or the one that it is kept under.
 */
export async function writeInitFile(
  root: string,
  file: PlacedFile,
): Promise<void> {
  const path = join(root, file.name);
  try {
    if (file.keptAs !== undefined) {
      if (file.state === "other") {
        await Deno.rename(path, join(root, file.keptAs));
      }
      // Not over a file that was made meanwhile.
      await Deno.writeTextFile(path, file.text, { createNew: true });
      return;
    }
    // At any time services.toml is the old file or the new one, whole.
    const draft = `${path}.new`;
    await removeDraft(draft);
    // What appears there meanwhile, such as a link, is not followed.
    await Deno.writeTextFile(draft, file.text, { createNew: true });
    await Deno.rename(draft, path);
  } catch (error) {
    throw new InitFileError(file.name, error);
  }
}

/** Removes the draft of an init that was killed; a link is removed itself. */
async function removeDraft(path: string): Promise<void> {
  try {
    const { isFile, isSymlink } = await Deno.lstat(path);
    if (isFile || isSymlink) await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
