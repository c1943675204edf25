/** Writes services.toml, with comments that say where everything comes from. */

import type { Language } from "../core/model.ts";
import { escapeHidden, hiddenCharacter, printable } from "../core/printable.ts";
import type { ComposeService, Evidence } from "./detect/candidate.ts";
import type { PlannedFile, PlannedService } from "./plan_file.ts";

/** The words of the comments, in one language. */
interface FileComments {
  /** The comment at the beginning of the file, by lines. */
  readonly head: readonly string[];
  /** The evidence of a service: its place, and the line there. */
  readonly understoodFrom: (place: string, text: string) => string;
  /** The port is the default of the program. */
  readonly usualPort: string;
  /** Another service has the port that it would have by default. */
  readonly movedPort: (from: number) => string;
  /** Another service has the port in its code. */
  readonly sharedPort: (port: number, place: string) => string;
  /** No port was found. */
  readonly noPort: string;
  /** There is an env file in its folder. */
  readonly envFile: (file: string) => string;
  /** What devsvc does not run. */
  readonly compose: (
    file: string,
    names: readonly string[],
    ports: readonly number[],
  ) => string;
}

/** A longer quote would not fit into a line of an editor. */
const MAX_QUOTE = 100;

/** Writes services.toml. */
export function renderFile(
  file: PlannedFile,
  comments: FileComments,
  language?: Language,
): string {
  const blocks = [
    [
      "#:schema ./services.schema.json",
      ...comments.head.map((line) => `# ${line}`),
      ...(language === undefined ? [] : [`language = ${string(language)}`]),
    ],
    ...file.services.map((service) => renderService(service, comments)),
    ...file.composeServices.map((composeService) =>
      renderComposeService(composeService, comments)
    ),
  ];
  return blocks.map((lines) => `${lines.join("\n")}\n`).join("\n");
}

function renderService(
  service: PlannedService,
  comments: FileComments,
): readonly string[] {
  const { name, label, cwd, port, sharedPort, ready, command } = service;
  const { posix, windows } = command;
  return [
    `[services.${name}]`,
    ...service.evidence.map((evidence) =>
      `# ${comments.understoodFrom(placeOf(evidence), quoteOf(evidence))}`
    ),
    `label = ${string(printable(label))}`,
    `command = ${string(posix)}`,
    ...(windows === posix ? [] : [`windows.command = ${string(windows)}`]),
    ...(cwd === "" ? [] : [`cwd = ${string(cwd)}`]),
    ...(port
      ? [`port = ${port.value} # ${portComment(service, comments)}`]
      : []),
    ...(sharedPort
      ? [`# ${comments.sharedPort(sharedPort.value, placeOf(sharedPort.from))}`]
      : []),
    ...(port || sharedPort ? [] : [`# ${comments.noPort}`]),
    ...(ready
      ? [`ready = { http = ${string(ready.value)} } # ${placeOf(ready.from)}`]
      : []),
    ...renderDependencies(service),
    ...renderEnv(service, comments),
  ];
}

function portComment(
  { port }: PlannedService,
  comments: FileComments,
): string {
  if (port?.movedFrom !== undefined) return comments.movedPort(port.movedFrom);
  return port?.from ? placeOf(port.from) : comments.usualPort;
}

function renderDependencies(
  { dependsOn }: PlannedService,
): readonly string[] {
  if (dependsOn.length === 0) return [];
  const names = dependsOn.map(({ value }) => string(value)).join(", ");
  const places = dependsOn.map(({ from }) => placeOf(from)).join(", ");
  return [`depends_on = [${names}] # ${places}`];
}

function renderEnv(
  { env, envFile, envFileBeside }: PlannedService,
  comments: FileComments,
): readonly string[] {
  const pairs = Object.entries(env)
    .map(([name, value]) => `${key(name)} = ${string(value)}`);
  return [
    ...(pairs.length === 0 ? [] : [`env = { ${pairs.join(", ")} }`]),
    ...(envFile === undefined ? [] : [`env_file = ${string(envFile)}`]),
    ...(envFileBeside === undefined ? [] : [
      `# env_file = ${string(envFileBeside)} # ${
        comments.envFile(comment(envFileBeside))
      }`,
    ]),
  ];
}

function renderComposeService(
  { from, names, ports }: ComposeService,
  comments: FileComments,
): readonly string[] {
  return [`# ${comments.compose(placeOf(from), names.map(comment), ports)}`];
}

/** Writes the place of evidence, `file:line` or the file alone, for a comment. */
export function placeOf(evidence: Evidence | undefined): string {
  if (evidence === undefined) return "";
  const place = evidence.line === undefined
    ? evidence.file
    : `${evidence.file}:${evidence.line}`;
  return comment(place);
}

/** Writes the line of evidence for a comment; empty where the file is the evidence. */
export function quoteOf({ text = "" }: Evidence): string {
  const letters = Array.from(comment(text.replaceAll("\t", " ")));
  return letters.length > MAX_QUOTE
    ? `${letters.slice(0, MAX_QUOTE - 1).join("")}…`
    : letters.join("");
}

/** TOML allows no control character in a comment. */
function comment(text: string): string {
  return printable(text).toWellFormed();
}

function key(name: string): string {
  return /^[\w-]+$/.test(name) ? name : string(name);
}

/** Between single quotes, a path of Windows needs no escapes. */
function string(value: string): string {
  const text = value.toWellFormed();
  const isLiteral = text.includes("\\") && !text.includes("'") &&
    hiddenCharacter(text) === undefined;
  if (isLiteral) return `'${text}'`;
  // JSON escapes as TOML does, except DEL (https://toml.io/en/v1.0.0#string);
  // what a reader could not see is escaped, too.
  return escapeHidden(JSON.stringify(text));
}
