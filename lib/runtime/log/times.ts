/**
 * When which line was written: `NAME.times`, beside the log that the service
 * writes by itself.
 *
 * A line of it is `MILLISECONDS LENGTH`, and says that the log was so long at
 * that moment; ` ~` behind it, that nobody had looked for a while.
 *
 * @module
 */

import type { FileSystem } from "../../platform/file_system.ts";
import { writeAtomically } from "../state/atomic_file.ts";

/** How far from the truth a time may be that is not approximate, in ms. */
export const TIME_PRECISION = 250;

/** When a line was written. */
export interface LineTime {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** It may have been written any time before. */
  readonly isApproximate: boolean;
}

/** The times of one log. */
export interface LogTimes {
  /**
   * When the line that begins at a logical offset was written.
   *
   * @param offset The logical offset.
   * @returns Its time, or `undefined` where the log was not that long yet.
   */
  of(offset: number): LineTime | undefined;
  /**
   * The logical offset behind which all was written at a moment or later.
   *
   * @param at The moment, in milliseconds since 1970.
   * @returns The offset, or `undefined` where all that is known is older.
   */
  since(at: number): number | undefined;
  /** How long the log was at the last look. */
  readonly end: number;
}

const LINE = /^(\d{1,16}) (\d{1,16})( ~)?$/;

const TIMES_MIN = 1024 * 1024;

/** More than enough for the last line. */
const LAST = 256;

/**
 * Reads the times of a log.
 *
 * @param text The text of the file; lines that say nothing are left out.
 */
export function parseTimes(text: string): LogTimes {
  const moments: number[] = [];
  const lengths: number[] = [];
  const doubts: boolean[] = [];
  for (const line of text.split("\n")) {
    const match = LINE.exec(line);
    if (!match) continue;
    const length = Number(match[2]);
    if (length <= (lengths.at(-1) ?? -1)) continue;
    moments.push(Number(match[1]));
    lengths.push(length);
    doubts.push(match[3] !== undefined);
  }
  return {
    of: (offset) => {
      const index = firstAbove(lengths, offset);
      const at = moments[index];
      const isApproximate = doubts[index] ?? true;
      return at === undefined ? undefined : { at, isApproximate };
    },
    since: (at) => {
      const index = moments.findIndex((moment) => moment >= at);
      return index < 0 ? undefined : lengths[index - 1] ?? 0;
    },
    end: lengths.at(-1) ?? 0,
  };
}

function firstAbove(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Reads the times of a log from the disk.
 *
 * @param file The file, absolute.
 * @returns The times; none if there is no such file.
 */
export function readTimes(
  fs: FileSystem,
  file: string,
): LogTimes {
  try {
    return parseTimes(fs.readTextFileSync(file));
  } catch {
    return parseTimes("");
  }
}

/**
 * Tells how long a log was at the last look at it.
 *
 * @param file The file of its times, absolute.
 * @returns Its length in bytes, 0 if nobody looked.
 */
export function lastReported(
  fs: FileSystem,
  file: string,
): number {
  return lastRecord(fs, file)?.length ?? 0;
}

/** The last look at a log. */
export interface LogSize {
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** How long the log was. */
  readonly length: number;
}

/**
 * Reads the last look at a log.
 *
 * @param file The file of its times, absolute.
 * @returns The look, or `undefined` if nobody looked.
 */
export function lastRecord(
  fs: FileSystem,
  file: string,
): LogSize | undefined {
  let found: LogSize | undefined;
  for (const line of readEnd(fs, file).split("\n")) {
    const match = LINE.exec(line);
    if (match) found = { at: Number(match[1]), length: Number(match[2]) };
  }
  return found;
}

function readEnd(
  fs: FileSystem,
  file: string,
): string {
  try {
    using handle = fs.openSync(file);
    const { size } = handle.statSync();
    const begin = Math.max(size - LAST, 0);
    handle.seekSync(begin, Deno.SeekMode.Start);
    const bytes = new Uint8Array(LAST);
    const read = handle.readSync(bytes) ?? 0;
    const text = new TextDecoder().decode(bytes.subarray(0, read));
    // What is before the first newline may be half a line.
    return begin === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } catch {
    return "";
  }
}

/**
 * Writes down that a log was so long at a moment.
 *
 * @param file The file of its times, absolute.
 * @throws {Error} When it cannot be written.
 */
export function recordTime(
  fs: FileSystem,
  file: string,
  look: LogSize,
  isApproximate: boolean,
): void {
  const mark = isApproximate ? " ~" : "";
  // A newline first: a full disk may have cut the line before.
  const text = `${isApproximate ? "\n" : ""}${look.at} ${look.length}${mark}\n`;
  fs.writeTextFileSync(file, text, { append: true, mode: 0o600 });
}

/**
 * How large the times of a log may be: as large as the active file, and room
 * for some hours in any case.
 *
 * @param size The limit of the active file, in bytes.
 * @returns The limit in bytes.
 */
export function timesLimit(size: number): number {
  return Math.max(size, TIMES_MIN);
}

/**
 * Takes away the times of lines that are no longer kept; and the older half,
 * where there are too many.
 *
 * @param file The file of the times, absolute.
 * @param first The logical offset of the first byte that is kept.
 * @param limit How large the file may be, in bytes.
 */
export function trimTimes(
  fs: FileSystem,
  file: string,
  first: number,
  limit: number,
): void {
  let text: string;
  try {
    text = fs.readTextFileSync(file);
  } catch {
    return;
  }
  let cut = lineBefore(text, first);
  const isTooLong = text.length - cut > limit;
  if (isTooLong) {
    cut = text.indexOf("\n", text.length - Math.floor(limit / 2)) + 1;
  }
  if (cut <= 0) return;
  const rest = text.slice(cut);
  // Lines older than the first that is left have lost their times.
  const kept = isTooLong ? rest.replace(/^(\d+ \d+)\n/, "$1 ~\n") : rest;
  writeAtomically(fs, file, kept);
}

/** Where the last line begins that tells a length of `first` or less. */
function lineBefore(text: string, first: number): number {
  let found = 0;
  let begin = 0;
  while (begin < text.length) {
    const next = text.indexOf("\n", begin);
    const end = next < 0 ? text.length : next;
    const match = LINE.exec(text.slice(begin, end));
    if (match && Number(match[2]) > first) break;
    if (match) found = begin;
    begin = end + 1;
  }
  return found;
}
