/**
 * Writes `services.schema.json`, which editors read to complete and check
 * services.toml.
 *
 * Run it after a change of `lib/config/schema.ts`; a test tells when it was
 * forgotten. It needs `--allow-write=services.schema.json`.
 *
 * @module
 */

import { toJsonSchema } from "@valibot/to-json-schema";
import { FileSchema } from "../lib/config/schema.ts";

/** The committed file. */
export const SCHEMA_URL: URL = new URL(
  "../services.schema.json",
  import.meta.url,
);

/**
 * Makes the JSON Schema of services.toml.
 *
 * What only code can check (that a duration is not 0, that a regular
 * expression is one) is left out.
 *
 * @returns The text of the file: draft-07, two spaces, a final line end.
 */
export function buildSchema(): string {
  const { $schema, ...schema } = toJsonSchema(FileSchema, {
    target: "draft-07",
    typeMode: "input",
    ignoreActions: ["check"],
  });
  const head = {
    $schema,
    title: "services.toml",
    description: "The services of a project, for devsvc.",
  };
  return JSON.stringify({ ...head, ...schema }, withoutEmpty, 2) + "\n";
}

/** Draft-04 readers refuse an empty list of required keys. */
function withoutEmpty(key: string, value: unknown): unknown {
  const isEmpty = Array.isArray(value) && value.length === 0;
  return key === "required" && isEmpty ? undefined : value;
}

if (import.meta.main) {
  await Deno.writeTextFile(SCHEMA_URL, buildSchema());
}
