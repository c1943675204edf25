/**
 * Reads services.toml.
 *
 * All commands do, so the good path takes no more than a TOML parser and a
 * schema; places, suggestions and words are loaded once something is wrong.
 *
 * @module
 */

import { parse } from "smol-toml";
import { dirname, resolve } from "../core/path.ts";
import {
  LANGUAGES,
  type Project,
  type ReadyCheck,
  type Service,
} from "../core/model.ts";
import { checkServices } from "./_check.ts";
import { draftOf } from "./_drafts.ts";
import { readText } from "./_read_text.ts";
import { isTable, type OsKey, type Table } from "./_toml.ts";
import { parseDuration } from "./duration.ts";
import { ConfigError } from "./error.ts";
import type { Findings } from "./explain.ts";
import { isPlain } from "./plain.ts";
import type { FileTable, ServiceTable } from "./schema.ts";
import {
  DEFAULT_CWD,
  DEFAULT_LIVE_EVERY,
  DEFAULT_LIVE_FAILURES,
  DEFAULT_LOG_KEEP,
  DEFAULT_READY_TIMEOUT,
  DEFAULT_RESTART,
  DEFAULT_RESTART_DELAY,
  DEFAULT_RESTART_LIMIT,
  DEFAULT_STOP_SIGNAL,
  DEFAULT_STOP_TIMEOUT,
} from "./values.ts";

/** The systems that devsvc runs on, as Deno names them. */
export type Os = "windows" | "darwin" | "linux";

const OS_KEY: Readonly<Record<Os, OsKey>> = {
  windows: "windows",
  darwin: "macos",
  linux: "linux",
};

function hostOs(): Os {
  const { os } = Deno.build;
  return os === "windows" || os === "darwin" ? os : "linux";
}

/**
 * Loads a project.
 *
 * The table of the OS (`windows`, `macos`, `linux`) is laid over each service
 * first, key by key; `ready`, `stop` and `env` are merged shallowly. Relative
 * paths start at the folder of the file.
 *
 * @param file services.toml, absolute.
 * @param os The system whose keys apply, by default the one that this runs on.
 * @returns The project, every default filled in, every path absolute.
 * @throws {ConfigError} With all mistakes at once.
 */
export async function loadProject(
  file: string,
  os: Os = hostOs(),
): Promise<Project> {
  const text = await readConfig(file);
  const raw = await parseConfig(file, text);
  const key = OS_KEY[os];
  const root = dirname(file);
  const checked = await readPlainly(raw, key, root) ??
    await readStrictly(raw, key, root);
  if ("issues" in checked) {
    const { explain } = await import("./explain.ts");
    const language = LANGUAGES.find((name) => name === raw["language"]);
    throw new ConfigError(file, explain(text, checked), language);
  }
  const { language, services } = checked;
  const names = await inFileOrder(Object.keys(services), text);
  return {
    root,
    file,
    ...(language === undefined ? {} : { language }),
    services: buildServices(checked, { names, key, root }),
  };
}

async function readPlainly(
  raw: Table,
  key: OsKey,
  root: string,
): Promise<FileTable | undefined> {
  if (!isPlain(raw)) return undefined;
  const drafts = Object.entries(raw.services).map(([name, base]) =>
    draftOf({ name, base, override: base[key] }, key)
  );
  const faults = await checkServices(drafts, root);
  return faults.length === 0 ? raw : undefined;
}

async function readStrictly(
  raw: Table,
  key: OsKey,
  root: string,
): Promise<FileTable | Findings> {
  const { checkStrictly } = await import("./_strict.ts");
  const result = await checkStrictly(raw, key, root);
  return result.ok ? result.file : result;
}

async function readConfig(file: string): Promise<string> {
  const reading = await readText(file);
  if (reading.ok) return reading.text;
  const { explainReading } = await import("./explain.ts");
  throw new ConfigError(file, [explainReading(file, reading)]);
}

async function parseConfig(file: string, text: string): Promise<Table> {
  try {
    const raw: unknown = parse(text);
    return isTable(raw) ? raw : {};
  } catch (error) {
    const { explainSyntax } = await import("./explain.ts");
    throw new ConfigError(file, [explainSyntax(text, error)]);
  }
}

/** JavaScript moves keys such as `8000` to the front of an object. */
async function inFileOrder(
  names: readonly string[],
  text: string,
): Promise<readonly string[]> {
  if (!names.some((name) => /^\d+$/.test(name))) return names;
  const { positionsOf } = await import("./_positions.ts");
  const positions = positionsOf(text);
  const order = (name: string): number =>
    positions.offset(["services", name]) ?? 0;
  return names.toSorted((a, b) => order(a) - order(b));
}

interface Build {
  readonly names: readonly string[];
  readonly key: OsKey;
  readonly root: string;
}

function buildServices(
  file: FileTable,
  { names, key, root }: Build,
): readonly Service[] {
  return names.flatMap((name) => {
    const base = file.services[name];
    if (!base) return [];
    return buildService(name, mergeOs(base, key), root);
  });
}

function mergeOs(base: ServiceTable, key: OsKey): ServiceTable {
  const override = base[key];
  if (!override) return base;
  const dependsOn = override.depends_on ?? base.depends_on;
  const { timeout = DEFAULT_READY_TIMEOUT, ...checks } = {
    ...base.ready,
    ...override.ready,
  };
  return {
    ...base,
    ...override,
    command: override.command ?? base.command,
    ...(dependsOn === undefined ? {} : { depends_on: dependsOn }),
    ready: { ...checks, timeout },
    env: { ...base.env, ...override.env },
    stop: {
      signal: override.stop?.signal ?? base.stop?.signal ?? DEFAULT_STOP_SIGNAL,
      timeout: override.stop?.timeout ?? base.stop?.timeout ??
        DEFAULT_STOP_TIMEOUT,
    },
  };
}

function buildService(
  name: string,
  table: ServiceTable,
  root: string,
): Service {
  const { port, env_file: envFile, stop } = table;
  return {
    name,
    label: table.label ?? name,
    command: table.command,
    cwd: resolve(root, table.cwd ?? DEFAULT_CWD),
    ...(port === undefined ? {} : { port }),
    ready: readyChecks(table),
    readyTimeout: milliseconds(table.ready?.timeout ?? DEFAULT_READY_TIMEOUT),
    dependsOn: [...new Set(table.depends_on)],
    env: { ...table.env },
    ...(envFile === undefined ? {} : { envFile: resolve(root, envFile) }),
    stop: {
      signal: stop?.signal ?? DEFAULT_STOP_SIGNAL,
      timeout: milliseconds(stop?.timeout ?? DEFAULT_STOP_TIMEOUT),
    },
    restart: {
      when: DEFAULT_RESTART,
      limit: DEFAULT_RESTART_LIMIT,
      delay: milliseconds(DEFAULT_RESTART_DELAY),
    },
    live: {
      every: milliseconds(DEFAULT_LIVE_EVERY),
      failures: DEFAULT_LIVE_FAILURES,
      restart: false,
    },
    log: { size: 10_000_000, keep: DEFAULT_LOG_KEEP },
  };
}

function readyChecks({ port, ready }: ServiceTable): readonly ReadyCheck[] {
  const checks: ReadyCheck[] = [];
  if (ready?.tcp) checks.push({ kind: "tcp" });
  if (ready?.http !== undefined) {
    checks.push({ kind: "http", path: ready.http });
  }
  if (ready?.log !== undefined) {
    checks.push({ kind: "log", pattern: ready.log });
  }
  if (ready?.command !== undefined) {
    checks.push({ kind: "command", command: ready.command });
  }
  return checks.length === 0 && port !== undefined ? [{ kind: "tcp" }] : checks;
}

function milliseconds(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === undefined) {
    throw new RangeError(`Cannot read duration: ${duration}`);
  }
  return parsed;
}
