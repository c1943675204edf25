/**
 * Text that a project or a process chose, on its way to the screen: what may act
 * there, or be there unseen.
 */

/**
 * What moves the cursor, begins an escape sequence or ends a line, and what
 * reorders the letters around it
 * (https://www.unicode.org/reports/tr9/#Table_Bidi_Character_Types); the inside
 * of a class.
 */
export const ACTING: string =
  "\\x00-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069";

/**
 * What has no shape and no width, so that two texts look the same: most of
 * Default_Ignorable_Code_Point (https://www.unicode.org/reports/tr44/). Emoji
 * need their variation selectors.
 */
const UNSEEN = "\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b" +
  "\\u2060-\\u2065\\u206a-\\u206f\\u3164\\ufeff\\uffa0\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}";

/**
 * The joiners of emoji and of scripts such as Persian, where they join nothing
 * or letters of an alphabet that has no use for them.
 */
const LONE_JOINER =
  "[\\u200c\\u200d](?:(?<![\\p{L}\\p{M}\\p{So}\\p{Sk}\\ufe0f].)" +
  "|(?<=\\p{Script=Latin}.)|(?![\\p{L}\\p{So}])|(?=\\p{Script=Latin}))";

/** What acts on the screen. */
export const CONTROLS: RegExp = new RegExp(`[${ACTING}]`, "gu");

/** Most texts: to compile the other expression takes 0.5 ms. */
const PLAIN = /^[ -~\xa0-\xac\xae-\u02ff]*$/;

let compiled: RegExp | undefined;

function notPrintable(): RegExp {
  return compiled ??= new RegExp(
    `[${ACTING}${UNSEEN}]|${LONE_JOINER}`,
    "gu",
  );
}

/** Makes a text that a project or a process chose safe for the screen. */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(notPrintable(), "\ufffd");
}

/** Makes a command line safe for the screen, on one line. */
export function printableCommand(text: string): string {
  return printable(text.replaceAll(/[\t\r\n]+/g, " "));
}

/**
 * Makes the name of a process safe for the screen. Linux keeps 15 bytes of it,
 * so `next-server (v15.1.0)` loses its second bracket (`man 5 proc_pid_comm`):
 * what stands after the first says nothing then.
 */
export function printableName(name: string): string {
  return printable(name.replace(/(?<=.)\s*\([^()]*$/s, ""));
}

/** Writes what {@linkcode printable} replaces as TOML does: `\u202E`. */
export function escapeHidden(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replaceAll(notPrintable(), (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return code.length > 4
      ? `\\U${code.padStart(8, "0")}`
      : `\\u${code.padStart(4, "0")}`;
  });
}

/**
 * Finds the first character that {@linkcode printable} replaces.
 *
 * @returns Its name, such as `U+202E`; undefined where there is none.
 */
export function hiddenCharacter(text: string): string | undefined {
  const at = PLAIN.test(text) ? -1 : text.search(notPrintable());
  if (at < 0) return undefined;
  const code = (text.codePointAt(at) ?? 0).toString(16).toUpperCase();
  return `U+${code.padStart(4, "0")}`;
}
