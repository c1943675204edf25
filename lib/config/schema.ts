/**
 * The schema of services.toml as it is written: `services.schema.json`, the
 * documentation of the keys and the checks at run time are drawn from it.
 *
 * The messages of the schema are marks for `explain.ts`, which tells a person
 * what is wrong; nobody reads them.
 *
 * @module
 */

import * as v from "valibot";
import type { Expected } from "../core/config_issue.ts";
import { LANGUAGES, STOP_SIGNALS } from "../core/model.ts";
import { DURATION_PATTERN, parseDuration } from "./duration.ts";
import {
  DEFAULT_CWD,
  DEFAULT_READY_TIMEOUT,
  DEFAULT_STOP_SIGNAL,
  DEFAULT_STOP_TIMEOUT,
  DEVICE_NAME,
  ENV_NAME,
  HTTP_PATH,
  INVALID_PORT,
  isPattern,
  MAX_PORT,
  MIN_PORT,
  SERVICE_NAME,
} from "./values.ts";

/** The mistakes that the schema can find. */
export type Mark =
  | `type:${Expected}`
  | "range"
  | "empty"
  | "choice"
  | "duration"
  | "http-path"
  | "pattern"
  | "name"
  | "env-name"
  | "no-services";

/** The marks, checked by the compiler. */
function mark(name: Mark): Mark {
  return name;
}

const Text = v.pipe(
  v.string(mark("type:text")),
  v.regex(/\S/, mark("empty")),
);

const CommandSchema = v.union([
  Text,
  v.pipe(
    v.array(v.string(mark("type:text"))),
    v.minLength(1, mark("empty")),
    v.check((words) => words[0]?.trim() !== "", mark("empty")),
  ),
], mark("type:command"));

const Duration = v.pipe(
  v.string(mark("type:duration")),
  v.regex(DURATION_PATTERN, mark("duration")),
  v.check((text) => parseDuration(text) !== undefined, mark("duration")),
);

const Port = v.pipe(
  v.number(mark("type:integer")),
  v.integer(mark("type:integer")),
  v.minValue(MIN_PORT, mark("range")),
  v.maxValue(MAX_PORT, mark("range")),
  v.description(
    "The TCP port that the service must own to be ready. Leave it out for a service that listens nowhere, such as a worker.",
  ),
  v.examples([8000, 5173]),
);

const Cwd = v.pipe(
  Text,
  v.description(
    "The folder that the command runs in, relative to the folder of services.toml.",
  ),
  v.examples(["backend"]),
);

const DependsOn = v.pipe(
  v.array(v.string(mark("type:text")), mark("type:names")),
  v.description("The services that must be ready before this one is started."),
  v.examples([["db", "api"]]),
);

const EnvFilePath = v.pipe(
  Text,
  v.description(
    "A file of NAME=value lines, relative to the folder of services.toml. `env` goes before it.",
  ),
  v.examples([".env"]),
);

const ReadyTimeout = v.pipe(
  Duration,
  v.description(
    "How long the service may take to be ready: 500ms, 10s, 2m, 1m30s; at most 24h.",
  ),
);

const StopTimeout = v.pipe(
  Duration,
  v.description(
    "How long the service may take to stop before it is ended by force: 500ms, 10s, 2m, 1m30s; at most 24h.",
  ),
);

const Signal = v.pipe(
  v.picklist(STOP_SIGNALS, mark("choice")),
  v.description(
    "The signal that asks the service to stop, on Linux and macOS.",
  ),
);

const READY_CHECKS = {
  http: v.optional(v.pipe(
    v.string(mark("type:text")),
    v.regex(HTTP_PATH, mark("http-path")),
    v.description(
      "A path that must answer with a status from 200 to 399 on the port of the service.",
    ),
    v.examples(["/health"]),
  )),
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

const READY_TEXT =
  "What must pass before the service counts as ready: all that is given here. A port alone means that the port must accept a connection.";
const STOP_TEXT = "How the service is stopped.";

const Ready = v.pipe(
  v.strictObject({
    ...READY_CHECKS,
    timeout: v.optional(ReadyTimeout, DEFAULT_READY_TIMEOUT),
  }, mark("type:table")),
  v.description(READY_TEXT),
);

const Stop = v.pipe(
  v.strictObject({
    signal: v.optional(Signal, DEFAULT_STOP_SIGNAL),
    timeout: v.optional(StopTimeout, DEFAULT_STOP_TIMEOUT),
  }, mark("type:table")),
  v.description(STOP_TEXT),
);

const Label = v.pipe(
  Text,
  v.description("The name that people read. By default the name of the table."),
  v.examples(["FastAPI"]),
);

const Command = v.pipe(
  CommandSchema,
  v.description(
    "What is run. A string runs in the shell of the OS, an array runs as it is.",
  ),
  v.examples([
    "uvicorn app.main:app --port 8000",
    ["deno", "task", "dev"],
  ]),
);

const Env = v.pipe(
  v.record(
    v.pipe(
      v.string(mark("env-name")),
      v.regex(ENV_NAME, mark("env-name")),
      v.check((name) => !name.includes("\0"), mark("env-name")),
    ),
    v.string(mark("type:env")),
    mark("type:table"),
  ),
  v.description(
    'Variables of the environment, set on top of those of devsvc and of `env_file`. Numbers are written between quotes: "8000".',
  ),
  v.examples([{ PYTHONUNBUFFERED: "1" }]),
);

/**
 * The keys of one service for one OS: those of a service, none required, none
 * with a default.
 */
function overrideSchema(os: string): typeof PlainOverride {
  return v.pipe(
    PlainOverride,
    v.description(
      `Keys that are different on ${os}. Each replaces the key of the service; \`ready\`, \`stop\` and \`env\` are merged key by key.`,
    ),
  );
}

const PlainOverride = v.strictObject({
  label: v.optional(Label),
  command: v.optional(Command),
  cwd: v.optional(Cwd),
  port: v.optional(Port),
  ready: v.optional(v.pipe(
    v.strictObject(
      { ...READY_CHECKS, timeout: v.optional(ReadyTimeout) },
      mark("type:table"),
    ),
    v.description(READY_TEXT),
  )),
  depends_on: v.optional(DependsOn),
  env: v.optional(Env),
  env_file: v.optional(EnvFilePath),
  stop: v.optional(v.pipe(
    v.strictObject(
      { signal: v.optional(Signal), timeout: v.optional(StopTimeout) },
      mark("type:table"),
    ),
    v.description(STOP_TEXT),
  )),
}, mark("type:table"));

const ServiceSchema = v.strictObject({
  label: v.optional(Label),
  command: Command,
  cwd: v.optional(Cwd, DEFAULT_CWD),
  port: v.optional(Port),
  ready: v.optional(Ready),
  depends_on: v.optional(DependsOn, []),
  env: v.optional(Env),
  env_file: v.optional(EnvFilePath),
  stop: v.optional(Stop),
  windows: v.optional(overrideSchema("Windows")),
  macos: v.optional(overrideSchema("macOS")),
  linux: v.optional(overrideSchema("Linux")),
}, mark("type:table"));

const Services = v.pipe(
  v.record(
    v.pipe(
      v.string(mark("name")),
      v.regex(SERVICE_NAME, mark("name")),
      v.check((name) => !DEVICE_NAME.test(name), mark("name")),
    ),
    ServiceSchema,
    mark("type:table"),
  ),
  v.minEntries(1, mark("no-services")),
  v.description(
    "The services, in the order in which they are shown. The name of a table is the name of the service.",
  ),
);

/**
 * The schema of the file.
 *
 * The tables `windows`, `macos` and `linux` of a service are laid over it, key
 * by key, on that OS; `ready`, `stop` and `env` are merged shallowly, so that a
 * key inside them replaces the same key only.
 *
 * @internal
 */
export const FileSchema = v.strictObject({
  language: v.optional(v.pipe(
    v.picklist(LANGUAGES, mark("choice")),
    v.description(
      "The language of the messages; by default that of the OS. `--lang` goes before it.",
    ),
  )),
  services: Services,
}, mark("type:table"));

/**
 * services.toml once checked.
 *
 * @internal
 */
export type FileTable = v.InferInput<typeof FileSchema>;
/**
 * One service as the file says it.
 *
 * @internal
 */
export type ServiceTable = v.InferInput<typeof ServiceSchema>;

/** The keys of every kind of table, in the order of the documentation. */
export const KEYS = {
  file: Object.keys(FileSchema.entries),
  service: Object.keys(ServiceSchema.entries),
  override: Object.keys(PlainOverride.entries),
  ready: [...Object.keys(READY_CHECKS), "timeout"],
  stop: ["signal", "timeout"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/**
 * What can be told of a service that has mistakes: each value that is wrong
 * counts as not written.
 *
 * @internal
 */
export const DraftSchema = v.object({
  port: v.optional(v.fallback(Port, INVALID_PORT)),
  cwd: v.fallback(v.optional(Cwd), undefined),
  depends_on: v.fallback(v.optional(DependsOn), undefined),
  env_file: v.fallback(v.optional(EnvFilePath), undefined),
  ready: v.fallback(
    v.optional(v.object({
      http: v.optional(v.unknown()),
      tcp: v.optional(v.unknown()),
    })),
    undefined,
  ),
});

/**
 * What can be told of a service, whether it has mistakes or not.
 *
 * @internal
 */
export type DraftTable = v.InferOutput<typeof DraftSchema>;
