/**
 * What the schema finds, in the terms of a person. Loaded only once something
 * is wrong.
 *
 * @module
 */

import type { ConfigPath, Expected } from "../core/config_issue.ts";
import { LANGUAGES, STOP_SIGNALS } from "../core/model.ts";
import type { Fault } from "./_fault.ts";
import { tomlKind } from "./_toml.ts";
import type { Mark } from "./schema.ts";
import { DEVICE_NAME, MAX_PORT, MIN_PORT, SERVICE_NAME } from "./values.ts";

/** What valibot tells of a mistake, as far as it is used. */
export interface SchemaIssue {
  /** The schema or check that failed, such as `strict_object`. */
  readonly type: string;
  /** The mark of `schema.ts`. */
  readonly message: string;
  /** The value that was found. */
  readonly input: unknown;
  /** The value or its kind, as text. */
  readonly received: string | null;
  /** Where it is, the outermost key first. */
  readonly path?: readonly SchemaPathItem[] | undefined;
  /** What each branch of a union found. */
  readonly issues?: readonly SchemaIssue[] | undefined;
}

/** One step of the path of a {@linkcode SchemaIssue}. */
export interface SchemaPathItem {
  /** The key, or the index in an array. */
  readonly key: unknown;
  /** Whether the key or the value is wrong, where that is known. */
  readonly origin?: string | null | undefined;
}

function pathOf(issue: SchemaIssue): ConfigPath {
  return (issue.path ?? []).flatMap(({ key }) =>
    typeof key === "string" || typeof key === "number" ? [key] : []
  );
}

/**
 * Tells what the schema found in the terms of a person.
 *
 * @param issue What valibot found.
 * @returns The mistakes; none where other checks tell them better.
 */
export function faultsOf(issue: SchemaIssue): readonly Fault[] {
  const path = pathOf(issue);
  const key = String(path.findLast((part) => typeof part === "string") ?? "");
  const origin = issue.path?.at(-1)?.origin;
  if (issue.type === "strict_object" && origin === "key") {
    return issue.received === "undefined" ? [missingKey(path)] : [];
  }
  if (issue.type === "union" && Array.isArray(issue.input)) {
    return itemsOf(issue, path, key);
  }
  const expected = /^type:(.*)$/.exec(issue.message)?.[1];
  return expected === undefined
    ? faultOfMark(issue, path, key)
    : [wrongType(path, key, { expected, input: issue.input })];
}

function missingKey(path: ConfigPath): Fault {
  const table = path.slice(0, -1);
  const key = String(path.at(-1));
  if (key === "services") return { code: "no-services", path, at: "key" };
  const name = String(table.at(-1) ?? "");
  return { code: "missing-key", path: table, at: "key", key, table: name };
}

/** A command whose words are not all text: those that are not. */
function itemsOf(
  issue: SchemaIssue,
  path: ConfigPath,
  key: string,
): readonly Fault[] {
  return (issue.issues ?? []).filter((inner) => inner.path).map((inner) =>
    wrongType([...path, ...pathOf(inner)], key, {
      expected: "text",
      input: inner.input,
    })
  );
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  text: "text",
  integer: "integer",
  true: "true",
  table: "table",
  command: "command",
  names: "names",
  duration: "duration",
  env: "env",
} satisfies { readonly [E in Expected]: E };

function wrongType(
  path: ConfigPath,
  key: string,
  { expected, input }: { readonly expected: string; readonly input: unknown },
): Fault {
  const at = "value";
  const digits = typeof input === "string" ? input.trim() : "";
  const port = /^\d+$/.test(digits) ? Number(digits) : 0;
  if (
    expected === "integer" && typeof input === "string" &&
    port >= MIN_PORT && port <= MAX_PORT
  ) {
    return { code: "not-a-port-text", path, at, found: input, port };
  }
  return {
    code: "wrong-type",
    path,
    at,
    key,
    expected: EXPECTED[expected] ?? "text",
    found: tomlKind(input),
    ...(typeof input === "number" || typeof input === "boolean"
      ? { value: String(input) }
      : {}),
  };
}

type PlainMark = Exclude<Mark, `type:${string}`>;

function isMark(message: string): message is PlainMark {
  return message in MARKS;
}

type Maker = (
  path: ConfigPath,
  about: { readonly key: string; readonly found: string },
) => Fault;

const at = "value";

/** What each mark of the schema means; the kinds of values are told apart. */
const MARKS: Readonly<Record<PlainMark, Maker>> = {
  range: (path, { key, found }) => ({
    code: "out-of-range",
    path,
    at,
    key,
    min: MIN_PORT,
    max: MAX_PORT,
    found: Number(found),
  }),
  empty: (path, { key }) => ({ code: "empty-value", path, at, key }),
  choice: (path, { key, found }) => ({
    code: "bad-choice",
    path,
    at,
    key,
    found,
    choices: key === "language" ? LANGUAGES : STOP_SIGNALS,
  }),
  duration: (path, { key, found }) => ({
    code: "bad-duration",
    path,
    at,
    key,
    found,
  }),
  "http-path": (path, { found }) => ({
    code: "bad-http-path",
    path,
    at,
    found,
  }),
  pattern: (path, { found }) => ({
    code: "bad-pattern",
    path,
    at,
    found,
    detail: patternError(found),
  }),
  name: (path, { found: name }) => ({
    code: "bad-name",
    path,
    at: "key",
    name,
    problem: SERVICE_NAME.test(name) && DEVICE_NAME.test(name)
      ? "device"
      : "characters",
  }),
  "env-name": (path, { found: name }) => ({
    code: "bad-env-name",
    path,
    at: "key",
    name,
  }),
  "no-services": (path) => ({ code: "no-services", path, at: "key" }),
};

function faultOfMark(
  issue: SchemaIssue,
  path: ConfigPath,
  key: string,
): readonly Fault[] {
  const { message, input } = issue;
  if (!isMark(message)) return [];
  return [MARKS[message](path, { key, found: String(input) })];
}

function patternError(pattern: string): string {
  try {
    new RegExp(pattern);
    return "";
  } catch (error) {
    // `Invalid regular expression: /(/: Unterminated group`
    const words = error instanceof Error ? error.message : String(error);
    return words.split(": ").at(-1) ?? words;
  }
}
