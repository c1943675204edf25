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
import { LANGUAGES } from "../core/model.ts";
import {
  Live,
  LiveOverride,
  Log,
  LogOverride,
  Ready,
  ReadyOverride,
  Restart,
  RestartOverride,
  Stop,
  StopOverride,
  TABLE_KEYS,
} from "./_schema_tables.ts";
import { CommandSchema, integer, mark, Text } from "./_schema_values.ts";
import {
  DEFAULT_CWD,
  DEVICE_NAME,
  ENV_NAME,
  INVALID_PORT,
  SERVICE_NAME,
} from "./values.ts";

const Port = v.pipe(
  integer("port"),
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
      `Keys that are different on ${os}. Each replaces the key of the service; \`ready\`, \`stop\`, \`restart\`, \`live\`, \`log\` and \`env\` are merged key by key.`,
    ),
  );
}

const PlainOverride = v.strictObject({
  label: v.optional(Label),
  command: v.optional(Command),
  cwd: v.optional(Cwd),
  port: v.optional(Port),
  ready: v.optional(ReadyOverride),
  depends_on: v.optional(DependsOn),
  env: v.optional(Env),
  env_file: v.optional(EnvFilePath),
  stop: v.optional(StopOverride),
  restart: v.optional(RestartOverride),
  live: v.optional(LiveOverride),
  log: v.optional(LogOverride),
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
  restart: v.optional(Restart),
  live: v.optional(Live),
  log: v.optional(Log),
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
 * by key, on that OS; the tables inside of it are merged shallowly, so that a
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
  ...TABLE_KEYS,
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
