/**
 * What is wrong with services.toml: each issue with its line, and what to do
 * about it.
 */

import stringWidth from "fast-string-width";
import type { ConfigError } from "../config/errors/config_error.ts";
import type {
  ConfigIssue,
  ConfigIssueCode,
} from "../config/errors/config_issue.ts";
import type { Language } from "../core/model.ts";
import { basename, type WindowsHazard } from "../core/path.ts";
import { printable } from "../core/printable.ts";
import type { Explanation } from "./messages/en_details.ts";
import { type Details, loadDetails } from "./messages/load_messages.ts";
import { paint, type Style } from "./style.ts";

/** A services.toml to start from, valid in any folder. */
export const EXAMPLE_CONFIG: string = `[services.api]
label = "API"
command = "uvicorn app.main:app --port 8000"
port = 8000
ready = { http = "/health" }

[services.web]
label = "Web"
command = "npm run dev"
port = 5173
depends_on = ["api"]
`;

function explain<C extends ConfigIssueCode>(
  messages: Details["config"],
  issue: ConfigIssue<C>,
): Explanation {
  return messages.issue[issue.code](issue);
}

/** The line of the file, with carets under the issue. */
function frame(issue: ConfigIssue, style: Style): readonly string[] {
  // The text of a file behind a link is not shown.
  if (issue.line === 0 || issue.width === 0) return [];
  // Both lines keep the tabs, so that they reach the same tab stops.
  const source = issue.source.split("\t").map(printable).join("\t");
  const letters = Array.from(source);
  const start = issue.indent;
  const indent = letters.slice(0, start).join("").replace(
    /[^\t]+/g,
    (text) => " ".repeat(stringWidth(text)),
  );
  const underlined = letters.slice(start, start + issue.width).join("");
  const carets = "^".repeat(Math.max(1, stringWidth(underlined)));
  const number = String(issue.line).padStart(5);
  return [
    `${paint(`${number} |`, "dim", style)} ${letters.join("")}`.trimEnd(),
    `${paint("      |", "dim", style)} ${indent}${paint(carets, "red", style)}`,
  ];
}

/**
 * Writes the issues of services.toml as a compiler would.
 *
 * @returns One block an issue, a line where more are not shown, and the number of
 * issues; no final newline.
 */
export async function renderConfigError(
  error: ConfigError,
  language: Language,
  style: Style,
): Promise<string> {
  const { config: messages } = await loadDetails(language);
  const file = printable(basename(error.file));
  const blocks = error.issues.map((issue) => {
    const { text, advice } = explain(messages, issue);
    return [
      `${paint(placeOf(issue, file), "bold", style)}  ${printable(text)}`,
      ...frame(issue, style),
      ...(advice === undefined ? [] : [`      = ${printable(advice)}`]),
    ].join("\n");
  });
  const hidden = error.issueCount - error.issues.length;
  return [
    ...blocks,
    ...(hidden > 0 ? [messages.more(hidden)] : []),
    messages.nothingStarted(file, error.issueCount),
  ].join("\n\n");
}

/**
 * Says in one line that services.toml has mistakes, for a command that works all
 * the same.
 */
export async function renderConfigWarning(
  error: ConfigError,
  language: Language,
  style: Style,
): Promise<string> {
  const { config: messages } = await loadDetails(language);
  const [issue] = error.issues;
  const file = printable(basename(error.file));
  if (!issue) return file;
  const { text } = explain(messages, issue);
  return `${paint(placeOf(issue, file), "bold", style)}  ${printable(text)} (${
    messages.worksAllTheSame(error.issueCount)
  })`;
}

function placeOf({ line, column }: ConfigIssue, file: string): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/**
 * Says that the services.toml above belongs to somebody else.
 *
 * @param owner The name of the user, or the id.
 */
export async function renderForeignConfig(
  file: string,
  owner: string,
  language: Language,
): Promise<string> {
  const { config } = await loadDetails(language);
  return config.noConfig.foreign(printable(file), printable(owner));
}

/** Says that `--config` names what Windows must not look at. */
export async function renderHazard(
  path: string,
  hazard: WindowsHazard,
  language: Language,
): Promise<string> {
  const { config } = await loadDetails(language);
  return config.noConfig.hazard(printable(path), hazard);
}

/**
 * Says that there is no services.toml, which folders were searched, and shows an
 * example.
 *
 * @returns The text, without a final newline.
 */
export async function renderNoConfig(
  searched: readonly string[],
  language: Language,
): Promise<string> {
  const { config } = await loadDetails(language);
  const { notFound, searched: lookedIn, example } = config.noConfig;
  const indented = EXAMPLE_CONFIG.trimEnd().replace(/^(?=.)/gm, "    ");
  return [
    notFound,
    [lookedIn, ...searched.map((folder) => `  ${printable(folder)}`)].join(
      "\n",
    ),
    example,
    indented,
  ].join("\n\n");
}
