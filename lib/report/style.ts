/** Colours and marks, as far as the screen can show them. */

/** What the screen can show. */
export interface Style {
  /** ANSI colours. */
  readonly color: boolean;
  /** Pictures such as ✅; the old Windows console draws boxes instead. */
  readonly emoji: boolean;
}

const RULE_WIDTH = 60;

/** Colours by their SGR codes. */
const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 };

/** A colour or weight of text. */
export type Color = keyof typeof CODES;

/** Colours that set services apart in merged output. */
export const SERVICE_COLORS: readonly number[] = [36, 33, 35, 32, 34, 91, 96];

/** Paints a text, where the screen has colours. */
export function paint(
  text: string,
  color: Color | number,
  style: Style,
): string {
  const code = typeof color === "number" ? color : CODES[color];
  return style.color ? `\x1b[${code}m${text}\x1b[0m` : text;
}

/** Each mark as a picture, and in ASCII. */
const MARKS = {
  ok: ["✅", "[OK]"],
  bad: ["❌", "[X]"],
  warn: ["⚠️ ", "[!]"],
  unknown: ["❔", "[?]"],
  search: ["🔍", "[i]"],
  wait: ["⏳", "[.]"],
  stop: ["🛑", "[-]"],
} as const;

/** A mark before a line. */
export type Mark = keyof typeof MARKS;

/** Returns a mark in the form that the screen can show. */
export function markOf(mark: Mark, style: Style): string {
  return MARKS[mark][style.emoji ? 0 : 1];
}

/** Frames a title between two rules. */
export function banner(title: string): readonly string[] {
  const rule = "=".repeat(RULE_WIDTH);
  return [rule, title, rule];
}
