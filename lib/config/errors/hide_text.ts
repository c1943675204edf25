/**
 * Issues without the text of the file: services.toml may be a link to a file
 * that its author cannot read and the user can, such as a private key. Loaded
 * only once something is wrong.
 */

import { dirname, isWithin } from "../../core/path.ts";
import type { Keys } from "../rules.ts";
import { FILE_KEYS, SERVICE_KEYS } from "../schema.ts";
import {
  type ConfigIssue,
  type ConfigPath,
  HIDDEN_TEXT,
} from "./config_issue.ts";

/**
 * Finds out whether a file is a link to one outside of its folder, or one that
 * cannot be followed.
 *
 * @param file Absolute.
 */
export function isLinkOutside(file: string): boolean {
  try {
    const root = Deno.realPathSync(dirname(file));
    return !isWithin(root, Deno.realPathSync(file));
  } catch {
    return true;
  }
}

function namesOf(keys: Keys): readonly string[] {
  return Object.entries(keys)
    .flatMap(([name, { rule }]) => [name, ...namesOf(rule.keys ?? {})]);
}

/** What is the same in every services.toml, and so no text of this one. */
const SAME_EVERYWHERE: ReadonlySet<string> = new Set([
  "code",
  "reason",
  "expected",
  "check",
  "allowed",
  "choices",
  "min",
  "max",
  "isCut",
  "line",
  "column",
  "envLine",
]);

/** Takes out of an issue what the file says; its kind and place stay. */
export function hideText(issue: ConfigIssue): ConfigIssue {
  // It says nothing of the file but that it cannot be read.
  if (issue.code === "unreadable-file" && issue.path.length === 0) return issue;
  const known = new Set([...namesOf(FILE_KEYS), ...namesOf(SERVICE_KEYS)]);
  const hide = (name: string, value: unknown): unknown => {
    if (SAME_EVERYWHERE.has(name)) return value;
    if (name === "found" && issue.code === "wrong-type") return value;
    if (typeof value === "string") {
      return known.has(value) ? value : HIDDEN_TEXT;
    }
    return Array.isArray(value)
      ? value.map((one) => hide("", one))
      : HIDDEN_TEXT;
  };
  const path: ConfigPath = issue.path.map((part) =>
    typeof part === "number" || known.has(part) ? part : HIDDEN_TEXT
  );
  const shown = Object.entries(issue)
    // What was probably meant is near to what was written.
    .filter(([name]) => name !== "suggestion")
    .map(([name, value]) => [name, hide(name, value)]);
  // Each value is still of a type that it may have.
  const hidden: ConfigIssue = Object.fromEntries(shown);
  return { ...hidden, path, source: "", indent: 0, width: 0 };
}
