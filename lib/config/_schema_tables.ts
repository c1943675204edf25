/**
 * The tables inside of a service: `ready`, `stop`, `restart`, `live` and `log`.
 *
 * Each is there twice: with its defaults, and without for the keys of one OS,
 * which are laid over those of the service.
 *
 * @module
 */

import * as v from "valibot";
import {
  MAX_RESTART_DELAY,
  RESTART_WHEN,
  STOP_SIGNALS,
} from "../core/model.ts";
import {
  CommandSchema,
  Duration,
  integer,
  mark,
  Size,
  Text,
} from "./_schema_values.ts";
import { formatDuration } from "./duration.ts";
import {
  DEFAULT_LIVE_EVERY,
  DEFAULT_LIVE_FAILURES,
  DEFAULT_LIVE_RESTART,
  DEFAULT_LOG_KEEP,
  DEFAULT_LOG_SIZE,
  DEFAULT_READY_TIMEOUT,
  DEFAULT_RESTART_DELAY,
  DEFAULT_RESTART_LIMIT,
  DEFAULT_RESTART_WHEN,
  DEFAULT_STOP_SIGNAL,
  DEFAULT_STOP_TIMEOUT,
  FRAMING_HEADERS,
  HEADER_NAME,
  HEADER_VALUE,
  HTTP_PATH,
  isPattern,
} from "./values.ts";

const HttpPath = v.pipe(
  v.string(mark("type:text")),
  v.regex(HTTP_PATH, mark("http-path")),
  v.description("The path that is asked for."),
  v.examples(["/health"]),
);

const HTTP_ENTRIES = {
  path: HttpPath,
  status: v.optional(v.pipe(
    v.array(integer("status"), mark("type:statuses")),
    v.minLength(1, mark("empty")),
    v.description(
      "The status codes that pass. By default any from 200 to 399.",
    ),
    v.examples([[200, 204]]),
  )),
  headers: v.optional(v.pipe(
    v.record(
      v.pipe(
        v.string(mark("header-name")),
        v.regex(HEADER_NAME, mark("header-name")),
        v.check(
          (name) => !FRAMING_HEADERS.has(name.toLowerCase()),
          mark("header-name"),
        ),
      ),
      v.pipe(
        v.string(mark("type:header")),
        v.regex(HEADER_VALUE, mark("header-value")),
        v.check((text) => !text.includes("\0"), mark("header-value")),
      ),
      mark("type:table"),
    ),
    v.description(
      "Headers of the request; their values are in no report and no log. Not Connection, Content-Length or Transfer-Encoding.",
    ),
    v.examples([{ Authorization: "Bearer dev" }]),
  )),
};

const Http = v.pipe(
  v.union([
    v.pipe(
      v.string(mark("type:http")),
      v.regex(HTTP_PATH, mark("http-path")),
    ),
    v.strictObject(HTTP_ENTRIES, mark("type:http")),
  ], mark("type:http")),
  v.description(
    "A path that must answer with a status from 200 to 399 on the port of the service; or a table, to ask for another status or to send headers.",
  ),
  v.examples(["/health", { path: "/health", status: [200, 204] }]),
);

const READY_CHECKS = {
  http: v.optional(Http),
  tcp: v.optional(v.pipe(
    v.literal(true, mark("type:true")),
    v.description("The port must accept a connection."),
  )),
  log: v.optional(v.pipe(
    Text,
    v.check(isPattern, mark("pattern")),
    v.description(
      "A JavaScript regular expression that a line of the output must match.",
    ),
    v.examples(["Application startup complete"]),
  )),
  command: v.optional(v.pipe(
    CommandSchema,
    v.description(
      "A command that must end with exit code 0. A string runs in the shell of the OS, an array runs as it is.",
    ),
  )),
};

const ReadyTimeout = v.pipe(
  Duration,
  v.description(
    "How long the service may take to be ready: 500ms, 10s, 2m, 1m30s; at most 24h.",
  ),
);

const READY_TEXT =
  "What must pass before the service counts as ready: all that is given here. A port alone means that the port must accept a connection.";

/** The table `ready`. */
export const Ready = v.pipe(
  v.strictObject({
    ...READY_CHECKS,
    timeout: v.optional(ReadyTimeout, DEFAULT_READY_TIMEOUT),
  }, mark("type:table")),
  v.description(READY_TEXT),
);

/** The table `ready` for one OS. */
export const ReadyOverride = v.pipe(
  v.strictObject(
    { ...READY_CHECKS, timeout: v.optional(ReadyTimeout) },
    mark("type:table"),
  ),
  v.description(READY_TEXT),
);

const StopCommand = v.pipe(
  CommandSchema,
  v.description(
    "A command that asks the service to stop, instead of the signal. It runs in its folder with its environment, and with the process id of the service in `DEVSVC_PID`; what it says goes to the log of the service. If it fails, the signal is sent.",
  ),
  v.examples(["pg_ctl stop -m fast", ["redis-cli", "shutdown"]]),
);

const Signal = v.pipe(
  v.picklist(STOP_SIGNALS, mark("choice")),
  v.description(
    "The signal that asks the service to stop, on Linux and macOS.",
  ),
);

const StopTimeout = v.pipe(
  Duration,
  v.description(
    "How long the service may take to stop, its stop command included, before it is ended by force: 500ms, 10s, 2m, 1m30s; at most 24h.",
  ),
);

const STOP_TEXT = "How the service is stopped.";

/** The table `stop`. */
export const Stop = v.pipe(
  v.strictObject({
    command: v.optional(StopCommand),
    signal: v.optional(Signal, DEFAULT_STOP_SIGNAL),
    timeout: v.optional(StopTimeout, DEFAULT_STOP_TIMEOUT),
  }, mark("type:table")),
  v.description(STOP_TEXT),
);

/** The table `stop` for one OS. */
export const StopOverride = v.pipe(
  v.strictObject({
    command: v.optional(StopCommand),
    signal: v.optional(Signal),
    timeout: v.optional(StopTimeout),
  }, mark("type:table")),
  v.description(STOP_TEXT),
);

const When = v.pipe(
  v.picklist(RESTART_WHEN, mark("choice")),
  v.description(
    "After which ends the service is started again: `on-failure` means an exit code that is not 0, or a signal.",
  ),
);

const Limit = v.pipe(
  integer("limit"),
  v.description(
    "How often in a row the service is started again at the most, before it is left alone.",
  ),
);

const Delay = v.pipe(
  Duration,
  v.description(
    `The pause before the first time. Each one after it is twice as long, up to ${
      formatDuration(MAX_RESTART_DELAY)
    }.`,
  ),
);

const RESTART_TEXT =
  'Whether the service is started again when it ends by itself: "never", the default, "on-failure" or "always"; or a table.';

const WhenAlone = v.picklist(RESTART_WHEN, mark("type:restart"));

/** The key `restart`. */
export const Restart = v.pipe(
  v.union([
    WhenAlone,
    v.strictObject({
      when: v.optional(When, DEFAULT_RESTART_WHEN),
      limit: v.optional(Limit, DEFAULT_RESTART_LIMIT),
      delay: v.optional(Delay, DEFAULT_RESTART_DELAY),
    }, mark("type:restart")),
  ], mark("type:restart")),
  v.description(RESTART_TEXT),
  v.examples(["on-failure", { when: "always", limit: 3, delay: "1s" }]),
);

/** The key `restart` for one OS. */
export const RestartOverride = v.pipe(
  v.union([
    WhenAlone,
    v.strictObject({
      when: v.optional(When),
      limit: v.optional(Limit),
      delay: v.optional(Delay),
    }, mark("type:restart")),
  ], mark("type:restart")),
  v.description(RESTART_TEXT),
);

const Every = v.pipe(
  Duration,
  v.description("The pause between two looks: 500ms, 10s, 2m; at most 24h."),
);

const Failures = v.pipe(
  integer("failures"),
  v.description(
    "After how many failed looks in a row the service counts as unhealthy.",
  ),
);

const LiveRestart = v.pipe(
  v.boolean(mark("type:boolean")),
  v.description("Whether the service is started again then."),
);

const LIVE_TEXT =
  "How the service is watched once it was ready: the checks of `ready`, but for `log`, are asked again and again. `false` switches it off.";

const Off = v.literal(false, mark("type:live"));

/** The key `live`. */
export const Live = v.pipe(
  v.union([
    Off,
    v.strictObject({
      every: v.optional(Every, DEFAULT_LIVE_EVERY),
      failures: v.optional(Failures, DEFAULT_LIVE_FAILURES),
      restart: v.optional(LiveRestart, DEFAULT_LIVE_RESTART),
    }, mark("type:live")),
  ], mark("type:live")),
  v.description(LIVE_TEXT),
  v.examples([{ every: "10s", failures: 2, restart: true }, false]),
);

/** The key `live` for one OS. */
export const LiveOverride = v.pipe(
  v.union([
    Off,
    v.strictObject({
      every: v.optional(Every),
      failures: v.optional(Failures),
      restart: v.optional(LiveRestart),
    }, mark("type:live")),
  ], mark("type:live")),
  v.description(LIVE_TEXT),
);

const LogSize = v.pipe(
  Size,
  v.description(
    "How large the log may become before its lines are rotated: 500kB, 10MB, 1GB; from 64kB to 10GB.",
  ),
);

const Keep = v.pipe(
  integer("keep"),
  v.description("How many parts that were rotated are kept."),
);

const LOG_TEXT = "How much of the output of the service is kept.";

/** The table `log`. */
export const Log = v.pipe(
  v.strictObject({
    size: v.optional(LogSize, DEFAULT_LOG_SIZE),
    keep: v.optional(Keep, DEFAULT_LOG_KEEP),
  }, mark("type:table")),
  v.description(LOG_TEXT),
);

/** The table `log` for one OS. */
export const LogOverride = v.pipe(
  v.strictObject(
    { size: v.optional(LogSize), keep: v.optional(Keep) },
    mark("type:table"),
  ),
  v.description(LOG_TEXT),
);

/** The keys of the tables, in the order of the documentation. */
export const TABLE_KEYS = {
  ready: [...Object.keys(READY_CHECKS), "timeout"],
  http: Object.keys(HTTP_ENTRIES),
  stop: ["command", "signal", "timeout"],
  restart: ["when", "limit", "delay"],
  live: ["every", "failures", "restart"],
  log: ["size", "keep"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
