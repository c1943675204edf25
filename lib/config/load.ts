/**
 * Reads services.toml.
 *
 * All commands do, so the way of a file that is right takes no more than a TOML
 * parser and the rules; places, suggestions and words are loaded once something
 * is wrong.
 */

import { parse } from "smol-toml";
import { type Language, LANGUAGES, type Project } from "../core/model.ts";
import { dirname } from "../core/path.ts";
import { buildService } from "./_build.ts";
import { checkServices } from "./cross_checks.ts";
import { readText } from "./_read_text.ts";
import { OS, type Os } from "../platform/os.ts";
import { ConfigError } from "./errors/config_error.ts";
import type { ConfigIssue, UnplacedIssue } from "./errors/config_issue.ts";
import { FILE, type OsKey } from "./schema.ts";
import { isTable, type Table } from "./toml.ts";

/** The table of services.toml that counts on each system. */
export const OS_KEY: Readonly<Record<Os, OsKey>> = {
  windows: "windows",
  darwin: "macos",
  linux: "linux",
};

/**
 * Loads a project.
 *
 * The table of the OS (`windows`, `macos`, `linux`) is laid over each service
 * first, key by key; the tables inside of it are merged shallowly. Relative
 * paths start at the folder of the file.
 *
 * @param file services.toml, absolute.
 * @param os The system whose keys apply, by default the one that this runs on.
 * @returns The project, every default filled in, every path absolute.
 * @throws {ConfigError} With all issues at once.
 */
export async function loadProject(
  file: string,
  os: Os = OS,
): Promise<Project> {
  const text = await readConfig(file);
  const raw = await parseConfig(file, text);
  const key = OS_KEY[os];
  const root = dirname(file);
  const issues: UnplacedIssue[] = [];
  const isRight = FILE.check(raw, { path: [], issues });
  const crossIssues = await checkServices(raw, key, root);
  if (!isRight || crossIssues.length > 0) {
    const { explain } = await import("./errors/find_issues.ts");
    const language = LANGUAGES.find((name) => name === raw["language"]);
    const explained = explain(text, issues.concat(crossIssues));
    throw await errorOf(file, explained.issues, language, explained.count);
  }
  const { language, services } = raw;
  const names = await inFileOrder(Object.keys(services), text);
  return {
    root,
    file,
    ...(language === undefined ? {} : { language }),
    services: names.flatMap((name) => {
      const table = services[name];
      return table ? [buildService(name, table, key, root)] : [];
    }),
  };
}

async function readConfig(file: string): Promise<string> {
  const reading = readText(file);
  if (reading.ok) return reading.text;
  const { explainReading } = await import("./errors/find_issues.ts");
  throw await errorOf(file, [explainReading(file, reading)]);
}

async function parseConfig(file: string, text: string): Promise<Table> {
  try {
    const raw: unknown = parse(text);
    return isTable(raw) ? raw : {};
  } catch (error) {
    const { explainSyntax } = await import("./errors/find_issues.ts");
    throw await errorOf(file, [explainSyntax(text, error)]);
  }
}

/** The text of a file that a link brought here is not shown. */
async function errorOf(
  file: string,
  issues: readonly ConfigIssue[],
  language?: Language,
  count?: number,
): Promise<ConfigError> {
  const { hideText, isLinkOutside } = await import("./errors/hide_text.ts");
  const shown = isLinkOutside(file) ? issues.map(hideText) : issues;
  return new ConfigError(file, shown, language, count);
}

/** JavaScript moves keys such as `8000` to the front of an object. */
async function inFileOrder(
  names: readonly string[],
  text: string,
): Promise<readonly string[]> {
  if (!names.some((name) => /^\d+$/.test(name))) return names;
  const { positionsOf } = await import("./errors/_positions.ts");
  const positions = positionsOf(text);
  const order = (name: string): number =>
    positions.find(["services", name], "key")?.[0] ?? 0;
  return names.toSorted((a, b) => order(a) - order(b));
}
