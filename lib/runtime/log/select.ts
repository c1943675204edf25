/**
 * Which lines of a log are shown: the last ones, or those since a moment, and
 * only those that match; without reading what is not shown, and never more of
 * it at a time than a block.
 *
 * @module
 */

import { LineSplitter, type PlacedLine } from "./lines.ts";
import type { Chunk, LogSource } from "./log_source.ts";
import type { LineTime } from "./times.ts";

/** How much is looked through at a time, from the end backwards. */
const WINDOW = 256 * 1024;

const NEWLINE = 0x0a;

/** A line of a service with its time. */
export interface LogLine extends PlacedLine, LineTime {
  /** The name of the service. */
  readonly service: string;
  /** It has no newline yet. */
  readonly isOpen: boolean;
}

/** Tells whether a line is shown. */
export type Matches = (text: string) => boolean;

/**
 * Finds where the last lines of a log begin.
 *
 * @param count How many lines; where they have to match, how many that do.
 * @param matches Tells which lines count; all if not given.
 * @returns The logical offset of the first of them.
 */
export async function beginOfLast(
  log: LogSource,
  count: number,
  matches?: Matches,
): Promise<number> {
  const { end, pieces } = log.view();
  if (count === 0) return end;
  const first = pieces[0]?.begin ?? end;
  let left = count;
  let windowEnd = end;
  while (windowEnd > first) {
    const begin = await beginOfWindow(log, first, windowEnd);
    const found: number[] = [];
    for await (const lines of splitRange(log, begin, windowEnd)) {
      for (const line of lines) {
        if (matches?.(line.text) ?? true) found.push(line.begin);
      }
    }
    const wanted = found.at(-left);
    if (wanted !== undefined) return wanted;
    left -= found.length;
    windowEnd = begin;
  }
  return first;
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

/** The first line that begins at an offset or behind it; `end` if none does. */
async function lineFrom(
  log: LogSource,
  offset: number,
  end: number,
): Promise<number> {
  let at = Math.max(offset - 1, 0);
  for (;;) {
    const chunk = await log.read(at, end);
    if (!chunk) return end;
    // What was before it is no longer kept, so a line begins there.
    if (chunk.begin > at) return chunk.begin;
    if (offset === 0) return 0;
    const newline = chunk.bytes.indexOf(NEWLINE);
    if (newline >= 0) return chunk.begin + newline + 1;
    at = chunk.begin + chunk.bytes.length;
  }
}

/**
 * Finds where the lines begin that were written at a moment or later.
 *
 * @param at The moment, in milliseconds since 1970.
 * @returns The logical offset of the first of them.
 */
export async function beginSince(log: LogSource, at: number): Promise<number> {
  const { end } = log.view();
  const times = log.times();
  const offset = times.since(at) ??
    (log.timeOf(times.end).at >= at ? times.end : end);
  return offset >= end ? end : await lineFrom(log, offset, end);
}

/**
 * Reads lines with their times, in order.
 *
 * @param begin The logical offset to begin at, where a line does.
 * @param end The logical offset to end at.
 * @param matches Tells which lines are shown; all if not given.
 */
export async function* readLines(
  log: LogSource,
  begin: number,
  end: number,
  matches?: Matches,
): AsyncGenerator<readonly LogLine[]> {
  for await (const lines of splitRange(log, begin, end)) {
    const shown = lines.filter(({ text }) => matches?.(text) ?? true)
      .map((line) => ({
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

async function* splitRange(
  log: LogSource,
  begin: number,
  end: number,
): AsyncGenerator<readonly SplitLine[]> {
  const splitter = new LineSplitter();
  let at = begin;
  for (;;) {
    const chunk: Chunk | undefined = await log.read(at, end);
    if (!chunk) break;
    yield splitter.push(chunk).map((line) => ({ ...line, isOpen: false }));
    at = chunk.begin + chunk.bytes.length;
  }
  const rest = splitter.open();
  if (rest.length === 0) return;
  const text = new TextDecoder().decode(rest);
  yield [{ begin: splitter.begin, text, isOpen: true }];
}

/**
 * Merges the lines of several logs in the order of their times; those of one
 * log stay in their order, and of lines with the same time those of the first
 * log come first.
 */
export async function* mergeLines<L extends LogLine>(
  logs: readonly AsyncIterable<readonly L[]>[],
): AsyncGenerator<readonly L[]> {
  const heads: Head<L>[] = [];
  for (const log of logs) {
    const head = { lines: log[Symbol.asyncIterator](), batch: [], at: 0 };
    if (await fill(head)) heads.push(head);
  }
  while (heads.length > 0) {
    const merged: L[] = [];
    const ended = mergeUntilEmpty(heads, merged);
    yield merged;
    if (!await fill(ended)) heads.splice(heads.indexOf(ended), 1);
  }
}

/** The lines of one log that were read and not yet merged. */
interface Head<L> {
  readonly lines: AsyncIterator<readonly L[]>;
  batch: readonly L[];
  at: number;
}

async function fill<L>(head: Head<L>): Promise<boolean> {
  do {
    const { value, done } = await head.lines.next();
    if (done) return false;
    head.batch = value;
    head.at = 0;
  } while (head.batch.length === 0);
  return true;
}

/** Merges until one log has to be read on; tells which. */
function mergeUntilEmpty<L extends LogLine>(
  heads: readonly Head<L>[],
  merged: L[],
): Head<L> {
  for (;;) {
    let next: Head<L> | undefined;
    let first: L | undefined;
    for (const head of heads) {
      const line = head.batch[head.at];
      if (line && (first === undefined || line.at < first.at)) {
        next = head;
        first = line;
      }
    }
    if (!next || !first) throw new Error("Cannot merge: a log has no lines");
    merged.push(first);
    next.at++;
    if (next.at >= next.batch.length) return next;
  }
}
