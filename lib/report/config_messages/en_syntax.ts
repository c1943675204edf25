/**
 * What devsvc says about a services.toml that is not TOML, in English.
 *
 * @module
 */

import type {
  ConfigIssue,
  SyntaxReason,
} from "../../config/errors/config_issue.ts";
import type { Explanation } from "./en.ts";

type Words = (text: string, detail: string) => Explanation;

function invalidValue(text: string): Explanation {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") {
    return { text: `${text} is not a value`, advice: `write ${lower}` };
  }
  if (/^[“”‘’«]/.test(text)) {
    return {
      text: `${text} begins with a quote that TOML does not know`,
      advice: 'write straight quotes: "…"',
    };
  }
  return {
    text: `${text} is not a value`,
    advice: `text stands between quotes: "${text}"`,
  };
}

const REASONS: Readonly<Record<SyntaxReason, Words>> = {
  "invalid-value": invalidValue,
  "missing-value": () => ({
    text: "a value is missing after =",
    advice: "text stands between quotes, numbers without",
  }),
  "missing-equals": () => ({
    text: "expected = after the name of a key",
    advice: "a line reads: key = value",
  }),
  "missing-line-end": (text) => ({
    text: `expected the end of the line, found ${text}`,
    advice: "one key a line",
  }),
  "missing-comma": () => ({
    text: "expected a comma, or the end of the array or table",
    advice: "an array ends with ], a table with }",
  }),
  "unclosed-text": () => ({
    text: "this quote is not closed on its line",
    advice: "close it with the same quote",
  }),
  "bad-escape": () => ({
    text:
      "unknown escape: between double quotes a backslash begins a special character",
    advice: "write the text between single quotes: 'C:\\folder'",
  }),
  "bad-key": (text) => ({
    text: `${text || "this"} cannot stand in the name of a key`,
    advice:
      "a name has letters without accents, digits, - and _; others stand between quotes",
  }),
  "bad-number": (text) => ({
    text: `${text} is not a number that can be read`,
  }),
  "bad-date": (text) => ({
    text: `${text} is not a date`,
    advice: `text stands between quotes: "${text}"`,
  }),
  "control-character": () => ({
    text: "a control character is not allowed here",
    advice: "remove it, or write it as an escape such as \\t",
  }),
  "duplicate": (text) => ({
    text: `${text} is defined twice`,
    advice: "keep one of the two",
  }),
  "encoding": () => ({
    text: "the file is not UTF-8 here",
    advice: "save it as UTF-8 in the editor",
  }),
  "other": (_, detail) => ({ text: `this is not TOML: ${detail}` }),
};

/** Explains a mistake of syntax. */
export function syntax(issue: ConfigIssue<"syntax">): Explanation {
  return REASONS[issue.reason](issue.text, issue.detail);
}
