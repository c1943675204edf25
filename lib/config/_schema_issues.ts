/**
 * What the schema finds, in the terms of a person. Loaded only once something
 * is wrong.
 *
 * @module
 */

import type { ConfigPath, Expected } from "./errors/config_issue.ts";
import { LANGUAGES, RESTART_WHEN, STOP_SIGNALS } from "../core/model.ts";
import type { Fault } from "./_fault.ts";
import type { Mark } from "./_schema_values.ts";
import { isTable, tomlKind } from "./_toml.ts";
import {
  DEVICE_NAME,
  FRAMING_HEADERS,
  MAX_PORT,
  MIN_PORT,
  type RangeName,
  RANGES,
  SERVICE_NAME,
} from "./values.ts";

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
 * @returns The mistakes; none where other checks tell them better.
 */
export function faultsOf(issue: SchemaIssue): readonly Fault[] {
  const path = pathOf(issue);
  const key = String(path.findLast((part) => typeof part === "string") ?? "");
  const origin = issue.path?.at(-1)?.origin;
  if (issue.type === "strict_object" && origin === "key") {
    return issue.received === "undefined" ? [missingKey(path)] : [];
  }
  const expected = /^type:(.*)$/.exec(issue.message)?.[1];
  if (expected === undefined) return faultOfMark(issue, path, key);
  if (issue.type === "union" && isEntered(expected, issue.input)) {
    const inside = insideOf(issue);
    if (inside.length > 0) return inside;
  }
  return [wrongType(path, key, { expected, input: issue.input })];
}

/** Whether what is wrong is inside of the value: an array is no table. */
function isEntered(expected: string, input: unknown): boolean {
  return expected === "command" ? Array.isArray(input) : isTable(input);
}

/** What the branches of a union found below its value. */
function insideOf(issue: SchemaIssue): readonly Fault[] {
  return (issue.issues ?? []).filter(({ path }) => path).flatMap((inner) =>
    faultsOf({
      ...inner,
      path: [...issue.path ?? [], ...inner.path ?? []],
    })
  );
}

function missingKey(path: ConfigPath): Fault {
  const table = path.slice(0, -1);
  const key = String(path.at(-1));
  if (key === "services") return { code: "no-services", path, at: "key" };
  const name = String(table.at(-1) ?? "");
  return { code: "missing-key", path: table, at: "key", key, table: name };
}

const EXPECTED: Readonly<Record<string, Expected>> = {
  text: "text",
  integer: "integer",
  true: "true",
  table: "table",
  command: "command",
  names: "names",
  duration: "duration",
  size: "size",
  boolean: "boolean",
  statuses: "statuses",
  env: "env",
  header: "header",
  http: "http",
  restart: "restart",
  live: "live",
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
    key === "port" && typeof input === "string" &&
    port >= MIN_PORT && port <= MAX_PORT
  ) {
    return { code: "not-a-port-text", path, at, found: input, port };
  }
  if (expected === "restart" && typeof input === "string") {
    return MARKS.choice(path, { key, found: input });
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

type PlainMark = Exclude<Mark, `type:${string}` | `range:${string}`>;

function isMark(message: string): message is PlainMark {
  return message in MARKS;
}

type Maker = (
  path: ConfigPath,
  about: { readonly key: string; readonly found: string },
) => Fault;

const at = "value";

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  language: LANGUAGES,
  restart: RESTART_WHEN,
  when: RESTART_WHEN,
};

/** What each mark of the schema means; the kinds of values are told apart. */
const MARKS: Readonly<Record<PlainMark, Maker>> = {
  empty: (path, { key }) => ({ code: "empty-value", path, at, key }),
  choice: (path, { key, found }) => ({
    code: "bad-choice",
    path,
    at,
    key,
    found,
    choices: CHOICES[key] ?? STOP_SIGNALS,
  }),
  duration: (path, { key, found }) => ({
    code: "bad-duration",
    path,
    at,
    key,
    found,
  }),
  size: (path, { key, found }) => ({ code: "bad-size", path, at, key, found }),
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
  "header-name": (path, { found: name }) => ({
    code: "bad-header-name",
    path,
    at: "key",
    name,
    problem: FRAMING_HEADERS.has(name.toLowerCase()) ? "framing" : "characters",
  }),
  "header-value": (path, { key: name }) => ({
    code: "bad-header-value",
    path,
    at,
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
  const range = rangeOf(message);
  if (range) {
    const found = Number(input);
    return [{ code: "out-of-range", path, at, key, ...range, found }];
  }
  if (!isMark(message)) return [];
  return [MARKS[message](path, { key, found: String(input) })];
}

function rangeOf(
  message: string,
): { readonly min: number; readonly max: number } | undefined {
  const isRange = (name: string): name is RangeName =>
    Object.hasOwn(RANGES, name);
  const name = /^range:(.*)$/.exec(message)?.[1] ?? "";
  return isRange(name) ? RANGES[name] : undefined;
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
