/**
 * Writes `services.schema.json`, which editors read to complete and check
 * services.toml, and `report.schema.json`, which documents `--json`.
 *
 * Run it after a change of `lib/config/schema.ts` or
 * `scripts/json_schema.ts`; a test fails where it was forgotten.
 */

import { FILE } from "../lib/config/schema.ts";
import { JSON_SCHEMA } from "./json_schema.ts";

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
  return print({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "services.toml",
    description: "The services of a project, for devsvc.",
    ...FILE.describe(true),
  });
}

/** Makes the JSON Schema of what `--json` prints. */
export function buildReportSchema(): string {
  return print(JSON_SCHEMA);
}

function print(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}

if (import.meta.main) {
  await Deno.writeTextFile(SCHEMA_URL, buildSchema());
  await Deno.writeTextFile(REPORT_SCHEMA_URL, buildReportSchema());
}
