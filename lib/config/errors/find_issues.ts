/**
 * Finds the places in the text of what the checks found, and what was probably
 * meant. Loaded only once something is wrong.
 */

import type {
  ConfigIssue,
  ConfigPath,
  IssueDetail,
  ReadFailure,
  UnplacedIssue,
} from "./config_issue.ts";
import { suggest } from "../../core/did_you_mean.ts";
import { placeAt, positionsOf, WHOLE_FILE } from "./_positions.ts";
import { meantKey } from "./_aliases.ts";
import { explainEncoding } from "./_syntax.ts";
import { meantSize } from "../units.ts";
import { MAX_NAMES } from "../values.ts";

export { explainSyntax } from "./_syntax.ts";

/** How many issues are reported. */
const MAX_ISSUES = 20;

/** The issues of a file. */
interface Explained {
  /** The first ones in the order of the file; at least one. */
  readonly issues: readonly ConfigIssue[];
  /** How many there are in all. */
  readonly count: number;
}

/**
 * Explains the issues of a file.
 *
 * @param text The file, without a byte order mark.
 * @param found At least one.
 */
export function explain(
  text: string,
  found: readonly UnplacedIssue[],
): Explained {
  const positions = positionsOf(text);
  const sorted = found.filter((issue) => !isMisspelt(issue))
    .map((issue) => ({ issue, span: positions.find(issue.path, issue.at) }))
    .toSorted((a, b) => (a.span?.[0] ?? -1) - (b.span?.[0] ?? -1));
  const issues = sorted.slice(0, MAX_ISSUES).map(
    ({ issue: { at: _at, others: _others, ...issue }, span }): ConfigIssue => ({
      ...withSuggestion(issue),
      ...(span ? placeAt(text, ...span) : WHOLE_FILE),
    }),
  );
  return { issues, count: sorted.length };
}

/**
 * Explains why services.toml could not be read.
 *
 * @param file The file, absolute.
 */
export function explainReading(
  file: string,
  reading: { readonly reason: ReadFailure; readonly text: string },
): ConfigIssue {
  const { reason, text } = reading;
  if (reason === "encoding") return explainEncoding(text);
  return { code: "unreadable-file", path: [], ...WHOLE_FILE, file, reason };
}

/** Whether a key that is missing stands there by another name. */
function isMisspelt(issue: UnplacedIssue): boolean {
  const { code, others } = issue;
  return code === "missing-key" && others !== undefined &&
    others.unknown.some((key) => meantKey(key, others.allowed) === issue.key);
}

type Detail = IssueDetail & { readonly path: ConfigPath };

/** Adds what was probably meant, where something was. */
function withSuggestion(issue: Detail): Detail {
  switch (issue.code) {
    case "unknown-key": {
      const { key, allowed, suggestion } = issue;
      return { ...issue, ...meant(meantKey(key, allowed) ?? suggestion) };
    }
    case "unknown-dependency": {
      const { name, path } = issue;
      const services = issue.services.filter((other) => other !== path[1]);
      return {
        ...issue,
        services: services.slice(0, MAX_NAMES),
        ...(services.length > MAX_NAMES ? { isCut: true } : {}),
        ...meant(suggest(name, services)),
      };
    }
    case "bad-choice":
      return { ...issue, ...meant(meantChoice(issue.found, issue.choices)) };
    case "bad-size":
      return { ...issue, ...meant(meantSize(issue.found)) };
    case "bad-http-path":
      return { ...issue, ...meant(meantPath(issue.found)) };
    default:
      return issue;
  }
}

function meant(
  suggestion: string | undefined,
): { readonly suggestion?: string } {
  return suggestion === undefined ? {} : { suggestion };
}

/** Signals are often named without their `SIG`. */
function meantChoice(
  found: string,
  choices: readonly string[],
): string | undefined {
  return suggest(found, choices) ?? suggest(`SIG${found}`, choices);
}

/** `http://localhost:8000/health` and `health` both mean `/health`. */
function meantPath(found: string): string | undefined {
  const url = found.includes("://") ? found : `http://x/${found}`;
  if (!URL.canParse(url)) return undefined;
  const { pathname, search } = new URL(url);
  return pathname.replace(/^\/+/, "/") + search;
}
