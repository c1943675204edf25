/**
 * Files of `NAME=value` lines.
 *
 * One variable a line, optionally after `export`. A value in single quotes is
 * taken as it is; in double quotes `\n`, `\t`, `\"` and `\\` are escapes, and
 * any other backslash is itself, so that Windows paths survive; without quotes
 * a `#` after a blank begins a comment. Nothing is expanded. The last of two
 * lines for one name wins.
 */

import type { EnvLineReason, ReadFailure } from "./errors/config_issue.ts";
import { readText } from "./_read_text.ts";

/** A line that sets nothing. */
interface EnvLineIssue {
  /** The line, from 1. */
  readonly line: number;
  /** What is wrong with it. */
  readonly reason: EnvLineReason;
}

/** What an env file says. */
interface EnvFile {
  /** The variables by name. */
  readonly values: Readonly<Record<string, string>>;
  /** The lines that could not be read, in order. */
  readonly issues: readonly EnvLineIssue[];
}

/** Thrown where an env file cannot be used as a whole. */
export class EnvFileError extends Error {
  /** The file, absolute. */
  readonly file: string;
  /** Why it could not be read; undefined where its lines are wrong. */
  readonly reason: ReadFailure | undefined;
  /** The lines that could not be read, in order. */
  readonly issues: readonly EnvLineIssue[];

  /**
   * Makes the error.
   *
   * @param file The file, absolute.
   */
  constructor(
    file: string,
    reason: ReadFailure | undefined,
    issues: readonly EnvLineIssue[],
  ) {
    const lines = issues.map(({ line, reason }) => `line ${line} ${reason}`);
    super(`Cannot read ${file}: ${reason ?? lines.join(", ")}`);
    this.name = "EnvFileError";
    this.file = file;
    this.reason = reason;
    this.issues = issues;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\n": "\n",
  "\\t": "\t",
  '\\"': '"',
  "\\\\": "\\",
};

const NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
const SINGLE = /^'([^']*)'(.*)$/s;
const DOUBLE = /^"((?:[^"\\]|\\.)*)"(.*)$/s;
const BLANK_OR_COMMENT = /^\s*(?:#.*)?$/s;

/** The value of what follows `=`, or why there is none. */
function readValue(
  text: string,
): { readonly value: string } | { readonly reason: EnvLineReason } {
  const trimmed = text.trimStart();
  const quote = trimmed[0];
  if (quote !== '"' && quote !== "'") {
    return { value: text.replace(/\s#.*$/s, "").trim() };
  }
  const match = (quote === '"' ? DOUBLE : SINGLE).exec(trimmed);
  if (!match) return { reason: "unclosed-quote" };
  const [, body = "", after = ""] = match;
  if (!BLANK_OR_COMMENT.test(after)) return { reason: "text-after-quote" };
  const value = quote === "'"
    ? body
    : body.replace(/\\./gs, (escape) => ESCAPES[escape] ?? escape);
  return { value };
}

/**
 * Reads the text of an env file.
 *
 * @param text The text; a byte order mark and line ends of any kind are fine.
 */
export function parseEnvFile(text: string): EnvFile {
  const values = new Map<string, string>();
  const issues: EnvLineIssue[] = [];
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/);
  for (const [index, source] of lines.entries()) {
    const line = index + 1;
    if (BLANK_OR_COMMENT.test(source)) continue;
    const equals = source.indexOf("=");
    if (equals < 0) {
      issues.push({ line, reason: "no-equals" });
      continue;
    }
    const name = source.slice(0, equals).trimStart()
      .replace(/^export\s+/, "").trimEnd();
    const read = readValue(source.slice(equals + 1));
    if (!NAME.test(name)) issues.push({ line, reason: "bad-name" });
    else if ("reason" in read) issues.push({ line, reason: read.reason });
    else if (read.value.includes("\0")) issues.push({ line, reason: "nul" });
    else values.set(name, read.value);
  }
  // Not by assignment, which loses a variable called `__proto__`.
  return { values: Object.fromEntries(values), issues };
}

/**
 * Reads an env file.
 *
 * @param path The file, absolute.
 * @throws {EnvFileError} Where the file or one of its lines cannot be read.
 */
export function readEnvFile(
  path: string,
): Readonly<Record<string, string>> {
  const reading = readText(path);
  if (!reading.ok) throw new EnvFileError(path, reading.reason, []);
  const { values, issues } = parseEnvFile(reading.text);
  if (issues.length > 0) throw new EnvFileError(path, undefined, issues);
  return values;
}
