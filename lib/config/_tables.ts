/**
 * The tables of services.toml: where one is expected, and which keys it takes.
 *
 * The schema alone would not do: valibot takes an array for a table, stops at
 * the first unknown key, and skips the names that JavaScript keeps for itself.
 *
 * @module
 */

import type { ConfigPath } from "../core/config_issue.ts";
import type { Fault } from "./_fault.ts";
import { isTable, OS_KEYS, type Table, tomlKind } from "./_toml.ts";
import { KEYS } from "./schema.ts";
import { RESERVED_NAMES } from "./values.ts";

interface Walk {
  readonly faults: Fault[];
  readonly path: ConfigPath;
}

/** Tells a value that should be a table; undefined where there is none. */
function enter(parent: Table, key: string, walk: Walk): Table | undefined {
  const value = parent[key];
  if (value === undefined || isTable(value)) return value;
  walk.faults.push({
    code: "wrong-type",
    path: [...walk.path, key],
    at: "value",
    key,
    expected: "table",
    found: tomlKind(value),
  });
  return undefined;
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
  for (const key of ["ready", "stop"] as const) {
    const inner = enter(service, key, walk);
    const path = [...walk.path, key];
    if (inner) checkKeys(inner, KEYS[key], { ...walk, path });
  }
  const env = enter(service, "env", walk);
  for (const name of Object.keys(env ?? {})) {
    if (!RESERVED_NAMES.has(name)) continue;
    const path = [...walk.path, "env", name];
    walk.faults.push({ code: "bad-env-name", path, at: "key", name });
  }
}

/**
 * Looks at the tables and keys of services.toml.
 *
 * @param file The whole file.
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
