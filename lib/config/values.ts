/**
 * Defaults, bounds and forms of the values of services.toml.
 *
 * @module
 */

import type { RestartWhen, StopSignal } from "../core/model.ts";

/** Where a service runs unless told otherwise: the folder of services.toml. */
export const DEFAULT_CWD = ".";
/** How long a service may take to be ready unless told otherwise. */
export const DEFAULT_READY_TIMEOUT = "60s";
/** How a service is asked to stop unless told otherwise. */
export const DEFAULT_STOP_SIGNAL: StopSignal = "SIGTERM";
/** How long a service may take to stop unless told otherwise. */
export const DEFAULT_STOP_TIMEOUT = "10s";
/** When a service that ended is started again unless told otherwise. */
export const DEFAULT_RESTART: RestartWhen = "never";
/** The same, where `restart` is a table: who writes one wants it. */
export const DEFAULT_RESTART_WHEN: RestartWhen = "on-failure";
/** How often in a row a service is started again unless told otherwise. */
export const DEFAULT_RESTART_LIMIT = 5;
/** The first pause before a service is started again unless told otherwise. */
export const DEFAULT_RESTART_DELAY = "500ms";
/** How often a ready service is looked at unless told otherwise. */
export const DEFAULT_LIVE_EVERY = "30s";
/** How many looks must fail in a row unless told otherwise. */
export const DEFAULT_LIVE_FAILURES = 3;
/** Whether a service that is unhealthy is started again unless told otherwise. */
export const DEFAULT_LIVE_RESTART = false;
/** How large a log may become unless told otherwise. */
export const DEFAULT_LOG_SIZE = "10MB";
/** How many parts of a log are kept unless told otherwise. */
export const DEFAULT_LOG_KEEP = 5;
/** The lowest port. */
export const MIN_PORT = 1;
/** The highest port. */
export const MAX_PORT = 65_535;

/** The bounds of the whole numbers, both included. */
export const RANGES = {
  port: { min: MIN_PORT, max: MAX_PORT },
  /** What HTTP calls a status: three digits, the first from 1 to 5. */
  status: { min: 100, max: 599 },
  limit: { min: 1, max: 1_000_000 },
  failures: { min: 1, max: 1_000 },
  keep: { min: 0, max: 1_000 },
} as const satisfies Readonly<
  Record<string, { readonly min: number; readonly max: number }>
>;

/** The form of the name of a service, which is also a file name. */
export const SERVICE_NAME: RegExp = /^[a-zA-Z0-9][a-zA-Z0-9_-]*$/;
/** Devices of Windows: no file can be called so, whatever its ending. */
export const DEVICE_NAME: RegExp = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;
/** What a name of the environment may not have; NUL is looked for apart. */
export const ENV_NAME: RegExp = /^[^=]+$/;
/** The form of the path of a check: it is put into the request as it is. */
export const HTTP_PATH: RegExp = /^\/[!-~]*$/;

/** The form of the name of a header, a "token" (RFC 9110, 5.6.2). */
export const HEADER_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** The form of the value of a header: it must not end its line; NUL is looked for apart. */
export const HEADER_VALUE: RegExp = /^[^\r\n]*$/;
/** What says where a request ends, in small letters: only devsvc may tell. */
export const FRAMING_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
]);

/** Names that JavaScript keeps for itself: a table cannot hold them. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "__proto__",
  "constructor",
  "prototype",
]);

/** How many names an issue lists at most. */
export const MAX_NAMES = 20;
