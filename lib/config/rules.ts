/**
 * The kinds of rules that the grammar of services.toml is made of. Each rule
 * checks a value and describes it as JSON Schema; the keys of a table are also
 * the rows of docs/services.md.
 */

import { patternCost } from "../core/pattern_cost.ts";
import { ACTING, hiddenCharacter } from "../core/printable.ts";
import type {
  ConfigPath,
  Expected,
  IssueDetail,
  UnplacedIssue,
} from "./errors/config_issue.ts";
import { isTable, tomlKind } from "./toml.ts";
import {
  DURATION_PATTERN,
  parseDuration,
  parseSize,
  SIZE_PATTERN,
} from "./units.ts";
import { HTTP_PATH, RANGES } from "./values.ts";
import { reasonOf } from "../core/reason_of.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where a value is in the file, and where its issues are collected. */
interface Place {
  /** The keys that lead to it. */
  readonly path: ConfigPath;
  /** All issues of the file so far. */
  readonly issues: UnplacedIssue[];
}

/** What a value must be. */
export interface Rule<T = unknown> {
  /** Checks a value and collects what is wrong with it. */
  check(value: unknown, place: Place): value is T;
  /**
   * Describes the value as JSON Schema.
   *
   * @param defaults Whether a key that is left out has its default.
   */
  describe(defaults: boolean): JsonSchema;
  /** The keys, where the value is or may be a table. */
  readonly keys?: Keys;
}

/** The type of the values that a rule accepts. */
export type ValueOf<R> = R extends Rule<infer T> ? T : never;

/** A key of a table. */
interface Key<T = unknown> {
  /** What its value must be. */
  readonly rule: Rule<T>;
  /** What it says, for editors and the documentation. */
  readonly description: string;
  /** Values to begin with. */
  readonly examples?: readonly unknown[];
  /** What counts where it is left out. */
  readonly default?: unknown;
  /** Whether it must be there, or what is reported where it is not. */
  readonly required?: true | IssueDetail;
}

/** The keys of a table by their names, in the order of the documentation. */
export type Keys = Readonly<Record<string, Key>>;

type RequiredNames<K extends Keys> = {
  readonly [N in keyof K]: K[N] extends { readonly required: unknown } ? N
    : never;
}[keyof K];

/** The type of a table with these keys. */
export type TableOf<K extends Keys> =
  & { readonly [N in RequiredNames<K>]: ValueOf<K[N]["rule"]> }
  & { readonly [N in keyof K]?: ValueOf<K[N]["rule"]> };

/** Whether a value is right by itself. */
export function accepts<T>(rule: Rule<T>, value: unknown): value is T {
  return rule.check(value, { path: [], issues: [] });
}

function report(
  { path, issues }: Place,
  detail: IssueDetail,
  at: "key" | "value" = "value",
): false {
  issues.push({ ...detail, path, at });
  return false;
}

function keyOf({ path }: Place): string {
  return String(path.findLast((part) => typeof part === "string") ?? "");
}

function below({ path, issues }: Place, part: string | number): Place {
  return { path: [...path, part], issues };
}

function reportType(
  place: Place,
  value: unknown,
  expected: Expected,
  choices?: readonly string[],
): false {
  return report(place, {
    code: "wrong-type",
    key: keyOf(place),
    expected,
    found: tomlKind(value),
    ...(expected !== "table" &&
        (typeof value === "number" || typeof value === "boolean")
      ? { value: String(value) }
      : {}),
    ...(choices ? { choices } : {}),
  });
}

/** The form of a text. */
interface Form {
  /** What is expected where the value is no text. */
  readonly expected: Expected;
  /** What JSON Schema can say of the form. */
  readonly pattern?: RegExp;
  /** What only code can check. */
  readonly test?: (text: string) => boolean;
  /** What is wrong with a text of another form. */
  readonly issue?: (found: string, key: string) => IssueDetail;
}

/** A text of some form. */
export function text(form: Form): Rule<string> {
  const { expected, pattern, test, issue } = form;
  return {
    check(value, place): value is string {
      if (typeof value !== "string") return reportType(place, value, expected);
      const isRight = (pattern?.test(value) ?? true) && (test?.(value) ?? true);
      return isRight || !issue ||
        report(place, issue(value, keyOf(place)));
    },
    describe: () => ({
      type: "string",
      ...(pattern ? { pattern: pattern.source } : {}),
    }),
  };
}

/** Any text. */
export const ANY_TEXT: Rule<string> = text({ expected: "text" });

/** A text that is not blank. */
export const TEXT: Rule<string> = text({
  expected: "text",
  pattern: /\S/,
  issue: (_found, key) => ({ code: "empty-value", key }),
});

/** A text for people: not blank, and each of its characters is seen. */
export const VISIBLE_TEXT: Rule<string> = {
  check(value, place): value is string {
    if (!TEXT.check(value, place)) return false;
    const character = hiddenCharacter(value);
    const key = keyOf(place);
    return character === undefined ||
      report(place, { code: "hidden-character", key, character });
  },
  describe: () => ({
    type: "string",
    pattern: `^(?=.*\\S)[^${ACTING}]*$`,
  }),
};

/** A JavaScript regular expression that is not blank. */
export const REGULAR_EXPRESSION: Rule<string> = text({
  expected: "text",
  pattern: /\S/,
  test: (found) =>
    patternError(found) === undefined && unboundedPart(found) === undefined,
  issue: (found, key) => {
    const detail = patternError(found);
    if (detail !== undefined) return { code: "bad-pattern", found, detail };
    const part = unboundedPart(found);
    return part === undefined
      ? { code: "empty-value", key }
      : { code: "slow-pattern", found, part };
  },
});

/** What could hold up the search for ever. */
function unboundedPart(pattern: string): string | undefined {
  const cost = patternCost(pattern);
  return "refused" in cost ? cost.refused : undefined;
}

function patternError(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    // `Invalid regular expression: /(/: Unterminated group`
    const words = reasonOf(error);
    return words.split(": ").at(-1) ?? words;
  }
}

/** A duration such as `10s`. */
export const DURATION: Rule<string> = text({
  expected: "duration",
  pattern: DURATION_PATTERN,
  test: (found) => parseDuration(found) !== undefined,
  issue: (found, key) => ({ code: "bad-duration", key, found }),
});

/** A size such as `10MB`. */
export const SIZE: Rule<string> = text({
  expected: "size",
  pattern: SIZE_PATTERN,
  test: (found) => parseSize(found) !== undefined,
  issue: (found, key) => ({ code: "bad-size", key, found }),
});

/**
 * The path of a check over HTTP.
 *
 * @param expected What is expected where the value is no text.
 */
export function httpPath(expected: "text" | "http"): Rule<string> {
  return text({
    expected,
    pattern: HTTP_PATH,
    issue: (found) => ({ code: "bad-http-path", found }),
  });
}

/** `true` or `false`. */
export const BOOLEAN: Rule<boolean> = {
  check(value, place): value is boolean {
    return typeof value === "boolean" || reportType(place, value, "boolean");
  },
  describe: () => ({ type: "boolean" }),
};

/** One value and no other. */
export function exactly<const T extends boolean>(
  only: T,
  expected: Expected,
): Rule<T> {
  return {
    check(value, place): value is T {
      return value === only || reportType(place, value, expected);
    },
    describe: () => ({ const: only }),
  };
}

/**
 * One of a few words.
 *
 * @param expected What is expected where the value is no text.
 */
export function choice<const T extends string>(
  choices: readonly T[],
  expected: "choice" | "restart" = "choice",
): Rule<T> {
  const listed = expected === "choice" ? choices : undefined;
  return {
    check(value, place): value is T {
      if (typeof value !== "string") {
        return reportType(place, value, expected, listed);
      }
      if (choices.some((one) => one === value)) return true;
      const key = keyOf(place);
      return report(place, { code: "bad-choice", key, found: value, choices });
    },
    describe: () => ({ enum: choices, type: "string" }),
  };
}

/** A whole number between two bounds, both included. */
export function integer(
  { min, max }: { readonly min: number; readonly max: number },
): Rule<number> {
  return {
    check(value, place): value is number {
      if (typeof value !== "number" || !Number.isInteger(value)) {
        return reportType(place, value, "integer");
      }
      if (value >= min && value <= max) return true;
      const key = keyOf(place);
      const code = "out-of-range";
      return report(place, { code, key, min, max, found: value });
    },
    describe: () => ({ type: "integer", minimum: min, maximum: max }),
  };
}

const ANY_PORT = integer(RANGES.port);

/** A TCP port. */
export const PORT: Rule<number> = {
  ...ANY_PORT,
  check(value, place): value is number {
    const isDigits = typeof value === "string" && /^\s*\d+\s*$/.test(value);
    return isDigits && accepts(ANY_PORT, Number(value))
      ? report(place, {
        code: "not-a-port-text",
        found: value,
        port: Number(value),
      })
      : ANY_PORT.check(value, place);
  },
};

/**
 * An array of values of one kind.
 *
 * @param expected What is expected where the value is no array.
 * @param min How many there must be at least.
 */
export function list<T>(
  item: Rule<T>,
  expected: Expected,
  min: 0 | 1 = 0,
): Rule<readonly T[]> {
  return {
    check(value, place): value is readonly T[] {
      if (!Array.isArray(value)) return reportType(place, value, expected);
      if (value.length < min) {
        return report(place, { code: "empty-value", key: keyOf(place) });
      }
      return value
        .map((one, index) => item.check(one, below(place, index)))
        .every(Boolean);
    },
    describe: (defaults) => ({
      type: "array",
      items: item.describe(defaults),
      ...(min > 0 ? { minItems: min } : {}),
    }),
  };
}

const WORDS = list(ANY_TEXT, "command", 1);

/** A string for the shell, or an array that runs as it is. */
export const COMMAND: Rule<string | readonly string[]> = {
  check(value, place): value is string | readonly string[] {
    if (typeof value === "string") return TEXT.check(value, place);
    if (!WORDS.check(value, place)) return false;
    return accepts(TEXT, value[0]) ||
      report(place, { code: "empty-value", key: keyOf(place) });
  },
  describe: (defaults) => ({
    anyOf: [TEXT.describe(defaults), WORDS.describe(defaults)],
  }),
};

/** The names in a table whose keys are free. */
interface Names {
  /** What JSON Schema can say of their form. */
  readonly pattern: RegExp;
  /** What is wrong with a name. */
  readonly issue: (name: string) => IssueDetail | undefined;
  /** What is wrong with a table of no names, where it must have one. */
  readonly none?: IssueDetail;
}

/** A table of names that the user chooses, with values of one kind. */
export function record<T>(
  names: Names,
  item: Rule<T>,
): Rule<Readonly<Record<string, T>>> {
  const { pattern, issue, none } = names;
  return {
    check(value, place): value is Readonly<Record<string, T>> {
      if (!isTable(value)) return reportType(place, value, "table");
      let isRight = true;
      for (const [name, one] of Object.entries(value)) {
        const inner = below(place, name);
        const detail = issue(name);
        if (detail) isRight = report(inner, detail, "key");
        isRight = item.check(one, inner) && isRight;
      }
      return none && Object.keys(value).length === 0
        ? report(place, none, "key")
        : isRight;
    },
    describe: (defaults) => ({
      type: "object",
      propertyNames: { type: "string", pattern: pattern.source },
      additionalProperties: item.describe(defaults),
      ...(none ? { minProperties: 1 } : {}),
    }),
  };
}

/**
 * A table of known keys.
 *
 * @param expected What is expected where the value is no table.
 */
export function table<const K extends Keys>(
  keys: K,
  expected: Expected = "table",
): Rule<TableOf<K>> {
  const names = Object.keys(keys);
  const required = names.filter((name) => keys[name]?.required);
  return {
    keys,
    check(value, place): value is TableOf<K> {
      if (!isTable(value)) return reportType(place, value, expected);
      const unknown: string[] = [];
      let isRight = true;
      for (const [name, one] of Object.entries(value)) {
        const inner = below(place, name);
        const key = Object.hasOwn(keys, name) ? keys[name] : undefined;
        if (key) isRight = key.rule.check(one, inner) && isRight;
        else {
          unknown.push(name);
          isRight = reportUnknown(inner, name, { value: one, allowed: names });
        }
      }
      for (const name of required) {
        if (Object.hasOwn(value, name)) continue;
        const detail = keys[name]?.required;
        isRight = typeof detail === "object"
          ? report(below(place, name), detail, "key")
          : reportMissing(place, name, { unknown, allowed: names });
      }
      return isRight;
    },
    describe: (defaults) => ({
      type: "object",
      properties: Object.fromEntries(
        Object.entries(keys)
          .map(([name, key]) => [name, describeKey(key, defaults)]),
      ),
      ...(required.length > 0 ? { required } : {}),
      additionalProperties: false,
    }),
  };
}

function reportUnknown(
  place: Place,
  key: string,
  { value, allowed }: {
    readonly value: unknown;
    readonly allowed: readonly string[];
  },
): false {
  // A table of its own at the top is a service that lacks its prefix.
  const isService = place.path.length === 1 && isTable(value);
  return report(place, {
    code: "unknown-key",
    key,
    allowed,
    ...(isService ? { suggestion: `services.${key}` } : {}),
  }, "key");
}

function reportMissing(
  { path, issues }: Place,
  key: string,
  others: {
    readonly unknown: readonly string[];
    readonly allowed: readonly string[];
  },
): false {
  const table = String(path.at(-1));
  issues.push({ code: "missing-key", key, table, path, at: "key", others });
  return false;
}

function describeKey(key: Key, defaults: boolean): JsonSchema {
  const { rule, description, examples } = key;
  return {
    ...rule.describe(defaults),
    description,
    ...(examples ? { examples } : {}),
    ...(defaults && "default" in key ? { default: key.default } : {}),
  };
}

/** A table that replaces keys of another: none is required or has a default. */
export function overrides<const K extends Keys>(
  keys: K,
): Rule<Partial<TableOf<K>>> {
  const optional = Object.entries(keys)
    .map(([name, { required: _, ...key }]): [string, Key] => [name, key]);
  const rule: Rule<Partial<TableOf<K>>> = table(Object.fromEntries(optional));
  return { ...rule, describe: () => rule.describe(false) };
}

/** Something plain, or a table that says more. */
export function either<A, B>(plain: Rule<A>, full: Rule<B>): Rule<A | B> {
  return {
    ...(full.keys ? { keys: full.keys } : {}),
    check(value, place): value is A | B {
      return isTable(value)
        ? full.check(value, place)
        : plain.check(value, place);
    },
    describe: (defaults) => ({
      anyOf: [plain.describe(defaults), full.describe(defaults)],
    }),
  };
}
