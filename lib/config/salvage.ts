/**
 * What can be used of a services.toml with mistakes. `stop`, `status`, `logs`
 * and `why` must work with it too: what runs has to be found, shown and ended.
 */

import { parse } from "smol-toml";
import {
  LANGUAGES,
  type Project,
  type RunRecord,
  type Service,
} from "../core/model.ts";
import { findCycle } from "../core/graph.ts";
import { dirname } from "../core/path.ts";
import { OS, type Os } from "../platform/os.ts";
import { buildService } from "./_build.ts";
import { readText } from "./_read_text.ts";
import type { ConfigError } from "./errors/config_error.ts";
import { isLinkOutside } from "./errors/hide_text.ts";
import { OS_KEY } from "./load.ts";
import { accepts, type Keys } from "./rules.ts";
import { SERVICE, SERVICE_KEYS, type ServiceTable } from "./schema.ts";
import { isTable, type Table } from "./toml.ts";
import { SERVICE_NAME } from "../core/service_name.ts";
import { DEVICE_NAME, RESERVED_NAMES } from "./values.ts";

/** What can be used of a file with mistakes. */
export interface Salvaged {
  /** The services that the file names, as far as it can be read. */
  readonly project: Project;
  /** Whether the names of all services could be read. */
  readonly hasNames: boolean;
}

/**
 * Reads a services.toml that has mistakes. A service without a mistake of its
 * own is as the file says it; of another one only the label, the port, the
 * signal and the timeout of its stop are taken, where they are right. No command
 * is taken from the table of such a service.
 *
 * @param mistakes The error that reading the file gave.
 * @param recordOf Returns the run record of a service, where it is believed.
 */
export function salvageProject(
  { file, language }: ConfigError,
  recordOf: (name: string) => RunRecord | undefined,
  os: Os = OS,
): Salvaged {
  const root = dirname(file);
  const raw = parseLeniently(file);
  const asked = LANGUAGES.find((one) => one === raw["language"]) ?? language;
  const head = { root, file, ...(asked ? { language: asked } : {}) };
  const tables = raw["services"];
  if (!isTable(tables)) {
    return { project: { ...head, services: [] }, hasNames: false };
  }
  const services: Service[] = [];
  const names = new Set<string>();
  const ports = new Set<number>();
  for (const [name, table] of Object.entries(tables)) {
    if (!isUsableName(name) || names.has(name.toLowerCase())) continue;
    names.add(name.toLowerCase());
    const service = serviceOf(name, table, {
      root,
      os,
      record: recordOf(name),
    });
    const { port, ...rest } = service;
    // Of two services with one port nobody knows which of them is right.
    const isOwn = port !== undefined && !ports.has(port);
    services.push(isOwn ? service : rest);
    if (isOwn) ports.add(port);
  }
  return {
    project: { ...head, services: withoutCycles(services) },
    hasNames: true,
  };
}

/** Makes a service of its run record alone. */
export function serviceOfRecord(
  name: string,
  record: RunRecord | undefined,
  root: string,
): Service {
  return buildService(
    name,
    {
      command: record?.command ?? UNKNOWN_COMMAND,
      ...(record?.port === undefined ? {} : { port: record.port }),
    },
    "linux",
    root,
  );
}

/** The arguments of no process hold a NUL, so that it is the command of none. */
const UNKNOWN_COMMAND = ["\0"];

/** The text of a file that a link brought here counts for nothing. */
function parseLeniently(file: string): Table {
  if (isLinkOutside(file)) return {};
  const reading = readText(file);
  try {
    const raw: unknown = reading.ok ? parse(reading.text) : {};
    return isTable(raw) ? raw : {};
  } catch {
    return {};
  }
}

function isUsableName(name: string): boolean {
  return SERVICE_NAME.test(name) && !DEVICE_NAME.test(name) &&
    !RESERVED_NAMES.has(name);
}

function serviceOf(
  name: string,
  table: unknown,
  { root, os, record }: {
    readonly root: string;
    readonly os: Os;
    readonly record: RunRecord | undefined;
  },
): Service {
  const key = OS_KEY[os];
  if (accepts(SERVICE, table)) return buildService(name, table, key, root);
  const right = isTable(table) ? harmlessKeys(table) : {};
  const override = isTable(table) && isTable(table[key])
    ? harmlessKeys(table[key])
    : {};
  const command = record?.command ?? UNKNOWN_COMMAND;
  const service = buildService(
    name,
    { command, ...right, [key]: override },
    key,
    root,
  );
  // What it was started for is what is to be free again.
  return record?.port === undefined
    ? service
    : { ...service, port: record.port };
}

/** The keys that are right by themselves, and make nothing run. */
function harmlessKeys(table: Table): Partial<ServiceTable> {
  const { label, port } = SERVICE_KEYS;
  const stop = isTable(table["stop"])
    ? rightKeys({ ...table["stop"], command: undefined }, STOP_KEYS)
    : {};
  return { ...rightKeys(table, { label, port }), stop };
}

const STOP_KEYS: Keys = SERVICE_KEYS.stop.rule.keys ?? {};

function rightKeys(table: Table, keys: Keys): Table {
  return Object.fromEntries(
    Object.entries(table).filter(([name, value]) =>
      Object.hasOwn(keys, name) && accepts(keys[name]?.rule ?? NOTHING, value)
    ),
  );
}

const NOTHING = {
  check: (_value: unknown): _value is never => false,
  describe: () => ({}),
};

/** Without an order that can be kept, all are stopped at once. */
function withoutCycles(services: readonly Service[]): readonly Service[] {
  const names = new Set(services.map(({ name }) => name));
  const known = services.map((service) => ({
    ...service,
    dependsOn: service.dependsOn.filter((name) => names.has(name)),
  }));
  return findCycle(known)
    ? known.map((service) => ({ ...service, dependsOn: [] }))
    : known;
}
