/**
 * The schema of what `--json` prints; `report.schema.json` is made from it, and
 * the tests hold every report against it. devsvc itself never loads it.
 *
 * @module
 */

import * as v from "valibot";
import { STATES } from "../core/model.ts";
import { JSON_VERSION } from "./json.ts";

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
const Moment = v.pipe(Text, v.isoTimestamp());

const NamedProcess = v.strictObject({ pid: Pid, name: Text });

const HolderSchema = v.strictObject({
  pid: Pid,
  name: Text,
  args: described(v.array(Text), "The arguments, the program first"),
  cwd: MaybeText,
  user: MaybeText,
  startedAt: Moment,
  addresses: described(v.array(Text), "What it listens on"),
  parents: described(v.array(NamedProcess), "Its parents, nearest first"),
  protected: described(v.boolean(), "devsvc never signals it"),
});

const ServiceSchema = v.strictObject({
  name: Text,
  label: Text,
  state: v.picklist(STATES),
  health: v.picklist(["healthy", "unhealthy", "unknown"]),
  port: v.nullable(v.number()),
  url: MaybeText,
  pid: described(v.nullable(Pid), "The root of the tree that devsvc started"),
  startedAt: v.nullable(Moment),
  readyAt: v.nullable(Moment),
  cpuSeconds: described(v.number(), "Processor time of the whole tree"),
  memoryBytes: described(v.number(), "Resident memory of the whole tree"),
  processes: described(v.array(NamedProcess), "The tree, root first"),
  holders: described(v.array(HolderSchema), "Who listens on the port"),
  container: described(MaybeText, "The container that publishes the port"),
  holderUser: described(
    MaybeText,
    "Whose process holds the port, where it cannot be seen",
  ),
  configChanged: described(
    v.boolean(),
    "services.toml says otherwise than when it was started",
  ),
  leaseFault: described(
    v.nullable(v.picklist(["dead", "recycled", "corrupt", "version"])),
    "Why what devsvc wrote down about it was not believed",
  ),
  reason: described(MaybeText, "What a look-up could not tell"),
  failure: v.optional(described(
    v.looseObject({ kind: Text }),
    "What failed for this service",
  )),
});

const ReportSchema = v.strictObject({
  version: v.literal(JSON_VERSION),
  command: v.picklist(["check", "status", "start", "stop", "restart"]),
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
      "The mistakes in services.toml",
    )),
  }),
});

const LogLineSchema = v.strictObject({
  version: v.literal(JSON_VERSION),
  service: Text,
  time: described(Moment, "When it was written, to a quarter of a second"),
  approximate: v.optional(described(
    v.literal(true),
    "Nobody watched: it was written at that time or some time before",
  )),
  line: described(Text, "What a terminal shows of it, without colours"),
});

/** What `--json` prints: a report, a line of a log, or an error. */
export const JsonSchema: v.GenericSchema = v.union([
  ReportSchema,
  LogLineSchema,
  ErrorSchema,
]);
