/**
 * Writes `docs/services.md` from the grammar of services.toml, so that the
 * documentation has the defaults that the code has.
 */

import type { Keys } from "../lib/config/rules.ts";
import { FILE_KEYS, OS_KEYS, SERVICE_KEYS } from "../lib/config/schema.ts";

/** The committed file. */
export const DOC_URL: URL = new URL("../docs/services.md", import.meta.url);

const INTRODUCTION = `# services.toml

devsvc reads the nearest \`services.toml\` in the folder it is called in or above it. All mistakes in it are reported at once, with their lines
and what was meant (the first 20 of many); nothing is started then. Editors complete and check it with \`services.schema.json\`.

A string as \`command\` runs in the shell of the OS, an array as it is. While a service runs, its environment has \`DEVSVC_SERVICE\`,
\`DEVSVC_RUN\` and \`DEVSVC_ROOT\` (the folder of services.toml), by which devsvc finds it again, and \`PYTHONUNBUFFERED=1\` unless it is set otherwise. It writes to \`.devsvc/logs/NAME.log\`.
`;

/** Makes the page. */
export function buildDoc(): string {
  return [
    INTRODUCTION,
    "## The file\n",
    table(FILE_KEYS),
    "## A service: `[services.NAME]`\n",
    table(SERVICE_KEYS),
    ...sectionsOf(SERVICE_KEYS),
  ].join("\n");
}

/** A section for each key that takes a table, and for those below it. */
function sectionsOf(keys: Keys, prefix = ""): readonly string[] {
  return Object.entries(keys).flatMap(([name, { rule }]) =>
    rule.keys && !OS_KEYS.some((os) => os === name)
      ? [
        `## \`${prefix}${name}\`\n`,
        table(rule.keys),
        ...sectionsOf(rule.keys, `${prefix}${name}.`),
      ]
      : []
  );
}

function table(keys: Keys): string {
  const rows = Object.entries(keys).map(([name, key]) => [
    `\`${name}\``,
    key.description,
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
