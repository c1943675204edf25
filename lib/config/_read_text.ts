/** Reads a text file that a person wrote. */

import type { ReadFailure } from "./errors/config_issue.ts";

/** The text, or why there is none. */
type TextReading =
  | {
    readonly ok: true;
    /** Without a byte order mark. */
    readonly text: string;
  }
  | {
    readonly ok: false;
    readonly reason: ReadFailure;
    /** What could be made of bytes that are not UTF-8; else empty. */
    readonly text: string;
  };

/** Says why a file or folder could not be used. */
export function readFailure(error: unknown): ReadFailure {
  if (error instanceof Deno.errors.NotFound) return "not-found";
  if (error instanceof Deno.errors.NotADirectory) return "not-found";
  if (error instanceof Deno.errors.IsADirectory) return "is-folder";
  if (
    error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable
  ) return "not-permitted";
  return "other";
}

/**
 * Reads a text file, at once: a thread for it would take longer to begin than
 * the file to read.
 *
 * @param path The file, absolute.
 * @returns The text, or why there is none; it never throws.
 */
export function readText(path: string): TextReading {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    // Windows says "access denied" for a folder that is read as a file.
    const reason = isFolder(path) ? "is-folder" : readFailure(error);
    return { ok: false, reason, text: "" };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { ok: true, text };
  } catch {
    const text = new TextDecoder().decode(bytes);
    return { ok: false, reason: "encoding", text };
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
