/** Lines on a screen that are drawn again in their place. */

import stringWidth from "fast-string-width";
import type { Terminal } from "./terminal.ts";

/** The last lines of the screen, drawn again and again. */
export class Frame {
  readonly #terminal: Terminal;
  #drawn = 0;

  /** Makes a frame that shows nothing yet. */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /**
   * Erases the lines drawn before, writes the lines that stay, and draws anew.
   *
   * @param live The lines of the frame, cut to the width and the height of the
   * screen: lines that scrolled off it cannot be erased.
   */
  draw(staying: readonly string[], live: readonly string[]): void {
    const width = this.#terminal.columns() - 1;
    const shown = live.slice(0, this.#terminal.rows() - 1);
    // From the first column: a typed Ctrl-C echoes `^C` and moves the cursor.
    const erase = this.#drawn > 0 ? `\r\x1b[${this.#drawn}A\x1b[0J` : "";
    this.#drawn = shown.length;
    const lines = [...staying, ...shown.map((line) => fit(line, width))];
    const text = lines.map((line) => `${line}\n`).join("");
    if (erase || text) this.#terminal.write(erase + text);
  }
}

/** A colour takes no columns (ECMA-48, SGR). */
// deno-lint-ignore no-control-regex -- an escape begins with one
const COLOR = /\x1b\[[\d;]*m/y;

/** Cuts a line by columns: one that wraps would not be erased whole. */
function fit(line: string, width: number): string {
  if (stringWidth(line) <= width) return line;
  let kept = "";
  let hasColor = false;
  let room = width - 1;
  for (let index = 0; index < line.length;) {
    COLOR.lastIndex = index;
    const color = COLOR.exec(line)?.[0];
    if (color !== undefined) {
      hasColor = true;
      kept += color;
      index += color.length;
      continue;
    }
    const character = String.fromCodePoint(line.codePointAt(index) ?? 0x20);
    room -= stringWidth(character);
    if (room < 0) break;
    kept += character;
    index += character.length;
  }
  return `${kept}…${hasColor ? "\x1b[0m" : ""}`;
}
