/**
 * Values of TOML as smol-toml makes them.
 *
 * @module
 */

import type { TomlKind } from "./errors/config_issue.ts";

/** A TOML table as smol-toml makes it. */
export type Table = Readonly<Record<string, unknown>>;

/** The tables that change a service for one OS. */
export const OS_KEYS = ["windows", "macos", "linux"] as const;

/** One of {@linkcode OS_KEYS}. */
export type OsKey = typeof OS_KEYS[number];

/**
 * Tells whether a value is a TOML table.
 *
 * @returns True for a table; false for arrays and dates too.
 */
export function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === null;
}

/**
 * Names the kind of a TOML value.
 *
 * @returns The kind; a float without a fraction counts as an integer.
 */
export function tomlKind(value: unknown): TomlKind {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") {
    return Number.isInteger(value) ? "integer" : "float";
  }
  if (Array.isArray(value)) return "array";
  return isTable(value) ? "table" : "date";
}
