/**
 * Makes mistakes that a person can find out of those that the fast checks
 * made: places in the text, and what was probably meant. Loaded only once
 * something is wrong.
 *
 * @module
 */

import type { ConfigIssue, Expected, ReadFault } from "./config_issue.ts";
import { suggest } from "../../core/did_you_mean.ts";
import type { Fault } from "../_fault.ts";
import { positionsOf, WHOLE_FILE } from "./_positions.ts";
import { meantKey } from "./_aliases.ts";
import { faultsOf, type SchemaIssue } from "../_schema_issues.ts";
import { explainEncoding } from "./_syntax.ts";
import { meantSize } from "../size.ts";

export { explainSyntax } from "./_syntax.ts";

/** What the fast checks found. */
export interface Findings {
  /** The mistakes that were found without the schema. */
  readonly faults: readonly Fault[];
  /** What the schema found. */
  readonly issues: readonly SchemaIssue[];
}

/**
 * Explains the mistakes of a file.
 *
 * @param text The file, without a byte order mark.
 * @returns The mistakes in the order of the file; at least one.
 */
export function explain(
  text: string,
  { faults, issues }: Findings,
): readonly ConfigIssue[] {
  const found = [...faults, ...issues.flatMap(faultsOf)];
  const positions = positionsOf(text);
  return worthTelling(found)
    .map(({ at, ...fault }): ConfigIssue => ({
      ...withSuggestion(fault),
      ...positions.find(fault.path, at),
    }))
    .toSorted((a, b) => a.line - b.line || a.column - b.column);
}

/**
 * Explains why services.toml could not be read.
 *
 * @param file The file, absolute.
 */
export function explainReading(
  file: string,
  reading: { readonly reason: ReadFault; readonly text: string },
): ConfigIssue {
  const { reason, text } = reading;
  if (reason === "encoding") return explainEncoding(text);
  return { code: "unreadable-file", path: [], ...WHOLE_FILE, file, reason };
}

/** What takes a table: where there is none, what it lacks is not told. */
const TABLES: ReadonlySet<Expected> = new Set<Expected>([
  "table",
  "http",
  "restart",
  "live",
]);

/** One mistake of a kind a place, and none that follows from another. */
function worthTelling(found: readonly Fault[]): readonly Fault[] {
  const notTables = found.filter((fault) =>
    fault.code === "wrong-type" && TABLES.has(fault.expected)
  );
  const told = new Set<string>();
  return found.filter((fault) => {
    const isBelow = notTables.some(({ path }) =>
      (path.length < fault.path.length || fault.code === "missing-key") &&
      path.every((part, index) => part === fault.path[index])
    );
    // An env file has many lines but one place.
    const line = fault.code === "bad-env-line" ? fault.envLine : 0;
    const place = JSON.stringify([fault.code, fault.path, line]);
    if (isBelow || told.has(place)) return false;
    told.add(place);
    return fault.code !== "missing-key" || !isMisspelt(fault, found);
  });
}

/** Whether a key that is missing stands there by another name. */
function isMisspelt(
  { key, path }: Fault<"missing-key">,
  found: readonly Fault[],
): boolean {
  return found.some((other) =>
    other.code === "unknown-key" &&
    JSON.stringify(other.path.slice(0, -1)) === JSON.stringify(path) &&
    meantKey(other.key, other.allowed) === key
  );
}

type Unplaced<F> = F extends unknown ? Omit<F, "at"> : never;

/** Adds what was probably meant, where something was. */
function withSuggestion(fault: Unplaced<Fault>): Unplaced<Fault> {
  switch (fault.code) {
    case "unknown-key":
      return {
        ...fault,
        ...meant(meantKey(fault.key, fault.allowed) ?? fault.suggestion),
      };
    case "unknown-dependency":
      return { ...fault, ...meant(suggest(fault.name, fault.services)) };
    case "bad-choice":
      return { ...fault, ...meant(meantChoice(fault.found, fault.choices)) };
    case "bad-size":
      return { ...fault, ...meant(meantSize(fault.found)) };
    case "bad-http-path":
      return { ...fault, ...meant(meantPath(fault.found)) };
    default:
      return fault;
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
