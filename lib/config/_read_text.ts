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

/** The largest file that is read, in bytes: no person writes more. */
const MAX_SIZE = 1024 * 1024;

/**
 * Reads a text file, at once: a thread for it would take longer to begin than
 * the file to read. It is looked at first: a pipe would never end, and a device
 * give bytes for ever.
 *
 * @param path The file, absolute.
 * @returns The text, or why there is none; it never throws.
 */
export function readText(path: string): TextReading {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const reason = unusable(Deno.statSync(path));
    if (reason !== undefined) return { ok: false, reason, text: "" };
    bytes = Deno.readFileSync(path);
  } catch (error) {
    return { ok: false, reason: readFailure(error), text: "" };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { ok: true, text };
  } catch {
    const text = new TextDecoder().decode(bytes);
    return { ok: false, reason: "encoding", text };
  }
}

function unusable(
  { isDirectory, isFile, size }: Deno.FileInfo,
): ReadFailure | undefined {
  if (isDirectory) return "is-folder";
  if (!isFile) return "not-file";
  return size > MAX_SIZE ? "too-large" : undefined;
}
