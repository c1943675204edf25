/**
 * The keys that people bring from other tools, and misspelt ones. Loaded only
 * once a key is not known.
 */

import { suggest } from "../../core/did_you_mean.ts";

/** Other names of the keys of a service, without case and separators. */
const SERVICE_ALIASES: Readonly<Record<string, string>> = {
  cmd: "command",
  exec: "command",
  run: "command",
  script: "command",
  shell: "command",
  start: "command",
  dir: "cwd",
  directory: "cwd",
  folder: "cwd",
  path: "cwd",
  root: "cwd",
  workdir: "cwd",
  workingdir: "cwd",
  workingdirectory: "cwd",
  name: "label",
  title: "label",
  environment: "env",
  vars: "env",
  dotenv: "env_file",
  after: "depends_on",
  needs: "depends_on",
  requires: "depends_on",
  health: "ready",
  healthcheck: "ready",
  probe: "ready",
  readiness: "ready",
  readinessprobe: "ready",
  readycheck: "ready",
  http: "ready.http",
  url: "ready.http",
  headers: "ready.http.headers",
  status: "ready.http.status",
  tcp: "ready.tcp",
  pattern: "ready.log",
  timeout: "ready.timeout",
  signal: "stop.signal",
  stopcommand: "stop.command",
  shutdown: "stop",
  autorestart: "restart",
  restartpolicy: "restart",
  retries: "restart.limit",
  maxrestarts: "restart.limit",
  backoff: "restart.delay",
  liveness: "live",
  livenessprobe: "live",
  watchdog: "live",
  interval: "live.every",
  logging: "log",
  logrotate: "log",
  maxsize: "log.size",
  win: "windows",
  win32: "windows",
  darwin: "macos",
  mac: "macos",
  osx: "macos",
};

const READY_ALIASES: Readonly<Record<string, string>> = {
  url: "http",
  path: "http",
  get: "http",
  port: "tcp",
  output: "log",
  pattern: "log",
  regex: "log",
  cmd: "command",
  exec: "command",
  script: "command",
};

const HTTP_ALIASES: Readonly<Record<string, string>> = {
  url: "path",
  get: "path",
  code: "status",
  codes: "status",
  statuscode: "status",
  expect: "status",
};

const STOP_ALIASES: Readonly<Record<string, string>> = {
  cmd: "command",
  exec: "command",
  run: "command",
  script: "command",
  grace: "timeout",
  graceperiod: "timeout",
  wait: "timeout",
};

const RESTART_ALIASES: Readonly<Record<string, string>> = {
  policy: "when",
  condition: "when",
  max: "limit",
  retries: "limit",
  maxretries: "limit",
  attempts: "limit",
  backoff: "delay",
  pause: "delay",
  wait: "delay",
};

const LIVE_ALIASES: Readonly<Record<string, string>> = {
  interval: "every",
  period: "every",
  retries: "failures",
  threshold: "failures",
  failurethreshold: "failures",
};

const LOG_ALIASES: Readonly<Record<string, string>> = {
  max: "size",
  maxsize: "size",
  limit: "size",
  files: "keep",
  maxfiles: "keep",
  backups: "keep",
  rotate: "keep",
};

function aliasesOf(
  allowed: readonly string[],
): Readonly<Record<string, string>> {
  if (allowed.includes("http")) return READY_ALIASES;
  if (allowed.includes("headers")) return HTTP_ALIASES;
  if (allowed.includes("signal")) return STOP_ALIASES;
  if (allowed.includes("when")) return RESTART_ALIASES;
  if (allowed.includes("every")) return LIVE_ALIASES;
  if (allowed.includes("keep")) return LOG_ALIASES;
  return allowed.includes("command") ? SERVICE_ALIASES : {};
}

/**
 * Finds the key that was probably meant.
 *
 * @returns The key, dotted where it belongs into another table; undefined
 * where nothing is near.
 */
export function meantKey(
  key: string,
  allowed: readonly string[],
): string | undefined {
  const near = suggest(key, allowed);
  if (near !== undefined) return near;
  const aliases = aliasesOf(allowed);
  const folded = key.toLowerCase().replace(/[-_]/g, "");
  return Object.hasOwn(aliases, folded) ? aliases[folded] : undefined;
}
