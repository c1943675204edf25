/**
 * The schema of what `--json` prints; `report.schema.json` is made from it, and
 * the tests hold every report against it. devsvc itself never loads it.
 */

import { STATES } from "../lib/core/model.ts";
import type { JsonSchema } from "../lib/config/rules.ts";
import { JSON_VERSION, REPORTING } from "../lib/report/json.ts";

const TEXT = { type: "string" };
const NUMBER = { type: "number" };
const BOOLEAN = { type: "boolean" };
const PID = { type: "integer", minimum: 1 };
const TIME = { type: "string", format: "date-time" };
const MAYBE_TEXT = nullable(TEXT);

function described(schema: JsonSchema, description: string): JsonSchema {
  return { ...schema, description };
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: "null" }] };
}

function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

function choice(words: readonly string[]): JsonSchema {
  return { enum: words, type: "string" };
}

type Properties = Readonly<Record<string, JsonSchema>>;

/** An object that may have more properties than these. */
function open(properties: Properties): JsonSchema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/**
 * An object that has these properties alone.
 *
 * @param optional The names of those that may be left out.
 */
function object(
  properties: Properties,
  optional: readonly string[] = [],
): JsonSchema {
  const required = Object.keys(properties)
    .filter((name) => !optional.includes(name));
  return { type: "object", properties, required, additionalProperties: false };
}

const NAMED_PROCESS = object({ pid: PID, name: TEXT });

const HOLDER = object({
  pid: PID,
  name: TEXT,
  args: described(list(TEXT), "The arguments, the program first"),
  cwd: MAYBE_TEXT,
  user: MAYBE_TEXT,
  startedAt: TIME,
  addresses: described(list(TEXT), "What it listens on"),
  parents: described(list(NAMED_PROCESS), "Its parents, nearest first"),
  protected: described(BOOLEAN, "devsvc never signals it"),
  project: described(
    MAYBE_TEXT,
    "The folder of the other project that it is of, where that is known",
  ),
});

const WHY = object({
  pending: described(
    nullable(open({ kind: TEXT })),
    "The first check that fails, where it runs without being ready",
  ),
  dependencies: described(
    list(object({
      name: TEXT,
      state: choice(STATES),
      blocks: described(BOOLEAN, "It prevents the start"),
    })),
    "The services that it depends on directly",
  ),
  lastRun: described(
    nullable(object({
      pid: PID,
      startedAt: TIME,
      readyAt: nullable(TIME),
    })),
    "The last run, where devsvc did not end it",
  ),
  log: described(
    nullable(object({ file: TEXT, lines: list(TEXT) })),
    "Its last lines, where it crashed or is unhealthy",
  ),
});

const SERVICE = object({
  name: TEXT,
  label: TEXT,
  state: choice(STATES),
  health: choice(["healthy", "unhealthy", "unknown"]),
  port: nullable(NUMBER),
  url: MAYBE_TEXT,
  pid: described(nullable(PID), "The main process of what devsvc started"),
  startedAt: nullable(TIME),
  readyAt: nullable(TIME),
  cpuSeconds: described(NUMBER, "Processor time of the whole tree"),
  memoryBytes: described(NUMBER, "Resident memory of the whole tree"),
  processes: described(list(NAMED_PROCESS), "The tree, root first"),
  holders: described(list(HOLDER), "Who listens on the port"),
  container: described(MAYBE_TEXT, "The container that publishes the port"),
  holderUser: described(
    MAYBE_TEXT,
    "Whose process holds the port, where it cannot be seen",
  ),
  mismatchedPorts: described(
    list(NUMBER),
    "The ports that its tree listens on, where its own is not among them",
  ),
  configChanged: described(
    BOOLEAN,
    "services.toml has changed since it was started",
  ),
  environmentChanges: described(
    list(TEXT),
    "The variables that a start would set otherwise now; only status compares them",
  ),
  restarts: described(
    NUMBER,
    "How often in a row it was started again by itself",
  ),
  lastExit: described(
    nullable(object({
      code: NUMBER,
      signal: MAYBE_TEXT,
      at: TIME,
    })),
    "How its last run ended by itself",
  ),
  restartAt: described(nullable(TIME), "When it is started again"),
  gaveUp: described(
    BOOLEAN,
    "It was started again too often in a row and is left alone",
  ),
  outdated: described(
    BOOLEAN,
    "It is not started again by itself: services.toml changed since its start",
  ),
  recordIssue: described(
    nullable(
      choice([
        "dead",
        "recycled",
        "corrupt",
        "version",
        "foreign",
        "unreadable",
        "missing",
      ]),
    ),
    "Why its run record is ignored, or that it is gone",
  ),
  otherRuns: described(
    list(object({ pid: PID, startedAt: TIME })),
    "The first processes of the runs that live beside it",
  ),
  reason: described(MAYBE_TEXT, "Why the state could not be determined"),
  failure: described(
    open({ kind: TEXT }),
    "What failed for this service",
  ),
  why: described(WHY, "The reasons, for the command why"),
}, ["failure", "why"]);

const REPORT = object({
  version: { const: JSON_VERSION },
  command: choice(REPORTING),
  exitCode: NUMBER,
  dryRun: described(BOOLEAN, "Nothing was done"),
  plan: described(
    list(object({
      service: TEXT,
      action: choice([
        "keep",
        "await",
        "start",
        "stop",
        "stop-own",
        "stop-elsewhere",
        "restart",
        "none",
        "conflict",
        "blocked",
      ]),
    })),
    "What was or would be done",
  ),
  services: list(SERVICE),
  removed: described(
    list(SERVICE),
    "The services that still run, but are not in services.toml any more",
  ),
}, ["dryRun", "plan", "removed"]);

const ERROR = object({
  version: { const: JSON_VERSION },
  error: object({
    kind: choice(["usage", "config", "state"]),
    message: TEXT,
    file: TEXT,
    issueCount: described(NUMBER, "How many issues services.toml has"),
    issues: described(
      list(open({
        code: TEXT,
        line: NUMBER,
        column: NUMBER,
      })),
      "The first 20 issues of services.toml",
    ),
  }, ["file", "issueCount", "issues"]),
});

const INIT = object({
  version: { const: JSON_VERSION },
  command: { const: "init" },
  exitCode: NUMBER,
  dryRun: described(BOOLEAN, "Nothing was written"),
  file: described(TEXT, "Where services.toml is or would be"),
  written: described(list(TEXT), "The files that were written"),
  inTheWay: described(list(TEXT), "The files that were there already"),
  toml: described(MAYBE_TEXT, "The text of services.toml"),
  services: list(object({
    name: TEXT,
    label: TEXT,
    cwd: described(TEXT, "Relative to the project; empty for its own folder"),
    command: described(TEXT, "For Linux and macOS"),
    windowsCommand: TEXT,
    port: nullable(NUMBER),
    ready: described(MAYBE_TEXT, "The path that answers once it is ready"),
    dependsOn: list(TEXT),
    evidence: described(
      list(object({
        file: TEXT,
        line: nullable(NUMBER),
        text: MAYBE_TEXT,
      })),
      "What it was understood from",
    ),
  })),
  composeServices: described(
    list(object({
      file: TEXT,
      names: list(TEXT),
      ports: list(NUMBER),
    })),
    "What Docker Compose would run, and devsvc does not",
  ),
});

const LOG_LINE = object({
  version: { const: JSON_VERSION },
  service: TEXT,
  time: described(TIME, "When it was written, to a quarter of a second"),
  approximate: described(
    { const: true },
    "Nobody watched: it was written at that time or some time before",
  ),
  line: described(TEXT, "What a terminal shows of it, without colours"),
}, ["approximate"]);

/** What `--json` prints: a report, what `init` did, a line of a log, an error. */
export const JSON_SCHEMA: JsonSchema = {
  $schema: "http://json-schema.org/draft-07/schema#",
  title: "devsvc --json",
  description: "What devsvc reports to programs.",
  anyOf: [REPORT, INIT, LOG_LINE, ERROR],
};
