/**
 * When which line was written: `NAME.times`, beside a log that holds nothing but
 * what its service wrote.
 *
 * A record is `MILLISECONDS LENGTH`: the log had this length at this time. A ` ~` at
 * its end says that it was not checked for a while before.
 */

import {
  type FileSystem,
  readTextOrUndefined,
} from "../../platform/file_system.ts";
import { writeAtomically } from "../state/atomic_file.ts";

/** The error of a time that is not approximate, at most; in milliseconds. */
export const TIME_PRECISION = 250;

/** When a line was written. */
export interface LineTime {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** It may have been written at any time before. */
  readonly isApproximate: boolean;
}

/** The times of one log; offsets are logical ones. */
export interface LogTimes {
  /**
   * Returns when the line that begins at an offset was written; `undefined` where
   * no record covers it.
   */
  of(offset: number): LineTime | undefined;
  /**
   * Returns the offset after which everything was written at a time or later;
   * `undefined` where all records are older.
   *
   * @param at In milliseconds since 1970.
   */
  since(at: number): number | undefined;
  /** The length of the log in the last record. */
  readonly end: number;
}

const RECORD = /^(\d{1,16}) (\d{1,16})( ~)?$/;

/** Enough for some hours of a service that writes all the time, in bytes. */
const LIMIT_MIN = 1024 * 1024;

/** A file of times is read as a whole, in bytes. */
const LIMIT_MAX = 4 * 1024 * 1024;

/** More than the length of the last record, in bytes. */
const LAST_RECORD_MAX = 256;

/** Parses the times of a log; lines that are not valid are left out. */
export function parseTimes(text: string): LogTimes {
  const timestamps: number[] = [];
  const lengths: number[] = [];
  const approximate: boolean[] = [];
  for (const line of text.split("\n")) {
    const match = RECORD.exec(line);
    if (!match) continue;
    const length = Number(match[2]);
    if (length <= (lengths.at(-1) ?? -1)) continue;
    timestamps.push(Number(match[1]));
    lengths.push(length);
    approximate.push(match[3] !== undefined);
  }
  return {
    of: (offset) => {
      const index = firstAbove(lengths, offset);
      const at = timestamps[index];
      const isApproximate = approximate[index] ?? true;
      return at === undefined ? undefined : { at, isApproximate };
    },
    since: (at) => {
      const index = timestamps.findIndex((timestamp) => timestamp >= at);
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

/** Reads the times of a log; none where there is no file. */
export function readTimes(fs: FileSystem, file: string): LogTimes {
  return parseTimes(readTextOrUndefined(fs, file) ?? "");
}

/** The length of a log at one time. */
interface LengthRecord {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** In bytes. */
  readonly length: number;
}

/** Reads the last record of a file of times, if there is one. */
export function lastRecord(
  fs: FileSystem,
  file: string,
): LengthRecord | undefined {
  let found: LengthRecord | undefined;
  for (const line of readEnd(fs, file).split("\n")) {
    const match = RECORD.exec(line);
    if (match) found = { at: Number(match[1]), length: Number(match[2]) };
  }
  return found;
}

function readEnd(fs: FileSystem, file: string): string {
  try {
    using handle = fs.openSync(file);
    const { size } = handle.statSync();
    const begin = Math.max(size - LAST_RECORD_MAX, 0);
    handle.seekSync(begin, Deno.SeekMode.Start);
    const bytes = new Uint8Array(LAST_RECORD_MAX);
    const read = handle.readSync(bytes) ?? 0;
    const text = new TextDecoder().decode(bytes.subarray(0, read));
    // The text before the first newline may be a part of a record.
    return begin === 0 ? text : text.slice(text.indexOf("\n") + 1);
  } catch {
    return "";
  }
}

/**
 * Appends a record to a file of times.
 *
 * @throws {Error} Where it cannot be written.
 */
export function recordLength(
  fs: FileSystem,
  file: string,
  { at, length }: LengthRecord,
  isApproximate: boolean,
): void {
  // A newline first: a full disk may have cut the record before this one.
  const text = isApproximate ? `\n${at} ${length} ~\n` : `${at} ${length}\n`;
  fs.writeTextFileSync(file, text, { append: true, mode: 0o600 });
}

/**
 * Returns the largest size of a file of times: that of the active file, but enough
 * for some hours in any case, and little enough to be read as a whole.
 *
 * @param size The limit of the active file, in bytes.
 * @returns In bytes.
 */
export function timesLimit(size: number): number {
  return Math.min(Math.max(size, LIMIT_MIN), LIMIT_MAX);
}

/**
 * Removes the records of lines that are no longer kept, and the older half of a
 * file that is too large.
 *
 * @param first The logical offset of the first byte that is kept.
 * @param limit The largest size of the file, in bytes.
 */
export function trimTimes(
  fs: FileSystem,
  file: string,
  first: number,
  limit: number,
): void {
  const text = readTextOrUndefined(fs, file);
  if (text === undefined) return;
  let cut = recordBefore(text, first);
  const isTooLong = text.length - cut > limit;
  if (isTooLong) {
    cut = text.indexOf("\n", text.length - Math.floor(limit / 2)) + 1;
  }
  if (cut <= 0) return;
  const rest = text.slice(cut);
  // The first record now covers lines whose own records were removed.
  const kept = isTooLong ? rest.replace(/^(\d+ \d+)\n/, "$1 ~\n") : rest;
  writeAtomically(fs, file, kept);
}

/** Where in the text the last record begins whose length is at most `first`. */
function recordBefore(text: string, first: number): number {
  let found = 0;
  let begin = 0;
  while (begin < text.length) {
    const next = text.indexOf("\n", begin);
    const end = next < 0 ? text.length : next;
    const match = RECORD.exec(text.slice(begin, end));
    if (match && Number(match[2]) > first) break;
    if (match) found = begin;
    begin = end + 1;
  }
  return found;
}
