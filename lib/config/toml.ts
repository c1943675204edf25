/** Values of TOML as smol-toml makes them. */

import type { TomlKind } from "./errors/config_issue.ts";

/** A TOML table as smol-toml makes it. */
export type Table = Readonly<Record<string, unknown>>;

/** Whether a value is a TOML table; arrays and dates are none. */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === null;
}

/** Names the kind of a TOML value; a float without a fraction is an integer. */
export function tomlKind(value: unknown): TomlKind {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") {
    return Number.isInteger(value) ? "integer" : "float";
  }
  if (Array.isArray(value)) return "array";
  return isTable(value) ? "table" : "date";
}
