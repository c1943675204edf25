/**
 * A line of a service as it is shown: what a terminal would have shown in the
 * end, and nothing that could move the cursor or colour the next line.
 *
 * @module
 */

import { CONTROLS } from "../core/printable.ts";
import { JSON_VERSION } from "./json.ts";
import { paint, type Style } from "./style.ts";

/** A line that is shown. */
export interface ShownLine {
  /** The name of the service. */
  readonly service: string;
  /** What it wrote, as it wrote it. */
  readonly text: string;
  /** When, in milliseconds since 1970. */
  readonly at: number;
  /** It may have been written any time before. */
  readonly isApproximate: boolean;
  /** What went before on this line was shown already. */
  readonly isRest?: boolean;
}

/** How lines are shown. */
export interface LineFormat {
  /** What the screen can show. */
  readonly style: Style;
  /** Time and name stand before each line. */
  readonly hasPrefix: boolean;
  /** The width of the names. */
  readonly width: number;
  /** The SGR code of each service. */
  readonly colors: ReadonlyMap<string, number>;
  /** The present, in milliseconds since 1970. */
  readonly now: number;
}

const ESC = "\x1b";
const BEL = "\x07";

/** Control sequences of ECMA-48 and, as far as they end, strings of xterm. */
const SEQUENCE = new RegExp(
  `${ESC}(?:\\[[0-?]*[ -/]*[@-~]` +
    `|[\\]PX^_][^${ESC}${BEL}]*(?:${BEL}|${ESC}\\\\)` +
    "|[ -/]*[0-~])",
  "g",
);

const COLOR = new RegExp(`^${ESC}\\[[0-9;:]*m$`);

/**
 * Gives what a line says, without colours: what `--grep` looks at and `--json`
 * prints.
 *
 * @returns Its last state, as after a carriage return, without control codes.
 */
export function plainText(text: string): string {
  if (!hasControls(text)) return text;
  return withoutControls(lastState(text).replace(SEQUENCE, ""));
}

/**
 * Gives what a line shows on a screen: its own colours stay, and end with it.
 *
 * @returns The text; a reset at its end where it has colours.
 */
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

const SPLIT = new RegExp(`(${SEQUENCE.source})`);

function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1;
}

function withoutControls(text: string): string {
  return text.replace(CONTROLS, (control) => control === "\t" ? "\t" : "");
}

/** A progress bar is drawn again and again behind a carriage return. */
function lastState(text: string): string {
  const line = text.replace(/\r+$/, "");
  return line.slice(line.lastIndexOf("\r") + 1);
}

/**
 * Shows a line to people.
 *
 * @returns `09:12:33 api | text`, or the text alone.
 */
export function renderLogLine(line: ShownLine, look: LineFormat): string {
  const { style, width } = look;
  const shown = style.color ? colorText(line.text) : plainText(line.text);
  const isGoingOn = line.isRest && !line.text.includes("\r");
  const text = isGoingOn ? `… ${shown}` : shown;
  if (!look.hasPrefix) return text;
  const time = paint(formatTime(line, look.now), "dim", style);
  const color = look.colors.get(line.service) ?? 0;
  const name = paint(`${line.service.padEnd(width)} |`, color, style);
  return `${time} ${name} ${text}`;
}

/** Shows a line to programs. */
export function logLineJson(line: ShownLine): string {
  return JSON.stringify({
    version: JSON_VERSION,
    service: line.service,
    time: new Date(line.at).toISOString(),
    ...(line.isApproximate ? { approximate: true } : {}),
    line: plainText(line.text),
  });
}

function formatTime({ at, isApproximate }: ShownLine, now: number): string {
  const date = new Date(at);
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map(two).join(":");
  const isToday = date.toDateString() === new Date(now).toDateString();
  const day = isToday
    ? ""
    : `${two(date.getMonth() + 1)}-${two(date.getDate())} `;
  return `${isApproximate ? "~" : ""}${day}${clock}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
