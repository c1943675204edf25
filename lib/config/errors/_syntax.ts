/** What is wrong with a file that is not TOML. Loaded only then. */

import { TomlError } from "smol-toml";
import type { ConfigIssue, SyntaxReason } from "./config_issue.ts";
import { placeAt } from "./_positions.ts";

/** The words of smol-toml 1.9, by what they mean to a person. */
const REASONS: readonly (readonly [RegExp, SyntaxReason])[] = [
  [/^trying to redefine/, "duplicate"],
  [/^unfinished string/, "unclosed-text"],
  [/escape/, "bad-escape"],
  [/^invalid date/, "bad-date"],
  [/leading zero|underscore|numeric|losslessly/, "bad-number"],
  [/^control characters/, "control-character"],
  [/followed by an end-of-line/, "missing-line-end"],
  [/^expected comma|^unfinished (?:table|array)/, "missing-comma"],
  [/^incomplete key-value/, "missing-equals"],
  [/key/, "bad-key"],
  [/^invalid value/, "invalid-value"],
];

/** What the words of the parser mean, seen with what stands at the place. */
function reasonOf(detail: string, rest: string): SyntaxReason {
  const found = REASONS.find(([words]) => words.test(detail))?.[1] ?? "other";
  const atLineEnd = /^\s*(?:#.*)?$/.test(rest);
  if (found === "invalid-value" && atLineEnd) return "missing-value";
  if (found === "control-character" && rest === "") return "unclosed-text";
  // `port: 8000` and `my key = 1` are reported as a bad letter in a key.
  if (found === "bad-key" && /^[:\w]/.test(rest)) return "missing-equals";
  return found;
}

/** What is meant at the place: a word, a text in quotes, or one character. */
function wordAt(rest: string): string {
  return /^(?:"[^"]*"|'[^']*'|[^\s=,#[\]{}"']+|\S)/.exec(rest)?.[0] ?? "";
}

/**
 * Explains why a text is not TOML.
 *
 * @param text The text, without a byte order mark.
 * @throws {unknown} The error itself, where it is not about the text.
 */
export function explainSyntax(
  text: string,
  error: unknown,
): ConfigIssue<"syntax"> {
  if (!(error instanceof TomlError)) throw error;
  const detail = /: (.*)/.exec(error.message)?.[1] ?? error.message;
  const lines = text.split("\n");
  const lineStart = lines.slice(0, error.line - 1).join("\n").length +
    (error.line > 1 ? 1 : 0);
  let start = lineStart + error.column - 1;
  let rest = text.slice(start).split(/\r?\n/, 1)[0] ?? "";
  const reason = reasonOf(detail, rest);
  if (reason === "unclosed-text" && rest === "") {
    // The end of the line is reported; the open quote is the place to mend.
    const line = text.slice(lineStart, start);
    start = lineStart + openQuote(line);
    rest = text.slice(start).split(/\r?\n/, 1)[0] ?? "";
  }
  if (reason === "bad-escape") {
    // What follows the backslash is reported.
    start = Math.max(lineStart, text.lastIndexOf("\\", start));
    rest = text.slice(start, start + 2);
  }
  const isWhole = reason === "unclosed-text" || reason === "bad-escape";
  const word = isWhole ? rest : wordAt(rest);
  return {
    code: "syntax",
    path: [],
    ...placeAt(text, start, start + word.length),
    reason,
    text: word,
    detail,
  };
}

/** Where the quote stands that the line does not close. */
function openQuote(line: string): number {
  const quoted = /"(?:[^"\\]|\\.)*("?)|'[^']*('?)/g;
  for (const { 1: double, 2: single, index } of line.matchAll(quoted)) {
    if (!double && !single) return index;
  }
  return 0;
}

/**
 * Finds where a file stops being UTF-8.
 *
 * @returns The issue, at the first character that was lost.
 */
export function explainEncoding(text: string): ConfigIssue<"syntax"> {
  const start = Math.max(0, text.indexOf("\ufffd"));
  return {
    code: "syntax",
    path: [],
    ...placeAt(text, start, start + 1),
    reason: "encoding",
    text: "",
    detail: "not UTF-8",
  };
}
