/** A line of a log as it is shown, with its time and its service. */

import { colorText, plainText } from "../core/line_text.ts";
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
