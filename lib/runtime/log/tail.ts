/** Reading the end of a file that may be large and is still written to. */

import type { FileSystem } from "../../platform/file_system.ts";

const BLOCK = 64 * 1024;

/** A pattern for readiness is searched in so many bytes at most. */
const READ_MAX = 4 * 1024 * 1024;

/** The last lines of a file. */
interface Tail {
  /** Without their newlines, the oldest first. */
  readonly lines: readonly string[];
  /** The size of the file that was read. */
  readonly end: number;
}

/**
 * Reads the last lines of a file, backwards and no further than needed; none where
 * there is no file.
 *
 * @param count The largest number of lines.
 * @param from The first byte that is read, 0 by default.
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
  // A file that is shorter than that was replaced.
  const first = from <= size ? from : 0;
  let begin = size;
  let bytes = new Uint8Array(0);
  while (begin > first && countNewlines(bytes) <= count) {
    const length = Math.min(BLOCK, begin - first);
    begin -= length;
    const block = await readAt(handle, begin, length);
    if (block.every((byte) => byte === 0)) break;
    const joined = new Uint8Array(block.length + bytes.length);
    joined.set(block);
    joined.set(bytes, block.length);
    bytes = joined;
  }
  return { lines: lastLines(bytes, count), end: size };
}

/**
 * Reads the text of a file from a byte on: at most its last 4 MiB, and nothing
 * where there is no file.
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
  return decode(await readAt(handle, begin, size - begin));
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

/** Reads bytes of a file; fewer where it ends before. */
export async function readAt(
  handle: Deno.FsFile,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  await handle.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const read = await handle.read(bytes.subarray(filled));
    if (read === null) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0x0a) count++;
  return count;
}

/** The head of a log may have been punched, and then reads as NUL bytes. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).replaceAll(/\0+/g, "");
}

function lastLines(bytes: Uint8Array, count: number): readonly string[] {
  const text = decode(bytes);
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return count > 0 ? lines.slice(-count) : [];
}
