/**
 * Splitting bytes into lines. A line may come in many reads, be very long, or not
 * be valid UTF-8.
 */

import type { Chunk } from "./log_source.ts";

/** A line and where it begins. */
export interface PlacedLine {
  /** The logical offset of its first byte. */
  readonly begin: number;
  /** Its text without the newline; invalid UTF-8 is `�`. */
  readonly text: string;
}

/** Returns whether a line is wanted. */
export type Matches = (text: string) => boolean;

/** A longer line is split into several, in bytes. */
export const LINE_MAX = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Splits a log into lines while it is read. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #begin = 0;
  #length = 0;
  #parts: Uint8Array[] = [];

  /**
   * Takes the next chunk; a new line begins after a gap.
   *
   * @param matches Which lines are wanted; all by default.
   * @returns The lines that it completes.
   */
  push({ begin, bytes }: Chunk, matches?: Matches): readonly PlacedLine[] {
    const lines: PlacedLine[] = [];
    const take = () => {
      const line = this.#take();
      if (matches?.(line.text) ?? true) lines.push(line);
    };
    if (begin !== this.end && this.#length > 0) take();
    if (this.#length === 0) this.#begin = begin;
    let from = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0) break;
      this.#add(bytes.subarray(from, newline));
      take();
      from = newline + 1;
      if (matches) {
        // Of most lines, not even the place is wanted.
        const end = bytes.lastIndexOf(NEWLINE) + 1;
        const whole = bytes.subarray(from, end);
        for (const line of matchingLines(whole, begin + from, matches)) {
          lines.push(line);
        }
        from = end;
      }
      this.#begin = begin + from;
    }
    if (from < bytes.length) this.#add(bytes.subarray(from));
    if (this.#length > LINE_MAX) {
      const whole = wholeLength(this.open());
      const rest = this.open().slice(whole);
      const next = this.#begin + whole;
      this.#parts = [this.open().subarray(0, whole)];
      take();
      this.#begin = next;
      if (rest.length > 0) this.#add(rest);
    }
    return lines;
  }

  /** The logical offset after the last byte that was taken. */
  get end(): number {
    return this.#begin + this.#length;
  }

  /** The logical offset at which the open line begins. */
  get begin(): number {
    return this.#begin;
  }

  /** Returns the bytes of the open line, which has no newline yet. */
  open(): Uint8Array {
    const [first, ...others] = this.#parts;
    if (!first) return new Uint8Array(0);
    if (others.length === 0) return first;
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    this.#parts = [joined];
    return joined;
  }

  #add(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
  }

  #take(): PlacedLine {
    const line = {
      begin: this.#begin,
      text: this.#decoder.decode(this.open()),
    };
    this.#begin += this.#length;
    this.#parts = [];
    this.#length = 0;
    return line;
  }
}

/**
 * Finds the lines that match, some hundred times faster than one by one where
 * they are short: a log may have a hundred million.
 *
 * @param bytes Whole lines, each with its newline.
 * @param begin The logical offset of the first byte.
 */
function* matchingLines(
  bytes: Uint8Array,
  begin: number,
  matches: Matches,
): Generator<PlacedLine> {
  const texts = new TextDecoder().decode(bytes).split("\n");
  texts.pop();
  let matchesEmpty: boolean | undefined;
  let reached = 0;
  let at = 0;
  for (const [index, text] of texts.entries()) {
    const isWanted = text === ""
      ? matchesEmpty ??= matches(text)
      : matches(text);
    if (!isWanted) continue;
    // A character may have several bytes, so the lines before it are counted.
    for (; reached < index; reached++) at = bytes.indexOf(NEWLINE, at) + 1;
    yield { begin: begin + at, text };
  }
}

/**
 * Returns the length of UTF-8 text without a last character that is cut.
 */
export function wholeLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
