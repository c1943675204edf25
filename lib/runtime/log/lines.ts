/**
 * From bytes to lines: a line may be spread over many reads, be very long, or
 * be no text at all.
 *
 * @module
 */

import type { Chunk } from "./log_source.ts";

/** A line with the place where it begins. */
export interface PlacedLine {
  /** The logical offset of its first byte. */
  readonly begin: number;
  /** Its text without the newline; what is no UTF-8 is `�`. */
  readonly text: string;
}

/** More than this without a newline is taken for several lines. */
export const LINE_MAX = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** Splits a log into lines as it is read. */
export class LineSplitter {
  readonly #decoder = new TextDecoder();
  #begin = 0;
  #length = 0;
  #parts: Uint8Array[] = [];

  /**
   * Takes what was read next; behind a gap a new line begins.
   *
   * @param chunk The bytes and their place.
   */
  push({ begin, bytes }: Chunk): readonly PlacedLine[] {
    const lines: PlacedLine[] = [];
    if (begin !== this.end && this.#length > 0) lines.push(this.#take());
    if (this.#length === 0) this.#begin = begin;
    let from = 0;
    for (;;) {
      const newline = bytes.indexOf(NEWLINE, from);
      if (newline < 0) break;
      this.#add(bytes.subarray(from, newline));
      lines.push(this.#take());
      from = newline + 1;
      this.#begin = begin + from;
    }
    if (from < bytes.length) this.#add(bytes.subarray(from));
    if (this.#length > LINE_MAX) {
      const whole = wholeLength(this.open());
      const rest = this.open().slice(whole);
      const next = this.#begin + whole;
      this.#parts = [this.open().subarray(0, whole)];
      lines.push(this.#take());
      this.#begin = next;
      if (rest.length > 0) this.#add(rest);
    }
    return lines;
  }

  /** The logical offset behind the last byte that was taken. */
  get end(): number {
    return this.#begin + this.#length;
  }

  /** The logical offset at which the line begins that has no newline yet. */
  get begin(): number {
    return this.#begin;
  }

  /**
   * Shows the line that has no newline yet.
   *
   * @returns Its bytes; none between two lines.
   */
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
 * Tells how many bytes are whole characters: the end of what is written so far
 * may be the middle of one.
 *
 * @returns The length without a last character that is cut.
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
