/**
 * Writes `services.schema.json`, which editors read to complete and check
 * services.toml, and `report.schema.json`, which documents `--json`.
 *
 * Run it after a change of `lib/config/schema.ts` or
 * `scripts/json_schema.ts`; a test tells when it was forgotten.
 *
 * @module
 */

import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { FileSchema } from "../lib/config/schema.ts";
import { JsonSchema } from "./json_schema.ts";

/** The committed schema of services.toml. */
export const SCHEMA_URL: URL = new URL(
  "../services.schema.json",
  import.meta.url,
);

/** The committed schema of what `--json` prints. */
export const REPORT_SCHEMA_URL: URL = new URL(
  "../report.schema.json",
  import.meta.url,
);

/**
 * Makes the JSON Schema of services.toml.
 *
 * What only code can check (that a duration is not 0, that a regular
 * expression is one) is left out.
 */
export function buildSchema(): string {
  return build(FileSchema, {
    title: "services.toml",
    description: "The services of a project, for devsvc.",
  });
}

/** Makes the JSON Schema of what `--json` prints. */
export function buildReportSchema(): string {
  return build(JsonSchema, {
    title: "devsvc --json",
    description: "What devsvc reports to programs.",
  });
}

function build(
  schema: GenericSchema,
  head: { readonly title: string; readonly description: string },
): string {
  const { $schema, ...rest } = toJsonSchema(schema, {
    target: "draft-07",
    typeMode: "input",
    ignoreActions: ["check"],
  });
  return JSON.stringify({ $schema, ...head, ...rest }, withoutEmpty, 2) + "\n";
}

/** Draft-04 readers refuse an empty list of required keys. */
function withoutEmpty(key: string, value: unknown): unknown {
  const isEmpty = Array.isArray(value) && value.length === 0;
  return key === "required" && isEmpty ? undefined : value;
}

if (import.meta.main) {
  await Deno.writeTextFile(SCHEMA_URL, buildSchema());
  await Deno.writeTextFile(REPORT_SCHEMA_URL, buildReportSchema());
}
