/** Reading the end of a file that may be large and is still written to. */

import type { FileSystem } from "../../platform/file_system.ts";

/** Begins the line at the head of an active file that was punched. */
export const PUNCHED_NOTICE = "[devsvc] begins at byte ";

const BLOCK = 64 * 1024;

/** So many bytes of a file are read at most; a line may never end. */
const READ_MAX = 4 * 1024 * 1024;

/** The last lines of a file. */
interface Tail {
  /** Without their newlines, the oldest first. */
  readonly lines: readonly string[];
  /** The size of the file that was read. */
  readonly end: number;
}

/**
 * Reads the last lines of a file, backwards and no further than needed, at most its
 * last 4 MiB; none where there is no file.
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
  const first = await beginIn(handle, from, size);
  const last = Math.max(first, size - READ_MAX);
  const blocks: Uint8Array<ArrayBuffer>[] = [];
  let begin = size;
  let newlines = 0;
  while (begin > last && newlines <= count) {
    const length = Math.min(BLOCK, begin - last);
    begin -= length;
    const block = await readAt(handle, begin, length);
    if (block.every((byte) => byte === 0)) break;
    newlines += countNewlines(block);
    blocks.unshift(block);
  }
  const bytes = new Uint8Array(await new Blob(blocks).arrayBuffer());
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
  const first = await beginIn(handle, from, size);
  const begin = Math.max(first, size - READ_MAX);
  return decode(await readAt(handle, begin, size - begin));
}

/**
 * Returns where the output of a run begins in its file that began at a byte of it.
 * A file that is shorter than that was replaced. One with a notice may be collapsed,
 * and then nothing in it is older than the run.
 */
async function beginIn(
  handle: Deno.FsFile,
  from: number,
  size: number,
): Promise<number> {
  if (from === 0 || from > size) return 0;
  const head = await readAt(handle, 0, PUNCHED_NOTICE.length);
  return new TextDecoder().decode(head) === PUNCHED_NOTICE ? 0 : from;
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

/** The head of a log may have been punched: a notice and NUL bytes. */
function decode(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  const begin = text.startsWith(PUNCHED_NOTICE) ? text.indexOf("\n") + 1 : 0;
  return text.slice(begin).replaceAll(/\0+/g, "");
}

function lastLines(bytes: Uint8Array, count: number): readonly string[] {
  const text = decode(bytes);
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  if (lines.at(-1) === "") lines.pop();
  return count > 0 ? lines.slice(-count) : [];
}
