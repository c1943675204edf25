/**
 * Reading a log while it grows.
 *
 * @module
 */

import { LineSplitter, wholeLength } from "./lines.ts";
import type { LogSource } from "./log_source.ts";
import { TIME_PRECISION } from "./times.ts";
import type { LogLine, Matches } from "./select.ts";

/** A line as it is shown while it may still be written. */
export interface FollowedLine extends LogLine {
  /** What went before was shown already. */
  readonly isRest: boolean;
}

/** Reads a log while it grows. */
export interface Follower {
  /**
   * Reads what was written since the last look.
   *
   * A line without a newline, such as a prompt, is told when nothing was added
   * to it for a moment; what is added later is told as its rest.
   *
   * @param now The present, in milliseconds since 1970.
   */
  next(now: number): Promise<readonly FollowedLine[]>;
  /**
   * Ends.
   *
   * @param now The present, in milliseconds since 1970.
   * @returns The line that has no newline, as far as it was not told.
   */
  last(now: number): readonly FollowedLine[];
}

/** What was told of a line that has no newline yet. */
interface Told {
  readonly bytes: number;
  readonly text: string;
}

const UNTOLD: Told = { bytes: 0, text: "" };

/**
 * Follows a log; that lines are rotated or that a new run begins changes
 * nothing.
 *
 * @param begin The logical offset to begin at, where a line does.
 */
export function followLog(
  log: LogSource,
  begin: number,
  tellsOpen: Matches,
): Follower {
  const decoder = new TextDecoder();
  let splitter = new LineSplitter();
  let position = begin;
  /** How much of the open line was told, in bytes and as text. */
  let told: Told = UNTOLD;
  /** How much of it was not to be told. */
  let judged = 0;
  let grewAt = 0;
  let lookedAt = 0;

  const timed = (now: number, offset: number, isLate: boolean) => {
    if (!isLate) return { at: now, isApproximate: false };
    return log.times().of(offset) ?? { at: now, isApproximate: true };
  };
  const openRest = (now: number, tells: Matches): readonly FollowedLine[] => {
    const bytes = splitter.open();
    const whole = wholeLength(bytes);
    if (whole <= told.bytes || whole === judged) return [];
    const text = decoder.decode(bytes.subarray(told.bytes, whole));
    if (told.bytes === 0 && !tells(text)) {
      judged = whole;
      return [];
    }
    const line = {
      service: log.service,
      begin: splitter.begin,
      text,
      isOpen: true,
      isRest: told.bytes > 0,
      at: grewAt || now,
      isApproximate: false,
    };
    told = { bytes: whole, text: told.text + text };
    return [line];
  };

  return {
    next: async (now) => {
      const isLate = lookedAt > 0 && now - lookedAt > TIME_PRECISION;
      lookedAt = now;
      const hasChanged = log.refresh();
      const { end } = log.view();
      const lines: FollowedLine[] = [];
      if (hasChanged && end < position) {
        // It was emptied by hand.
        lines.push(...openRest(now, () => true));
        position = log.view().base;
        splitter = new LineSplitter();
        told = UNTOLD;
        judged = 0;
      }
      for (;;) {
        const chunk = position < end && await log.read(position, end);
        if (!chunk) break;
        position = chunk.begin + chunk.bytes.length;
        grewAt = now;
        for (const { begin, text } of splitter.push(chunk)) {
          const isRest = told.bytes > 0;
          lines.push({
            service: log.service,
            begin,
            text: text.slice(told.text.length),
            isOpen: false,
            isRest,
            ...timed(now, begin, isLate),
          });
          told = UNTOLD;
          judged = 0;
        }
      }
      const isQuiet = now - grewAt >= TIME_PRECISION;
      return isQuiet ? [...lines, ...openRest(now, tellsOpen)] : lines;
    },
    last: (now) => {
      judged = 0;
      return openRest(now, () => true);
    },
  };
}
