/**
 * Writes `docs/services.md` from the schema of services.toml, so that the
 * documentation has the defaults that the code has.
 *
 * @module
 */

import { OS_KEYS } from "../lib/config/_toml.ts";
import { buildSchema } from "./generate_schema.ts";

/** The committed file. */
export const DOC_URL: URL = new URL("../docs/services.md", import.meta.url);

/** What this reads of a JSON Schema. */
interface Key {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Key>>;
  readonly additionalProperties?: Key | boolean;
  /** What the value may be, where it is a table or something plain. */
  readonly anyOf?: readonly Key[];
}

const INTRODUCTION = `# services.toml

devsvc reads the nearest \`services.toml\` in the folder it is called in or above it. Every mistake in it is told at once, with its line and
what was meant; nothing is started then. Editors complete and check it with \`services.schema.json\`.

A string as \`command\` runs in the shell of the OS, an array as it is. While a service runs, its environment has \`DEVSVC_SERVICE\` and
\`DEVSVC_RUN\`, and \`PYTHONUNBUFFERED=1\` unless it is set otherwise. It writes to \`.devsvc/logs/NAME.log\`.
`;

/** Makes the page. */
export function buildDoc(): string {
  const schema: Key = JSON.parse(buildSchema());
  const services = schema.properties?.["services"];
  const service = services?.additionalProperties;
  const keys = typeof service === "object" ? service.properties ?? {} : {};
  const parts = [INTRODUCTION, "## The file\n", table(schema.properties ?? {})];
  parts.push("## A service: `[services.NAME]`\n", table(keys));
  for (const [name, key] of Object.entries(keys)) {
    if (OS_KEYS.some((os) => os === name)) continue;
    parts.push(...tablesOf(name, key));
  }
  return parts.join("\n");
}

/** The section of a key that takes a table, and those of the keys in it. */
function tablesOf(name: string, key: Key): readonly string[] {
  const inner = [key, ...key.anyOf ?? []]
    .find(({ properties }) => properties)?.properties;
  if (!inner) return [];
  return [
    `## \`${name}\`\n`,
    table(inner),
    ...Object.entries(inner).flatMap(([below, one]) =>
      tablesOf(`${name}.${below}`, one)
    ),
  ];
}

function table(keys: Readonly<Record<string, Key>>): string {
  const rows = Object.entries(keys).map(([name, key]) => [
    `\`${name}\``,
    key.description ?? "",
    key.default === undefined ? "" : code(key.default),
    key.examples?.map(code).join(", ") ?? "",
  ]);
  const head = ["key", "what it says", "default", "example"];
  const all = [head, ...rows].map((cells) => cells.map(escape));
  const widths = head.map((_, column) =>
    Math.max(3, ...all.map((cells) => [...cells[column] ?? ""].length))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [top = [], ...rest] = all;
  const rule = widths.map((width) => "-".repeat(width));
  return [line(top), line(rule), ...rest.map(line)].join("\n") + "\n";
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function escape(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) await Deno.writeTextFile(DOC_URL, buildDoc());
