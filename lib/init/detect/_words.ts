/**
 * Command lines as text: where one command ends, what its words are, and where
 * its port stands.
 *
 * @module
 */

import { PORT_SLOT } from "./candidate.ts";
import { toPort } from "./_text.ts";

/**
 * Splits a line into the commands that run one after the other.
 *
 * @param separators What separates them besides `&&`: `&` for `cmd`, `;` for
 * the others.
 * @returns The commands, without the blanks around them.
 */
export function splitChain(
  line: string,
  separators: "&" | ";",
): readonly string[] {
  const separator = separators === "&" ? "&&?" : "&&|;";
  const pattern = new RegExp(`"[^"]*"|'[^']*'|(${separator})`, "g");
  const parts: string[] = [];
  let start = 0;
  for (const match of line.matchAll(pattern)) {
    // `2>&1` is no end of a command.
    const isRedirect = /[<>]$/.test(line.slice(0, match.index));
    if (match[1] === undefined || isRedirect) continue;
    parts.push(line.slice(start, match.index));
    start = match.index + match[0].length;
  }
  return [...parts, line.slice(start)].map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Splits a command into its words, each with its quotes. */
export function splitWords(command: string): readonly string[] {
  return command.match(/(?:[^\s"']|"[^"]*"|'[^']*'|["'])+/g) ?? [];
}

/** Takes the quotes off a word. */
export function bare(word: string): string {
  return word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2");
}

/**
 * Gives the name of the program that a word starts.
 *
 * @returns The name, in lower case, without folder and `.exe`.
 */
export function programName(word: string): string {
  return bare(word).replace(/^.*[\\/]/, "").replace(/\.(?:exe|cmd|bat)$/i, "")
    .toLowerCase();
}

/** A command whose port was taken out. */
export interface PortedCommand {
  /** The command, with a slot where the port was. */
  readonly text: string;
  /** The port; none where a slot stood there already. */
  readonly port?: number;
}

const DIGITS = String.raw`(\d{2,5}|\{port\})(?![\w.])`;
const HOST = String.raw`["']?(?:[\w.*\-]*:|\[[\w:]*\]:)?`;
const FLAGS = "--port|--server\\.port|--http-port|--listen|--bind|-p|-l|-b";

const PORT_FLAG = new RegExp(
  `(?<=^|\\s)((?:${FLAGS})(?:=|\\s+)${HOST})${DIGITS}`,
);
const PORT_WORD = new RegExp(
  `(?<=^|\\s)((?:runserver|http\\.server)(?:\\s+-\\S+)*\\s+${HOST})${DIGITS}`,
);

/**
 * Takes the port out of a command.
 *
 * @returns The command with a slot; `undefined` where no port stands in it.
 */
export function takePort(command: string): PortedCommand | undefined {
  const match = PORT_FLAG.exec(command) ?? PORT_WORD.exec(command);
  const [whole, before, digits] = match ?? [];
  if (match === null || whole === undefined) return undefined;
  const port = toPort(digits);
  if (port === undefined && digits !== PORT_SLOT) return undefined;
  const end = match.index + whole.length;
  return {
    text: command.slice(0, match.index) + before + PORT_SLOT +
      command.slice(end),
    ...(port === undefined ? {} : { port }),
  };
}
