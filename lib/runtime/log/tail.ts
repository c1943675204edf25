/**
 * Reading the end of a log that may be large and is still written to.
 *
 * @module
 */

import type { FileSystem } from "../../platform/file_system.ts";

const BLOCK = 64 * 1024;

/** Enough for any pattern that announces readiness. */
const READ_MAX = 4 * 1024 * 1024;

/** The last lines of a file, and where they end. */
export interface Tail {
  /** The lines without their newline, oldest first. */
  readonly lines: readonly string[];
  /** The byte behind the last one read. */
  readonly end: number;
}

/**
 * Reads the last lines of a file, from its end and no further than needed.
 *
 * @param file The file, absolute.
 * @param count How many lines at the most.
 * @param from The first byte that counts, 0 by default.
 * @returns The lines; none if there is no such file.
 */
export async function tailLines(
  fs: FileSystem,
  file: string,
  count: number,
  from = 0,
): Promise<Tail> {
  using handle = await openOrUndefined(fs, file);
  if (!handle) return { lines: [], end: 0 };
  const { size } = await handle.stat();
  // A file shorter than where the run began was replaced since.
  const first = from <= size ? from : 0;
  let begin = size;
  let bytes = new Uint8Array(0);
  while (begin > first && countNewlines(bytes) <= count) {
    const length = Math.min(BLOCK, begin - first);
    begin -= length;
    const block = await readBlock(handle, begin, length);
    if (block.every((byte) => byte === 0)) break;
    const joined = new Uint8Array(block.length + bytes.length);
    joined.set(block);
    joined.set(bytes, block.length);
    bytes = joined;
  }
  return { lines: lastLines(bytes, count), end: size };
}

/**
 * Reads what a file holds from some byte on, bounded.
 *
 * @param file The file, absolute.
 * @returns The text, at most the last 4 MiB; empty if there is no such file.
 */
export async function readFrom(
  fs: FileSystem,
  file: string,
  from: number,
): Promise<string> {
  using handle = await openOrUndefined(fs, file);
  if (!handle) return "";
  const { size } = await handle.stat();
  const begin = Math.max(from <= size ? from : 0, size - READ_MAX);
  return decode(await readBlock(handle, begin, size - begin));
}

async function openOrUndefined(
  fs: FileSystem,
  file: string,
): Promise<Deno.FsFile | undefined> {
  try {
    return await fs.open(file);
  } catch {
    return undefined;
  }
}

async function readBlock(
  handle: Deno.FsFile,
  begin: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  await handle.seek(begin, Deno.SeekMode.Start);
  const block = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = await handle.read(block.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return block.subarray(0, filled);
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a) count++;
  return count;
}

/** The head of a log may have been given back to the disk: a hole is no text. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll(/\0+/g, "");
}

function lastLines(bytes: Uint8Array, count: number): readonly string[] {
  const text = decode(bytes);
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return count > 0 ? lines.slice(-count) : [];
}
