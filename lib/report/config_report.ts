/**
 * Shows what is wrong with services.toml: each issue with its line, and what
 * to do about it. Loaded only then.
 *
 * @module
 */

import stringWidth from "fast-string-width";
import type { ConfigError } from "../config/errors/config_error.ts";
import type {
  ConfigIssue,
  ConfigIssueCode,
} from "../config/errors/config_issue.ts";
import type { Language } from "../core/model.ts";
import { basename } from "../core/path.ts";
import type { ConfigMessages, Explanation } from "./config_messages/en.ts";

/** How the text is shown. */
export interface RenderOptions {
  /**
   * Whether the screen has colours.
   *
   * @default {false}
   */
  readonly color?: boolean;
}

/** A services.toml to begin with; it is valid in any folder. */
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

async function messagesOf(language: Language): Promise<ConfigMessages> {
  switch (language) {
    case "fr":
      return (await import("./config_messages/fr.ts")).fr;
    case "en":
      return (await import("./config_messages/en.ts")).en;
  }
}

/** A file can hold anything: no part of it may steer the terminal. */
function plain(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Bidi_Control}]/gu, "\ufffd");
}

function explain<C extends ConfigIssueCode>(
  messages: ConfigMessages,
  issue: ConfigIssue<C>,
): Explanation {
  return messages.issue[issue.code](issue);
}

interface Painter {
  readonly bold: (text: string) => string;
  readonly red: (text: string) => string;
  readonly dim: (text: string) => string;
}

function painter(color: boolean): Painter {
  const paint = (code: number) => (text: string): string =>
    color ? `\x1b[${code}m${text}\x1b[0m` : text;
  return { bold: paint(1), red: paint(31), dim: paint(2) };
}

/** The line of the file, and a mark under what is meant. */
function frame(issue: ConfigIssue, paint: Painter): readonly string[] {
  if (issue.line === 0) return [];
  const letters = Array.from(plain(issue.source));
  const start = issue.indent;
  // Tabs stay, so that both lines go to the same stops.
  const indent = letters.slice(0, start).join("").replace(
    /[^\t]+/g,
    (text) => " ".repeat(stringWidth(text)),
  );
  const meant = letters.slice(start, start + issue.width).join("");
  const marks = "^".repeat(Math.max(1, stringWidth(meant)));
  const number = String(issue.line).padStart(5);
  return [
    `${paint.dim(`${number} |`)} ${letters.join("")}`.trimEnd(),
    `${paint.dim("      |")} ${indent}${paint.red(marks)}`,
  ];
}

/**
 * Shows the issues of services.toml as a compiler would.
 *
 * @returns One block an issue, a line where more are not shown, and a line that says that nothing was started;
 * no line end at the end.
 */
export async function renderConfigError(
  error: ConfigError,
  language: Language,
  options: RenderOptions = {},
): Promise<string> {
  const messages = await messagesOf(language);
  const paint = painter(options.color ?? false);
  const file = plain(basename(error.file));
  const blocks = error.issues.map((issue) => {
    const { text, advice } = explain(messages, issue);
    const place = issue.line === 0
      ? file
      : `${file}:${issue.line}:${issue.column}`;
    return [
      `${paint.bold(place)}  ${plain(text)}`,
      ...frame(issue, paint),
      ...(advice === undefined ? [] : [`      = ${plain(advice)}`]),
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
 * Says that there is no services.toml, where it was looked for, and what one
 * looks like.
 *
 * @returns The text; no line end at the end.
 */
export async function renderNoConfig(
  searched: readonly string[],
  language: Language,
): Promise<string> {
  const { notFound, searched: lookedIn, example } =
    (await messagesOf(language)).noConfig;
  const indented = EXAMPLE_CONFIG.trimEnd().replace(/^(?=.)/gm, "    ");
  return [
    notFound,
    [lookedIn, ...searched.map((folder) => `  ${plain(folder)}`)].join("\n"),
    example,
    indented,
  ].join("\n\n");
}
