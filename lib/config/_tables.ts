/**
 * The tables of services.toml: where one is expected, and which keys it takes.
 *
 * The schema alone would not do: valibot takes an array for a table, stops at
 * the first unknown key, and skips the names that JavaScript keeps for itself.
 *
 * @module
 */

import type { ConfigPath, Expected } from "./errors/config_issue.ts";
import type { Fault } from "./_fault.ts";
import { isTable, OS_KEYS, type Table, tomlKind } from "./_toml.ts";
import { KEYS } from "./schema.ts";
import { RESERVED_NAMES } from "./values.ts";

interface Walk {
  readonly faults: Fault[];
  readonly path: ConfigPath;
}

/** Tells a value that should be a table; undefined where there is none. */
function enter(
  parent: Table,
  key: string,
  walk: Walk,
  expected: Expected = "table",
): Table | undefined {
  const value = parent[key];
  if (value === undefined || isTable(value)) return value;
  walk.faults.push({
    code: "wrong-type",
    path: [...walk.path, key],
    at: "value",
    key,
    expected,
    found: tomlKind(value),
  });
  return undefined;
}

/** A value that may be a table or something plain, which the schema judges. */
function enterEither(
  parent: Table,
  key: "http" | "restart" | "live",
  walk: Walk,
): Table | undefined {
  return typeof parent[key] === "object"
    ? enter(parent, key, walk, key)
    : undefined;
}

function checkKeys(
  table: Table,
  allowed: readonly string[],
  { faults, path }: Walk,
): void {
  for (const key of Object.keys(table)) {
    if (allowed.includes(key)) continue;
    const place = { path: [...path, key], at: "key" } as const;
    // A table of its own at the top is a service that lacks its prefix.
    const isService = path.length === 0 && isTable(table[key]);
    const meant = isService ? { suggestion: `services.${key}` } : {};
    faults.push({ code: "unknown-key", ...place, key, allowed, ...meant });
  }
}

function checkService(
  service: Table,
  keys: readonly string[],
  walk: Walk,
): void {
  checkKeys(service, keys, walk);
  const below = (key: string): Walk => ({ ...walk, path: [...walk.path, key] });
  for (const key of ["ready", "stop", "log"] as const) {
    const inner = enter(service, key, walk);
    if (inner) checkKeys(inner, KEYS[key], below(key));
    if (inner && key === "ready") checkHttp(inner, below(key));
  }
  for (const key of ["restart", "live"] as const) {
    const inner = enterEither(service, key, walk);
    if (inner) checkKeys(inner, KEYS[key], below(key));
  }
  const env = enter(service, "env", walk);
  for (const { name, ...place } of reservedIn(env, below("env").path)) {
    walk.faults.push({ code: "bad-env-name", ...place, name });
  }
}

function checkHttp(ready: Table, walk: Walk): void {
  const http = enterEither(ready, "http", walk);
  if (!http) return;
  const inner = { ...walk, path: [...walk.path, "http"] };
  checkKeys(http, KEYS.http, inner);
  const headers = enter(http, "headers", inner);
  const path = [...inner.path, "headers"];
  for (const { name, ...place } of reservedIn(headers, path)) {
    const problem = "reserved";
    walk.faults.push({ code: "bad-header-name", ...place, name, problem });
  }
}

/** The names in a table of free names that JavaScript keeps for itself. */
function reservedIn(
  table: Table | undefined,
  path: ConfigPath,
): readonly {
  readonly name: string;
  readonly path: ConfigPath;
  readonly at: "key";
}[] {
  return Object.keys(table ?? {})
    .filter((name) => RESERVED_NAMES.has(name))
    .map((name) => ({ name, path: [...path, name], at: "key" }));
}

/**
 * Looks at the tables and keys of services.toml.
 *
 * @returns Values that are no tables where tables belong, keys that are not
 * known, and names that cannot be kept.
 */
export function checkTables(file: Table): readonly Fault[] {
  const faults: Fault[] = [];
  const top: Walk = { faults, path: [] };
  checkKeys(file, KEYS.file, top);
  const services = enter(file, "services", top) ?? {};
  for (const name of Object.keys(services)) {
    const path = ["services", name];
    if (RESERVED_NAMES.has(name)) {
      const problem = name === "__proto__" ? "characters" : "reserved";
      faults.push({ code: "bad-name", path, at: "key", name, problem });
    }
    const service = enter(services, name, { faults, path: ["services"] });
    if (!service) continue;
    checkService(service, KEYS.service, { faults, path });
    for (const os of OS_KEYS) {
      const override = enter(service, os, { faults, path });
      const inner = { faults, path: [...path, os] };
      if (override) checkService(override, KEYS.override, inner);
    }
  }
  return faults;
}
