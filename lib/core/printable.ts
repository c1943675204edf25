/**
 * Texts that a project or a process chose, made safe for the screen.
 *
 * @module
 */

/** What moves the cursor, starts an escape sequence or reorders the line. */
export const CONTROLS = /[\p{Cc}\p{Bidi_Control}]/gu;

/** Shows the control characters of a text as `�`. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, "\ufffd");
}
