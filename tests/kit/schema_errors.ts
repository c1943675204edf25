/** Checks values against a JSON Schema (draft 07), as an editor does. */

import { isDeepStrictEqual } from "node:util";

type Schema = Readonly<Record<string, unknown>>;
type Check = (limit: unknown, value: unknown, schema: Schema) => unknown[];

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null &&
    !Array.isArray(value) && !(value instanceof Date);
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: Number.isInteger,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
};

function unless(isRight: boolean): unknown[] {
  return isRight ? [] : [""];
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** What each keyword finds wrong; a value of another type passes. */
const CHECKS: Readonly<Record<string, Check>> = {
  type: (name, value) => unless(TYPES[String(name)]?.(value) ?? false),
  const: (only, value) => unless(isDeepStrictEqual(only, value)),
  enum: (all, value) => unless(Array.isArray(all) && all.includes(value)),
  pattern: (source, value) =>
    unless(
      typeof value !== "string" || new RegExp(String(source), "u").test(value),
    ),
  format: (name, value) =>
    unless(name === "date-time" && !Number.isNaN(Date.parse(String(value)))),
  minimum: (min, value) =>
    unless(typeof value !== "number" || value >= Number(min)),
  maximum: (max, value) =>
    unless(typeof value !== "number" || value <= Number(max)),
  minItems: (min, value) =>
    unless(!Array.isArray(value) || value.length >= Number(min)),
  minProperties: (min, value) =>
    unless(!isObject(value) || entriesOf(value).length >= Number(min)),
  items: (schema, value) =>
    Array.isArray(value)
      ? value.flatMap((one, index) => errorsAt(index, schema, one))
      : [],
  required: (names, value) =>
    unless(
      !isObject(value) || !Array.isArray(names) ||
        names.every((name) => Object.hasOwn(value, name)),
    ),
  propertyNames: (schema, value) =>
    entriesOf(value).flatMap(([name]) => errorsAt(name, schema, name)),
  properties: (schemas, value) =>
    entriesOf(value).flatMap(([name, one]) =>
      isObject(schemas) && Object.hasOwn(schemas, name)
        ? errorsAt(name, schemas[name], one)
        : []
    ),
  additionalProperties: (schema, value, { properties }) =>
    entriesOf(value).flatMap(([name, one]) =>
      isObject(properties) && Object.hasOwn(properties, name)
        ? []
        : schema === false
        ? [name]
        : errorsAt(name, schema, one)
    ),
  anyOf: (schemas, value) =>
    unless(
      Array.isArray(schemas) &&
        schemas.some((schema) => schemaErrors(schema, value).length === 0),
    ),
};

const ANNOTATIONS = ["$schema", "title", "description", "default", "examples"];

function errorsAt(key: string | number, schema: unknown, value: unknown) {
  return schemaErrors(schema, value).map((error) => `${key}/${error}`);
}

/**
 * Checks a value against a schema.
 *
 * @returns The path of each error with the keyword that found it.
 * @throws {Error} Where the schema has a keyword that is not known here.
 */
export function schemaErrors(schema: unknown, value: unknown): string[] {
  if (!isObject(schema)) throw new Error(`Cannot read schema: ${schema}`);
  return Object.entries(schema).flatMap(([keyword, limit]) => {
    if (ANNOTATIONS.includes(keyword)) return [];
    const check = CHECKS[keyword];
    if (!check) throw new Error(`Cannot check keyword ${keyword}`);
    return check(limit, value, schema).map((error) => `${error}${keyword}`);
  });
}
