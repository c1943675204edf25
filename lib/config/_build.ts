/**
 * From a table of services.toml to a service: the keys of the OS laid over it,
 * every default filled in, every path absolute.
 */

import type {
  Liveness,
  LogLimits,
  ReadyCheck,
  RestartPolicy,
  Service,
  StopManner,
} from "../core/model.ts";
import { resolve } from "../core/path.ts";
import { printable } from "../core/printable.ts";
import { type OsKey, readyChecks, type ServiceTable } from "./schema.ts";
import { parseDuration, parseSize } from "./units.ts";
import { DEFAULT_RESTART, DEFAULTS } from "./values.ts";

/**
 * Makes a service of its table.
 *
 * @param root The folder of services.toml, absolute.
 */
export function buildService(
  name: string,
  base: ServiceTable,
  os: OsKey,
  root: string,
): Service {
  const table = mergeOs(base, os);
  const { port, env_file: envFile } = table;
  const attempt = table.ready?.attempt;
  return {
    name,
    label: printable(table.label ?? name),
    command: table.command,
    cwd: resolve(root, table.cwd ?? DEFAULTS.cwd),
    ...(port === undefined ? {} : { port }),
    ready: checksOf(table),
    readyTimeout: milliseconds(table.ready?.timeout ?? DEFAULTS.ready.timeout),
    ...(attempt === undefined ? {} : { readyAttempt: milliseconds(attempt) }),
    dependsOn: [...new Set(table.depends_on)],
    env: { ...table.env },
    ...(envFile === undefined ? {} : { envFile: resolve(root, envFile) }),
    stop: stopManner(table),
    restart: restartPolicy(table),
    live: liveness(table),
    log: logLimits(table),
  };
}

/** Both tables; what one of them lacks, the other says. */
function mergeOs(base: ServiceTable, os: OsKey): ServiceTable {
  const override = base[os];
  if (!override) return base;
  const live = mergeLive(base.live, override.live);
  return {
    ...base,
    ...override,
    command: override.command ?? base.command,
    depends_on: override.depends_on ?? base.depends_on ?? [],
    ready: { ...base.ready, ...override.ready },
    env: { ...base.env, ...override.env },
    stop: { ...base.stop, ...override.stop },
    ...(base.restart === undefined && override.restart === undefined
      ? {}
      : { restart: { ...restartTable(base), ...restartTable(override) } }),
    ...(live === undefined ? {} : { live }),
    log: { ...base.log, ...override.log },
  };
}

type RestartTable = Exclude<ServiceTable["restart"], string | undefined>;

/** A word alone is a table that only says when. */
function restartTable(
  { restart }: Pick<ServiceTable, "restart">,
): RestartTable {
  return typeof restart === "string" ? { when: restart } : { ...restart };
}

function mergeLive(
  base: ServiceTable["live"],
  override: ServiceTable["live"],
): ServiceTable["live"] {
  return override === undefined || override === false
    ? override ?? base
    : { ...base || {}, ...override };
}

/** A port alone is checked by a connection. */
function checksOf({ port, ready = {} }: ServiceTable): readonly ReadyCheck[] {
  const checks = readyChecks(ready);
  return checks.length === 0 && port !== undefined ? [{ kind: "tcp" }] : checks;
}

function stopManner({ stop }: ServiceTable): StopManner {
  return {
    ...(stop?.command === undefined ? {} : { command: stop.command }),
    signal: stop?.signal ?? DEFAULTS.stop.signal,
    timeout: milliseconds(stop?.timeout ?? DEFAULTS.stop.timeout),
  };
}

function restartPolicy(table: ServiceTable): RestartPolicy {
  const { when, limit, delay } = restartTable(table);
  const unsaid = table.restart === undefined
    ? DEFAULT_RESTART
    : DEFAULTS.restart.when;
  return {
    when: when ?? unsaid,
    limit: limit ?? DEFAULTS.restart.limit,
    delay: milliseconds(delay ?? DEFAULTS.restart.delay),
  };
}

function liveness({ live }: ServiceTable): Liveness {
  const table = live || {};
  return {
    every: live === false
      ? 0
      : milliseconds(table.every ?? DEFAULTS.live.every),
    failures: table.failures ?? DEFAULTS.live.failures,
    restart: table.restart ?? DEFAULTS.live.restart,
    timeout: milliseconds(table.timeout ?? DEFAULTS.live.timeout),
  };
}

function logLimits({ log }: ServiceTable): LogLimits {
  return {
    size: bytes(log?.size ?? DEFAULTS.log.size),
    keep: log?.keep ?? DEFAULTS.log.keep,
  };
}

function milliseconds(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === undefined) {
    throw new RangeError(`Cannot read duration: ${duration}`);
  }
  return parsed;
}

function bytes(size: string): number {
  const parsed = parseSize(size);
  if (parsed === undefined) throw new RangeError(`Cannot read size: ${size}`);
  return parsed;
}
