/** Reading a log while it grows. */

import { LineSplitter, wholeLength } from "./lines.ts";
import type { LogSource } from "./log_source.ts";
import type { Matches } from "./lines.ts";
import type { LogLine } from "./select.ts";
import { TIME_PRECISION } from "./times.ts";

/** A line of a log that is followed. */
export interface FollowedLine extends LogLine {
  /** It continues an open line whose beginning was returned before. */
  readonly isRest: boolean;
}

/** Reads a log while it grows; times are in milliseconds since 1970. */
export interface Follower {
  /**
   * Reads the lines that were written since the last call, or the first megabytes
   * of them.
   *
   * An open line, such as a prompt, is returned once it has not grown for a quarter
   * of a second; what is added to it later is returned as its rest.
   */
  next(now: number): Promise<readonly FollowedLine[]>;
  /** Whether the last call left lines to be read at once. */
  isBehind(): boolean;
  /** Returns what is left of the open line. */
  last(now: number): readonly FollowedLine[];
}

/** So much is read at once: a service may write faster than lines are shown. */
const BATCH_MAX = 4 * 1024 * 1024;

/** How much of the open line was returned. */
interface Reported {
  readonly bytes: number;
  readonly text: string;
}

const NOT_REPORTED: Reported = { bytes: 0, text: "" };

/**
 * Follows a log through rotations and new runs.
 *
 * @param begin The logical offset at which a line begins.
 * @param matchesOpen Which open lines are returned.
 */
export function followLog(
  log: LogSource,
  begin: number,
  matchesOpen: Matches,
): Follower {
  const decoder = new TextDecoder();
  let splitter = new LineSplitter();
  let position = begin;
  let reported = NOT_REPORTED;
  /** The length of the open line when it last did not match, in bytes. */
  let unmatchedBytes = 0;
  let grewAt = 0;
  let checkedAt = 0;
  let isBehind = false;

  const startLine = () => {
    reported = NOT_REPORTED;
    unmatchedBytes = 0;
  };
  const timeOf = (offset: number, now: number, isLate: boolean) => {
    if (!isLate) return { at: now, isApproximate: false };
    return log.times().of(offset) ?? { at: now, isApproximate: true };
  };
  const openRest = (
    now: number,
    matches: Matches,
  ): readonly FollowedLine[] => {
    const bytes = splitter.open();
    const whole = wholeLength(bytes);
    if (whole <= reported.bytes || whole === unmatchedBytes) return [];
    const text = decoder.decode(bytes.subarray(reported.bytes, whole));
    if (reported.bytes === 0 && !matches(text)) {
      unmatchedBytes = whole;
      return [];
    }
    const line = {
      service: log.service,
      begin: splitter.begin,
      text,
      isOpen: true,
      isRest: reported.bytes > 0,
      at: grewAt || now,
      isApproximate: false,
    };
    reported = { bytes: whole, text: reported.text + text };
    return [line];
  };

  return {
    next: async (now) => {
      const isLate = checkedAt > 0 && now - checkedAt > TIME_PRECISION;
      checkedAt = now;
      const hasChanged = log.refresh();
      const { end } = log.view();
      const lines: FollowedLine[] = [];
      if (hasChanged && end < position) {
        // It was emptied by hand.
        lines.push(...openRest(now, () => true));
        position = log.view().base;
        splitter = new LineSplitter();
        startLine();
      }
      const batchEnd = position + BATCH_MAX;
      for (;;) {
        isBehind = position < end && position >= batchEnd;
        const chunk = position < end && !isBehind &&
          await log.read(position, end);
        if (!chunk) break;
        position = chunk.begin + chunk.bytes.length;
        grewAt = now;
        for (const { begin, text } of splitter.push(chunk)) {
          lines.push({
            service: log.service,
            begin,
            text: text.slice(reported.text.length),
            isOpen: false,
            isRest: reported.bytes > 0,
            ...timeOf(begin, now, isLate),
          });
          startLine();
        }
      }
      const isQuiet = !isBehind && now - grewAt >= TIME_PRECISION;
      return isQuiet ? [...lines, ...openRest(now, matchesOpen)] : lines;
    },
    isBehind: () => isBehind,
    last: (now) => {
      unmatchedBytes = 0;
      return openRest(now, () => true);
    },
  };
}
