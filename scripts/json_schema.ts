/**
 * The schema of what `--json` prints; `report.schema.json` is made from it, and
 * the tests hold every report against it. devsvc itself never loads it.
 *
 * @module
 */

import * as v from "valibot";
import { STATES } from "../lib/core/model.ts";
import { JSON_VERSION, REPORTING } from "../lib/report/json.ts";

function described<S extends v.GenericSchema>(
  schema: S,
  description: string,
): v.SchemaWithPipe<
  readonly [S, v.DescriptionAction<v.InferOutput<S>, string>]
> {
  return v.pipe(schema, v.description(description));
}

const Text = v.string();
const MaybeText = v.nullable(Text);
const Pid = v.pipe(v.number(), v.integer(), v.minValue(1));
const Time = v.pipe(Text, v.isoTimestamp());

const NamedProcess = v.strictObject({ pid: Pid, name: Text });

const HolderSchema = v.strictObject({
  pid: Pid,
  name: Text,
  args: described(v.array(Text), "The arguments, the program first"),
  cwd: MaybeText,
  user: MaybeText,
  startedAt: Time,
  addresses: described(v.array(Text), "What it listens on"),
  parents: described(v.array(NamedProcess), "Its parents, nearest first"),
  protected: described(v.boolean(), "devsvc never signals it"),
});

const WhySchema = v.strictObject({
  pending: described(
    v.nullable(v.looseObject({ kind: Text })),
    "The first check that fails, where it runs without being ready",
  ),
  dependencies: described(
    v.array(v.strictObject({
      name: Text,
      state: v.picklist(STATES),
      blocks: described(v.boolean(), "It prevents the start"),
    })),
    "The services that it depends on directly",
  ),
  lastRun: described(
    v.nullable(v.strictObject({
      pid: Pid,
      startedAt: Time,
      readyAt: v.nullable(Time),
    })),
    "The last run, where devsvc did not end it",
  ),
  log: described(
    v.nullable(v.strictObject({ file: Text, lines: v.array(Text) })),
    "Its last lines, where it crashed or is unhealthy",
  ),
});

const ServiceSchema = v.strictObject({
  name: Text,
  label: Text,
  state: v.picklist(STATES),
  health: v.picklist(["healthy", "unhealthy", "unknown"]),
  port: v.nullable(v.number()),
  url: MaybeText,
  pid: described(v.nullable(Pid), "The main process of what devsvc started"),
  startedAt: v.nullable(Time),
  readyAt: v.nullable(Time),
  cpuSeconds: described(v.number(), "Processor time of the whole tree"),
  memoryBytes: described(v.number(), "Resident memory of the whole tree"),
  processes: described(v.array(NamedProcess), "The tree, root first"),
  holders: described(v.array(HolderSchema), "Who listens on the port"),
  container: described(MaybeText, "The container that publishes the port"),
  holderUser: described(
    MaybeText,
    "Whose process holds the port, where it cannot be seen",
  ),
  mismatchedPorts: described(
    v.array(v.number()),
    "The ports that its tree listens on, where its own is not among them",
  ),
  configChanged: described(
    v.boolean(),
    "services.toml has changed since it was started",
  ),
  environmentChanges: described(
    v.array(Text),
    "The variables that a start would set otherwise now; only status compares them",
  ),
  restarts: described(
    v.number(),
    "How often in a row it was started again by itself",
  ),
  lastExit: described(
    v.nullable(v.strictObject({
      code: v.number(),
      signal: MaybeText,
      at: Time,
    })),
    "How its last run ended by itself",
  ),
  restartAt: described(v.nullable(Time), "When it is started again"),
  gaveUp: described(
    v.boolean(),
    "It was started again too often in a row and is left alone",
  ),
  recordIssue: described(
    v.nullable(v.picklist(["dead", "recycled", "corrupt", "version"])),
    "Why its run record is ignored",
  ),
  reason: described(MaybeText, "Why a query of the system failed"),
  failure: v.optional(described(
    v.looseObject({ kind: Text }),
    "What failed for this service",
  )),
  why: v.optional(described(WhySchema, "The reasons, for the command why")),
});

const ReportSchema = v.strictObject({
  version: v.literal(JSON_VERSION),
  command: v.picklist(REPORTING),
  exitCode: v.number(),
  dryRun: v.optional(described(v.boolean(), "Nothing was done")),
  plan: v.optional(described(
    v.array(v.strictObject({
      service: Text,
      action: v.picklist([
        "keep",
        "await",
        "start",
        "stop",
        "stop-own",
        "restart",
        "none",
        "conflict",
        "blocked",
      ]),
    })),
    "What was or would be done",
  )),
  services: v.array(ServiceSchema),
});

const ErrorSchema = v.strictObject({
  version: v.literal(JSON_VERSION),
  error: v.strictObject({
    kind: v.picklist(["usage", "config", "state"]),
    message: Text,
    file: v.optional(Text),
    issues: v.optional(described(
      v.array(v.looseObject({
        code: Text,
        line: v.number(),
        column: v.number(),
      })),
      "The issues in services.toml",
    )),
  }),
});

const InitSchema = v.strictObject({
  version: v.literal(JSON_VERSION),
  command: v.literal("init"),
  exitCode: v.number(),
  dryRun: described(v.boolean(), "Nothing was written"),
  file: described(Text, "Where services.toml is or would be"),
  written: described(v.array(Text), "The files that were written"),
  inTheWay: described(v.array(Text), "The files that were there already"),
  toml: described(MaybeText, "The text of services.toml"),
  services: v.array(v.strictObject({
    name: Text,
    label: Text,
    cwd: described(Text, "Relative to the project; empty for its own folder"),
    command: described(Text, "For Linux and macOS"),
    windowsCommand: Text,
    port: v.nullable(v.number()),
    ready: described(MaybeText, "The path that answers once it is ready"),
    dependsOn: v.array(Text),
    evidence: described(
      v.array(v.strictObject({
        file: Text,
        line: v.nullable(v.number()),
        text: MaybeText,
      })),
      "What it was understood from",
    ),
  })),
  composeServices: described(
    v.array(v.strictObject({
      file: Text,
      names: v.array(Text),
      ports: v.array(v.number()),
    })),
    "What Docker Compose would run, and devsvc does not",
  ),
});

const LogLineSchema = v.strictObject({
  version: v.literal(JSON_VERSION),
  service: Text,
  time: described(Time, "When it was written, to a quarter of a second"),
  approximate: v.optional(described(
    v.literal(true),
    "Nobody watched: it was written at that time or some time before",
  )),
  line: described(Text, "What a terminal shows of it, without colours"),
});

/** What `--json` prints: a report, what `init` did, a line of a log, an error. */
export const JsonSchema: v.GenericSchema = v.union([
  ReportSchema,
  InitSchema,
  LogLineSchema,
  ErrorSchema,
]);
