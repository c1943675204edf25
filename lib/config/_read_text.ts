/**
 * Reads a text file that a person wrote.
 *
 * @module
 */

import type { ReadFault } from "../core/config_issue.ts";

/** The text, or why there is none. */
export type TextReading =
  | {
    readonly ok: true;
    /** Without a byte order mark. */
    readonly text: string;
  }
  | {
    readonly ok: false;
    readonly reason: ReadFault;
    /** What could be made of bytes that are not UTF-8; else empty. */
    readonly text: string;
  };

/**
 * Tells why a file or folder could not be used.
 *
 * @param error What the attempt threw.
 * @returns The reason.
 */
export function readFault(error: unknown): ReadFault {
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
 * Reads a text file.
 *
 * @param path The file, absolute.
 * @returns The text, or why there is none; it never throws.
 */
export async function readText(path: string): Promise<TextReading> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    // Windows says "access denied" for a folder that is read as a file.
    const isFolder = await Deno.stat(path)
      .then((info) => info.isDirectory, () => false);
    const reason = isFolder ? "is-folder" : readFault(error);
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
