/** Defaults, bounds and forms of the values of services.toml. */

import type { RestartWhen } from "../core/model.ts";

/** What counts where a key is left out. */
export const DEFAULTS = {
  cwd: ".",
  ready: { timeout: "60s" },
  stop: { signal: "SIGTERM", timeout: "10s" },
  restart: { when: "on-failure", limit: 5, delay: "500ms" },
  live: { every: "30s", failures: 3, restart: false, timeout: "10s" },
  log: { size: "10MB", keep: 5 },
} as const;

/** The same where there is no `restart` at all: a table means that it is wanted. */
export const DEFAULT_RESTART: RestartWhen = "never";

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

/** Devices of Windows: no file can be called so, whatever its ending. */
export const DEVICE_NAME: RegExp = /^(?:con|prn|aux|nul|com\d|lpt\d)$/i;
/** What a name of the environment may not have; NUL is checked apart. */
export const ENV_NAME: RegExp = /^[^=]+$/;
/** The form of the path of a check: it is put into the request as it is. */
export const HTTP_PATH: RegExp = /^\/[!-~]*$/;

/** The form of the name of a header, a "token" (RFC 9110, 5.6.2). */
export const HEADER_NAME: RegExp = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** The form of the value of a header: it must not end its line; NUL is checked apart. */
export const HEADER_VALUE: RegExp = /^[^\r\n]*$/;
/** The headers that say where a request ends, in lower case: devsvc sets them. */
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
