/**
 * The kinds of values that the schema of services.toml is made of.
 *
 * The messages of the schema are marks for `explain.ts`, which tells a person
 * what is wrong; nobody reads them.
 *
 * @module
 */

import * as v from "valibot";
import type { Expected } from "./errors/config_issue.ts";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";
import { parseSize, SIZE_PATTERN } from "./size.ts";
import { type RangeName, RANGES } from "./values.ts";

/** The mistakes that the schema can find. */
export type Mark =
  | `type:${Expected}`
  | `range:${RangeName}`
  | "empty"
  | "choice"
  | "duration"
  | "size"
  | "http-path"
  | "pattern"
  | "name"
  | "env-name"
  | "header-name"
  | "header-value"
  | "no-services";

/** Makes a mark. */
export function mark(name: Mark): Mark {
  return name;
}

/** A text that is not blank. */
export const Text = v.pipe(
  v.string(mark("type:text")),
  v.regex(/\S/, mark("empty")),
);

/** A string for the shell, or an array that runs as it is. */
export const CommandSchema = v.union([
  Text,
  v.pipe(
    v.array(v.string(mark("type:text"))),
    v.minLength(1, mark("empty")),
    v.check((words) => words[0]?.trim() !== "", mark("empty")),
  ),
], mark("type:command"));

/** A duration such as `10s`. */
export const Duration = v.pipe(
  v.string(mark("type:duration")),
  v.regex(DURATION_PATTERN, mark("duration")),
  v.check((text) => parseDuration(text) !== undefined, mark("duration")),
);

/** A size such as `10MB`. */
export const Size = v.pipe(
  v.string(mark("type:size")),
  v.regex(SIZE_PATTERN, mark("size")),
  v.check((text) => parseSize(text) !== undefined, mark("size")),
);

/** A whole number between two bounds. */
type Integer = v.SchemaWithPipe<
  readonly [
    v.NumberSchema<Mark>,
    v.IntegerAction<number, Mark>,
    v.MinValueAction<number, number, Mark>,
    v.MaxValueAction<number, number, Mark>,
  ]
>;

/** A whole number between two bounds. */
export function integer(range: RangeName): Integer {
  const { min, max }: { readonly min: number; readonly max: number } =
    RANGES[range];
  return v.pipe(
    v.number(mark("type:integer")),
    v.integer(mark("type:integer")),
    v.minValue(min, mark(`range:${range}`)),
    v.maxValue(max, mark(`range:${range}`)),
  );
}
