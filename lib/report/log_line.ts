/**
 * A line of a log as it is shown: without what could move the cursor or colour
 * the next line.
 */

import { CONTROLS } from "../core/printable.ts";
import { JSON_VERSION } from "./json.ts";
import { paint, type Style } from "./style.ts";

/** A line that is shown. */
export interface ShownLine {
  /** The name of the service. */
  readonly service: string;
  /** The bytes that it wrote, decoded. */
  readonly text: string;
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  /** It was written at that time or before. */
  readonly isApproximate: boolean;
  /** It continues a line whose beginning was shown already. */
  readonly isRest?: boolean;
}

/** How lines are shown. */
export interface LineFormat {
  /** What the screen can show. */
  readonly style: Style;
  /** Each line begins with its time and the name of its service. */
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
 * Returns a line without colours, as `--grep` searches and `--json` prints it:
 * what follows the last carriage return, without control characters.
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

const SPLIT = new RegExp(`(${SEQUENCE.source})`);

function hasControls(text: string): boolean {
  return text.search(CONTROLS) !== -1;
}

function withoutControls(text: string): string {
  return text.replace(CONTROLS, (control) => control === "\t" ? "\t" : "");
}

/** A progress bar redraws its line after a carriage return. */
function lastState(text: string): string {
  const line = text.replace(/\r+$/, "");
  return line.slice(line.lastIndexOf("\r") + 1);
}

/** Writes a line for people: `09:12:33 api | text`, or the text alone. */
export function renderLogLine(line: ShownLine, format: LineFormat): string {
  const { style, width } = format;
  const shown = style.color ? colorText(line.text) : plainText(line.text);
  const isContinued = line.isRest && !line.text.includes("\r");
  const text = isContinued ? `… ${shown}` : shown;
  if (!format.hasPrefix) return text;
  const time = paint(formatTime(line, format.now), "dim", style);
  const color = format.colors.get(line.service) ?? 0;
  const name = paint(`${line.service.padEnd(width)} |`, color, style);
  return `${time} ${name} ${text}`;
}

/** Writes a line as JSON, without its newline. */
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
