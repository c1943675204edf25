/**
 * Selecting lines of a log: the last ones, those since a time, those that match.
 * Other lines are not read where that can be avoided, and a block at a time is in
 * memory.
 */

import { LineSplitter, type Matches, type PlacedLine } from "./lines.ts";
import type { Chunk, LogSource } from "./log_source.ts";
import type { LineTime } from "./times.ts";

/** How many bytes are searched at a time, from the end backwards. */
const WINDOW = 256 * 1024;

const NEWLINE = 0x0a;

/** A line of a log with its time. */
export interface LogLine extends PlacedLine, LineTime {
  /** The name of the service. */
  readonly service: string;
  /** It has no newline yet. */
  readonly isOpen: boolean;
}

/**
 * Finds the logical offset at which the last lines of a log begin.
 *
 * @param count How many lines.
 * @param matches Which lines count; all by default.
 */
export async function beginOfLast(
  log: LogSource,
  count: number,
  matches?: Matches,
): Promise<number> {
  const { end, segments } = log.view();
  if (count === 0) return end;
  const first = segments[0]?.begin ?? end;
  let left = count;
  let windowEnd = end;
  let begin = matches ? end : first;
  while (windowEnd > first) {
    const windowBegin = await beginOfWindow(log, first, windowEnd);
    const found: number[] = [];
    for await (
      const lines of splitRange(log, windowBegin, windowEnd, matches)
    ) {
      for (const line of lines) {
        // Its rest may come later, and must be read from its beginning.
        if (line.isOpen) begin = Math.min(begin, line.begin);
        if (!line.isOpen || (matches?.(line.text) ?? true)) {
          found.push(line.begin);
        }
      }
    }
    const wanted = found.at(-left);
    if (wanted !== undefined) return wanted;
    begin = Math.min(begin, found[0] ?? begin);
    left -= found.length;
    windowEnd = windowBegin;
  }
  // What is before the first line that matches is not read again.
  return begin;
}

/** The beginning of a line, at least one window before `end`. */
async function beginOfWindow(
  log: LogSource,
  first: number,
  end: number,
): Promise<number> {
  for (let length = WINDOW;; length *= 2) {
    const begin = end - length;
    if (begin <= first) return first;
    const line = await lineFrom(log, begin, end);
    if (line < end) return line;
  }
}

/** Where the first line at or after an offset begins; `end` if there is none. */
async function lineFrom(
  log: LogSource,
  offset: number,
  end: number,
): Promise<number> {
  let at = Math.max(offset - 1, 0);
  for (;;) {
    const chunk = await log.read(at, end);
    if (!chunk) return end;
    // The bytes before it are no longer kept: the log now begins there.
    if (chunk.begin > at) return chunk.begin;
    if (offset === 0) return 0;
    const newline = chunk.bytes.indexOf(NEWLINE);
    if (newline >= 0) return chunk.begin + newline + 1;
    at = chunk.begin + chunk.bytes.length;
  }
}

/**
 * Finds the logical offset at which the lines begin that were written at a time or
 * later.
 *
 * @param at In milliseconds since 1970.
 */
export async function beginSince(log: LogSource, at: number): Promise<number> {
  const { end } = log.view();
  const times = log.times();
  const offset = times.since(at) ??
    (log.timeOf(times.end).at >= at ? times.end : end);
  return offset >= end ? end : await lineFrom(log, offset, end);
}

/**
 * Reads the lines between two logical offsets with their times.
 *
 * @param begin Where a line begins.
 * @param matches Which lines are yielded; all by default.
 */
export async function* readLines(
  log: LogSource,
  begin: number,
  end: number,
  matches?: Matches,
): AsyncGenerator<readonly LogLine[]> {
  for await (const lines of splitRange(log, begin, end, matches)) {
    const shown = lines.filter((line) =>
      !line.isOpen || (matches?.(line.text) ?? true)
    ).map((line) => ({
      ...line,
      ...log.timeOf(line.begin),
      service: log.service,
    }));
    if (shown.length > 0) yield shown;
  }
}

interface SplitLine extends PlacedLine {
  readonly isOpen: boolean;
}

/** Yields the lines that match, and the open one in any case. */
async function* splitRange(
  log: LogSource,
  begin: number,
  end: number,
  matches?: Matches,
): AsyncGenerator<readonly SplitLine[]> {
  const splitter = new LineSplitter();
  let at = begin;
  for (;;) {
    const chunk: Chunk | undefined = await log.read(at, end);
    if (!chunk) break;
    yield splitter.push(chunk, matches).map((line) => ({
      ...line,
      isOpen: false,
    }));
    at = chunk.begin + chunk.bytes.length;
  }
  const rest = splitter.open();
  if (rest.length === 0) return;
  const text = new TextDecoder().decode(rest);
  yield [{ begin: splitter.begin, text, isOpen: true }];
}

/**
 * Merges the lines of several logs by time. The lines of one log stay in their
 * order; of lines with one time those of the first log come first.
 */
export async function* mergeLines<L extends LogLine>(
  logs: readonly AsyncIterable<readonly L[]>[],
): AsyncGenerator<readonly L[]> {
  const cursors: Cursor<L>[] = [];
  for (const log of logs) {
    const cursor = { lines: log[Symbol.asyncIterator](), batch: [], at: 0 };
    if (await fill(cursor)) cursors.push(cursor);
  }
  while (cursors.length > 0) {
    const merged: L[] = [];
    const empty = mergeUntilEmpty(cursors, merged);
    yield merged;
    if (!await fill(empty)) cursors.splice(cursors.indexOf(empty), 1);
  }
}

/** The lines of one log that were read and not merged yet. */
interface Cursor<L> {
  readonly lines: AsyncIterator<readonly L[]>;
  batch: readonly L[];
  at: number;
}

async function fill<L>(cursor: Cursor<L>): Promise<boolean> {
  do {
    const { value, done } = await cursor.lines.next();
    if (done) return false;
    cursor.batch = value;
    cursor.at = 0;
  } while (cursor.batch.length === 0);
  return true;
}

/** Merges until a cursor has no more lines, and returns that one. */
function mergeUntilEmpty<L extends LogLine>(
  cursors: readonly Cursor<L>[],
  merged: L[],
): Cursor<L> {
  for (;;) {
    let next: Cursor<L> | undefined;
    let first: L | undefined;
    for (const cursor of cursors) {
      const line = cursor.batch[cursor.at];
      if (line && (first === undefined || line.at < first.at)) {
        next = cursor;
        first = line;
      }
    }
    if (!next || !first) throw new Error("Cannot merge: a log has no lines");
    merged.push(first);
    next.at++;
    if (next.at >= next.batch.length) return next;
  }
}
