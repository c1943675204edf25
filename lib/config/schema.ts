/**
 * The grammar of services.toml: its tables and keys. `services.schema.json`,
 * docs/services.md and the checks at run time are all drawn from it.
 */

import { SERVICE_NAME } from "../core/service_name.ts";
import {
  LANGUAGES,
  MAX_RESTART_DELAY,
  type ReadyCheck,
  RESTART_WHEN,
  STOP_SIGNALS,
} from "../core/model.ts";
import {
  ANY_TEXT,
  BOOLEAN,
  choice,
  COMMAND,
  DURATION,
  either,
  exactly,
  httpPath,
  integer,
  type Keys,
  list,
  overrides,
  PORT,
  record,
  REGULAR_EXPRESSION,
  type Rule,
  SIZE,
  table,
  type TableOf,
  text,
  type ValueOf,
  VISIBLE_TEXT,
} from "./rules.ts";
import { formatDuration } from "./units.ts";
import {
  DEFAULTS,
  DEVICE_NAME,
  ENV_NAME,
  FRAMING_HEADERS,
  HEADER_NAME,
  HEADER_VALUE,
  RANGES,
  RESERVED_NAMES,
} from "./values.ts";

/** The tables that change a service for one OS. */
export const OS_KEYS = ["windows", "macos", "linux"] as const;

/** One of {@linkcode OS_KEYS}. */
export type OsKey = typeof OS_KEYS[number];

const HEADERS = record(
  {
    pattern: HEADER_NAME,
    issue(name) {
      const code = "bad-header-name";
      if (RESERVED_NAMES.has(name)) return { code, name, reason: "reserved" };
      if (!HEADER_NAME.test(name)) return { code, name, reason: "characters" };
      return FRAMING_HEADERS.has(name.toLowerCase())
        ? { code, name, reason: "framing" }
        : undefined;
    },
  },
  text({
    expected: "header",
    pattern: HEADER_VALUE,
    test: (value) => !value.includes("\0"),
    issue: (_value, name) => ({ code: "bad-header-value", name }),
  }),
);

const HTTP = {
  path: {
    rule: httpPath("text"),
    description: "The path that is asked for.",
    examples: ["/health"],
    required: true,
  },
  status: {
    rule: list(integer(RANGES.status), "statuses", 1),
    description: "The status codes that pass. By default any from 200 to 399.",
    examples: [[200, 204]],
  },
  headers: {
    rule: HEADERS,
    description:
      "Headers of the request; their values are in no report and no log. Not Connection, Content-Length or Transfer-Encoding.",
    examples: [{ Authorization: "Bearer dev" }],
  },
} as const satisfies Keys;

const READY = {
  http: {
    rule: either(httpPath("http"), table(HTTP, "http")),
    description:
      "A path that must answer with a status from 200 to 399 on the port of the service; or a table, to ask for another status or to send headers.",
    examples: ["/health", { path: "/health", status: [200, 204] }],
  },
  tcp: {
    rule: exactly(true, "true"),
    description: "The port must accept a connection.",
  },
  log: {
    rule: REGULAR_EXPRESSION,
    description:
      "A JavaScript regular expression that a line of the output must match, without lookaround and backreferences.",
    examples: ["Application startup complete"],
  },
  command: {
    rule: COMMAND,
    description:
      "A command that must end with exit code 0. A string runs in the shell of the OS, an array runs as it is.",
  },
  timeout: {
    rule: DURATION,
    description:
      "How long the service may take to be ready: 500ms, 10s, 2m, 1m30s; at most 24h.",
    default: DEFAULTS.ready.timeout,
  },
  attempt: {
    rule: DURATION,
    description:
      "How long one attempt of the checks may take before it is given up for another one. By default what is left of `timeout`.",
    examples: ["10s"],
  },
} as const satisfies Keys;

const READY_TABLE = table(READY);

/** Lists the checks of a `ready` table, in the order in which they are made. */
export function readyChecks(
  { tcp, http, log, command }: ValueOf<typeof READY_TABLE>,
): readonly ReadyCheck[] {
  const checks: ReadyCheck[] = [];
  if (tcp) checks.push({ kind: "tcp" });
  if (http !== undefined) {
    const { headers, ...request } = typeof http === "string"
      ? { path: http }
      : http;
    checks.push({
      kind: "http",
      ...request,
      ...(headers === undefined ? {} : { headers: { ...headers } }),
    });
  }
  if (log !== undefined) checks.push({ kind: "log", pattern: log });
  if (command !== undefined) checks.push({ kind: "command", command });
  return checks;
}

const STOP = {
  command: {
    rule: COMMAND,
    description:
      "A command that asks the service to stop, instead of the signal. It runs in its folder with its environment, and with the process id of the service in `DEVSVC_PID`; what it says goes to the log of the service. If it fails, the signal is sent.",
    examples: ["pg_ctl stop -m fast", ["redis-cli", "shutdown"]],
  },
  signal: {
    rule: choice(STOP_SIGNALS),
    description:
      "The signal that asks the service to stop, on Linux and macOS.",
    default: DEFAULTS.stop.signal,
  },
  timeout: {
    rule: DURATION,
    description:
      "How long the service may take to stop, its stop command included, before it is ended by force: 500ms, 10s, 2m, 1m30s; at most 24h.",
    default: DEFAULTS.stop.timeout,
  },
} as const satisfies Keys;

const RESTART = {
  when: {
    rule: choice(RESTART_WHEN),
    description:
      "After which ends the service is started again: `on-failure` means an exit code that is not 0, or a signal.",
    default: DEFAULTS.restart.when,
  },
  limit: {
    rule: integer(RANGES.limit),
    description:
      "How often in a row the service is started again at the most, before it is left alone.",
    default: DEFAULTS.restart.limit,
  },
  delay: {
    rule: DURATION,
    description:
      `The pause before the first time. Each one after it is twice as long, up to ${
        formatDuration(MAX_RESTART_DELAY)
      }.`,
    default: DEFAULTS.restart.delay,
  },
} as const satisfies Keys;

const LIVE = {
  every: {
    rule: DURATION,
    description: "The pause between two checks: 500ms, 10s, 2m; at most 24h.",
    default: DEFAULTS.live.every,
  },
  failures: {
    rule: integer(RANGES.failures),
    description:
      "After how many failed checks in a row the service counts as unhealthy.",
    default: DEFAULTS.live.failures,
  },
  restart: {
    rule: BOOLEAN,
    description: "Whether the service is started again then.",
    default: DEFAULTS.live.restart,
  },
  timeout: {
    rule: DURATION,
    description:
      "How long one check may take, of `status` too: 500ms, 10s, 2m; at most 24h.",
    default: DEFAULTS.live.timeout,
  },
} as const satisfies Keys;

const LOG = {
  size: {
    rule: SIZE,
    description:
      "How large the log may become before its lines are rotated: 500kB, 10MB, 1GB; from 64kB to 10GB.",
    default: DEFAULTS.log.size,
  },
  keep: {
    rule: integer(RANGES.keep),
    description: "How many parts that were rotated are kept.",
    default: DEFAULTS.log.keep,
  },
} as const satisfies Keys;

const ENV = record(
  {
    pattern: ENV_NAME,
    issue: (name) =>
      !ENV_NAME.test(name) || name.includes("\0") || RESERVED_NAMES.has(name)
        ? { code: "bad-env-name", name }
        : undefined,
  },
  text({ expected: "env" }),
);

const EVERYWHERE = {
  label: {
    rule: VISIBLE_TEXT,
    description: "The name that people read. By default the name of the table.",
    examples: ["FastAPI"],
  },
  command: {
    rule: COMMAND,
    description:
      "What is run. A string runs in the shell of the OS, an array runs as it is.",
    examples: ["uvicorn app.main:app --port 8000", ["deno", "task", "dev"]],
    required: true,
  },
  cwd: {
    rule: VISIBLE_TEXT,
    description:
      "The folder that the command runs in, relative to the folder of services.toml.",
    examples: ["backend"],
    default: DEFAULTS.cwd,
  },
  port: {
    rule: PORT,
    description:
      "The TCP port that the service must own to be ready. Leave it out for a service that listens nowhere, such as a worker.",
    examples: [8000, 5173],
  },
  ready: {
    rule: READY_TABLE,
    description:
      "What must pass before the service counts as ready: all that is given here. A port alone means that the port must accept a connection. With neither port nor check the service is called started, not ready.",
  },
  depends_on: {
    rule: list(ANY_TEXT, "names"),
    description: "The services that must be ready before this one is started.",
    examples: [["db", "api"]],
    default: [],
  },
  env: {
    rule: ENV,
    description:
      'Variables of the environment, set on top of those of devsvc and of `env_file`. Numbers are written between quotes: "8000".',
    examples: [{ PYTHONUNBUFFERED: "1" }],
  },
  env_file: {
    rule: VISIBLE_TEXT,
    description:
      "A file of NAME=value lines, relative to the folder of services.toml. `env` goes before it.",
    examples: [".env"],
  },
  stop: { rule: table(STOP), description: "How the service is stopped." },
  restart: {
    rule: either(
      choice(RESTART_WHEN, "restart"),
      table(RESTART, "restart"),
    ),
    description:
      'Whether the service is started again when it ends by itself: "never", the default, "on-failure" or "always"; or a table.',
    examples: ["on-failure", { when: "always", limit: 3, delay: "1s" }],
  },
  live: {
    rule: either(exactly(false, "live"), table(LIVE, "live")),
    description:
      "How the service is watched once it was ready: the checks of `ready`, but for `log`, are asked again and again. `false` switches it off.",
    examples: [{ every: "10s", failures: 2, restart: true }, false],
  },
  log: {
    rule: table(LOG),
    description: "How much of the output of the service is kept.",
  },
} as const satisfies Keys;

const OVERRIDES = overrides(EVERYWHERE);

const MERGED =
  "Each replaces the key of the service; `ready`, `stop`, `restart`, `live`, `log` and `env` are merged key by key.";

/** The keys of a service. */
export const SERVICE_KEYS = {
  ...EVERYWHERE,
  windows: {
    rule: OVERRIDES,
    description: `Keys that are different on Windows. ${MERGED}`,
  },
  macos: {
    rule: OVERRIDES,
    description: `Keys that are different on macOS. ${MERGED}`,
  },
  linux: {
    rule: OVERRIDES,
    description: `Keys that are different on Linux. ${MERGED}`,
  },
} as const satisfies Keys;

/** The table of a service. */
export const SERVICE: Rule<ServiceTable> = table(SERVICE_KEYS);

const SERVICES = record({
  pattern: SERVICE_NAME,
  issue(name) {
    const code = "bad-name";
    if (!SERVICE_NAME.test(name)) return { code, name, reason: "characters" };
    if (DEVICE_NAME.test(name)) return { code, name, reason: "device" };
    return RESERVED_NAMES.has(name)
      ? { code, name, reason: "reserved" }
      : undefined;
  },
  none: { code: "no-services" },
}, SERVICE);

/** The keys of the file. */
export const FILE_KEYS = {
  language: {
    rule: choice(LANGUAGES),
    description:
      "The language of the messages; by default that of the OS. `--lang` goes before it.",
  },
  services: {
    rule: SERVICES,
    description:
      "The services, in the order in which they are shown. The name of a table is the name of the service.",
    required: { code: "no-services" },
  },
} as const satisfies Keys;

/** What services.toml must be. */
export const FILE: Rule<FileTable> = table(FILE_KEYS);

/** services.toml once checked. */
interface FileTable {
  /** The language of the messages. */
  readonly language?: ValueOf<typeof FILE_KEYS["language"]["rule"]>;
  /** The services by their names. */
  readonly services: Readonly<Record<string, ServiceTable>>;
}

/** One service as the file says it. */
export type ServiceTable = TableOf<typeof SERVICE_KEYS>;
