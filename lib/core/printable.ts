/**
 * What moves the cursor or begins an escape sequence, and what reorders the
 * letters after it (https://www.unicode.org/reports/tr9/#Table_Bidi_Character_Types).
 */
export const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** Makes a text that a project or a process chose safe for the screen. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, "\ufffd");
}
