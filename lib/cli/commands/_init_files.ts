/**
 * The files that `devsvc init` leaves: each whole or not at all, and none of
 * the user's lost.
 *
 * @module
 */

import { CONFIG_NAME } from "../../config/locate.ts";
import { join } from "../../core/path.ts";

/** A file that is to be there at the end. */
export interface InitFile {
  /** Its name. */
  readonly name: string;
  /** Its text. */
  readonly text: string;
  /** The name under which an older one is kept; none if it is replaced. */
  readonly keptAs?: string;
}

/** A file, and what is in its place. */
export interface PlacedFile extends InitFile {
  /** What is there now. */
  readonly state: "absent" | "same" | "other";
  /** The name that it would be kept under is taken. */
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
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(reason, { cause });
    this.file = file;
  }
}

/**
 * The line of a batch file that calls devsvc: the one beside it, else the one
 * on PATH, for the services.toml beside it.
 *
 * @returns The text of the file, with the line end of Windows: `cmd` loses its
 * way in files that have others.
 */
export function batchText(command: "start" | "stop"): string {
  const call = `${command} --config "%~dp0${CONFIG_NAME}" %*`;
  return `@if exist "%~dp0devsvc.exe" ("%~dp0devsvc.exe" ${call}) else devsvc ${call}\r\n`;
}

/** Names the batch files. */
export function batchFiles(): readonly InitFile[] {
  return (["start", "stop"] as const).map((command) => ({
    name: `${command}.bat`,
    text: batchText(command),
    keptAs: `${command}.bat.old`,
  }));
}

/**
 * Looks at what is in the place of files.
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
  if (!await isThere(path)) return "absent";
  const there = await Deno.readTextFile(path).catch(() => undefined);
  return there === text ? "same" : "other";
}

async function isThere(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // What cannot be seen may well be there.
    return !(error instanceof Deno.errors.NotFound);
  }
}

/**
 * Writes a file, keeping the one in its place where it says so.
 *
 * @param root The folder, absolute.
 * @throws {InitFileError} Where it cannot be written; what was there is then
 * there still, under its name or the one that it is kept under.
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
      // Never over what somebody put there meanwhile.
      await Deno.writeTextFile(path, file.text, { createNew: true });
      return;
    }
    // Read at any moment, services.toml is the old one or the new one.
    const draft = `${path}.new`;
    await Deno.writeTextFile(draft, file.text);
    await Deno.rename(draft, path);
  } catch (error) {
    throw new InitFileError(file.name, error);
  }
}
