/**
 * The text of a line of a log, without what could move the cursor or colour the
 * next line.
 */

import { CONTROLS } from "./printable.ts";

const ESC = "\x1b";
const BEL = "\x07";

/**
 * Control sequences of ECMA-48, from their 7-bit or 8-bit beginning on, and
 * strings of xterm: as far as they end, or the text ends within them.
 */
const SEQUENCE = new RegExp(
  `(?:${ESC}\\[|\\x9b)[0-?]*[ -/]*(?:[@-~]|$)` +
    `|(?:${ESC}[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])` +
    `[^${ESC}${BEL}\\x90-\\x9f]*(?:${BEL}|${ESC}\\\\|\\x9c|${ESC}?$)` +
    `|${ESC}[ -/]*[0-~]`,
  "g",
);

const SPLIT = new RegExp(`(${SEQUENCE.source})`);

const COLOR = new RegExp(`^${ESC}\\[[0-9;:]*m$`);

/** Moves the cursor to the first column, or erases the line: what follows is a new state. */
const REDRAW = new RegExp(`(?:${ESC}\\[|\\x9b)(?:[01]?G|2K)`, "g");

/**
 * Returns a line without colours, as `--grep` searches and `--json` prints it:
 * its last state, without control characters.
 */
export function plainText(text: string): string {
  if (!hasControls(text)) return text;
  return withoutControls(lastState(text).replace(SEQUENCE, ""));
}

/** Returns a line with its own colours, which are reset at its end. */
export function colorText(text: string): string {
  if (!hasControls(text)) return text;
  let hasColor = false;
  const kept = lastState(text).split(SPLIT).map((part, index) => {
    if (index % 2 === 0) return withoutControls(part);
    if (!COLOR.test(part)) return "";
    hasColor = true;
    return part;
  }).join("");
  return hasColor ? `${kept}${ESC}[0m` : kept;
}

/** How much of a line is quoted, in UTF-16 units: a line of JSON may be huge. */
const QUOTED_LENGTH = 500;

/**
 * Returns a line as it is quoted between other text: its tabs are spaces, too,
 * and of a long line it has the beginning and how much is left out.
 */
export function quotedText(text: string): string {
  const plain = plainText(text).replaceAll("\t", "    ");
  if (plain.length <= QUOTED_LENGTH) return plain;
  const last = plain.codePointAt(QUOTED_LENGTH - 1) ?? 0;
  const end = last > 0xffff ? QUOTED_LENGTH - 1 : QUOTED_LENGTH;
  return `${plain.slice(0, end)}… (+${plain.length - end})`;
}

function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1;
}

function withoutControls(text: string): string {
  return overstruck(text)
    .replace(CONTROLS, (control) => control === "\t" ? "\t" : "");
}

/**
 * A progress bar redraws its line after a carriage return: the last state counts
 * in which something is to be seen.
 */
function lastState(text: string): string {
  const states = text.replace(REDRAW, "\r").split("\r");
  return states.findLast((state) =>
    state.replace(SEQUENCE, "").trim() !== ""
  ) ??
    "";
}

/** A spinner writes over a character after it went back by one. */
function overstruck(text: string): string {
  if (!text.includes("\b")) return text;
  const shown: string[] = [];
  let column = 0;
  for (const character of text) {
    if (character === "\b") column = Math.max(0, column - 1);
    else shown[column++] = character;
  }
  return shown.join("");
}
