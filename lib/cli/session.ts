/**
 * What every command does first: find services.toml, read it, choose the
 * language and the services; and last: report the result, or the error.
 */

import { ConfigError } from "../config/errors/config_error.ts";
import { locateConfig } from "../config/locate.ts";
import type { Diagnosis, Project, Service } from "../core/model.ts";
import { basename, dirname, resolve } from "../core/path.ts";
import { currentPlatform } from "../platform/current.ts";
import { type Host, systemHost } from "../platform/host.ts";
import type { Report } from "../report/json.ts";
import { loadMessages } from "../report/messages/load_messages.ts";
import type { View } from "../report/view.ts";
import type { EarlyQueries } from "../runtime/observe.ts";
import {
  legacyFolders,
  STATE_FOLDER,
  type StateDir,
  StateDirError,
  stateDirOf,
} from "../runtime/state/state_dir.ts";
import type { CliContext } from "./cli_context.ts";
import type { CommonFlags } from "./command.ts";
import { type BegunQueries, queryProjectIn } from "./early_queries.ts";
import { EXIT } from "./exit_codes.ts";

/** What a call that meets no error mostly does without. */
const load = {
  /** Loaded while services.toml is searched for. */
  config: () => import("../config/load.ts"),
  /** For the commands that write. */
  relocate: () => import("./relocate.ts"),
  /** Where a service is named that is not in services.toml. */
  removed: () => import("./removed.ts"),
  /** Where services are named. */
  suggestions: () => import("../core/did_you_mean.ts"),
  /** Where services.toml is wrong or missing. */
  configReport: () => import("../report/config_report.ts"),
  /** With `--json`. */
  json: () => import("../report/json.ts"),
};

/** A command under way in a project. */
export interface Session {
  /** What the command was given. */
  readonly context: CliContext;
  /** The project. */
  readonly project: Project;
  /** The services named by the user, or all, in the order of the file. */
  readonly services: readonly Service[];
  /** No service was named: all are meant, also what the file names no more. */
  readonly areAll: boolean;
  /** The state folder of the project. */
  readonly dir: StateDir;
  /** The machine. */
  readonly host: Host;
  /** The texts and the screen. */
  readonly view: View;
  /** The result is printed as JSON, and nothing else. */
  readonly json: boolean;
  /** Queries begun while services.toml was read: for the first snapshot. */
  readonly early?: EarlyQueries;
}

/** The flags that a session is opened with. */
type SessionFlags = Partial<CommonFlags>;

/** Does the work of a command in a project; returns the exit code. */
type Work<Flags> = (session: Session, flags: Flags) => Promise<number>;

/** A wrong call; the message is in the language of the user. */
class UsageError extends Error {
  override name = "UsageError";
}

/** Runs a command for the services named; returns the exit code. */
type Action<Flags> = (
  context: CliContext,
  flags: Flags,
  names: readonly string[],
) => Promise<number>;

/**
 * Makes the action of a command that may change something in a project.
 *
 * @param options.takesRemoved Services may be named that run, but are not in
 * services.toml any more.
 */
export function inProject<Flags extends SessionFlags>(
  work: Work<Flags>,
  { takesRemoved = false }: { readonly takesRemoved?: boolean } = {},
): Action<Flags> {
  return (context, flags, names) =>
    runIn(context, flags, names, { work, readOnly: false, takesRemoved });
}

/**
 * Makes the action of a command that changes nothing: where services run, the OS
 * is queried already while services.toml is read.
 */
export function queryInProject<Flags extends SessionFlags>(
  work: Work<Flags>,
): Action<Flags> {
  return (context, flags, names) =>
    runIn(context, flags, names, { work, readOnly: true });
}

async function runIn<Flags extends SessionFlags>(
  context: CliContext,
  flags: Flags,
  names: readonly string[],
  { work, readOnly, takesRemoved = false }: {
    readonly work: Work<Flags>;
    readonly readOnly: boolean;
    readonly takesRemoved?: boolean;
  },
): Promise<number> {
  let view: View = {
    messages: context.messages,
    language: context.textLanguage,
    style: context.terminal.style,
  };
  try {
    const loading = load.config();
    const file = await findConfig(context, flags);
    const { platform, early } = context.begun ?? await begin(file, readOnly);
    if (!readOnly) {
      // Only in the folder of the project may devsvc write there.
      const { relocate } = await load.relocate();
      const code = await relocate(file, context);
      if (code !== undefined) return code;
    }
    const dir = stateDirOf(dirname(file));
    const project = await (await loading).loadProject(file);
    view = await viewOf(project, context, view);
    const host = systemHost(platform);
    const removed = takesRemoved && areUnknown(project, names)
      ? await (await load.removed()).findRemoved(project, host)
      : [];
    const services = await chooseServices(project, names, removed, view);
    reportLegacyState(dir, context, view);
    return await work({
      context,
      project,
      services,
      areAll: names.length === 0,
      dir,
      host,
      view,
      json: flags.json ?? false,
      ...(early ? { early } : {}),
    }, flags);
  } catch (error) {
    return await reportError(error, context, flags, view);
  }
}

/** Where services.toml was named, or the command may change something. */
async function begin(file: string, readOnly: boolean): Promise<BegunQueries> {
  const platform = await currentPlatform();
  return readOnly ? queryProjectIn(dirname(file), platform) : { platform };
}

async function findConfig(
  context: CliContext,
  flags: SessionFlags,
): Promise<string> {
  if (flags.config !== undefined) {
    return resolve(context.cwd, flags.config);
  }
  const found = locateConfig(context.cwd);
  if ("file" in found) return found.file;
  const { renderNoConfig } = await load.configReport();
  throw new UsageError(
    await renderNoConfig(found.searched, context.textLanguage),
  );
}

/** The flag decides on the language, then the file, then the OS. */
async function viewOf(
  project: Project,
  context: CliContext,
  view: View,
): Promise<View> {
  const language = context.language ?? project.language ?? view.language;
  if (language === view.language) return view;
  return { ...view, language, messages: await loadMessages(language) };
}

function areUnknown({ services }: Project, names: readonly string[]): boolean {
  return names.some((name) => services.every((one) => one.name !== name));
}

async function chooseServices(
  project: Project,
  names: readonly string[],
  removed: readonly Service[],
  { messages }: View,
): Promise<readonly Service[]> {
  if (names.length === 0) return project.services;
  const services = [...project.services, ...removed];
  const known = services.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const { suggest } = await load.suggestions();
    throw new UsageError(
      messages.errors.unknownService(unknown, known, suggest(unknown, known)),
    );
  }
  return services.filter(({ name }) => names.includes(name));
}

/** Nothing of another version is migrated: the user may remove it. */
function reportLegacyState(
  dir: StateDir,
  { terminal }: CliContext,
  { messages }: View,
): void {
  for (const folder of legacyFolders(dir)) {
    const name = `${STATE_FOLDER}/${basename(folder)}`;
    terminal.writeError(`${messages.errors.legacyState(name)}\n`);
  }
}

/** The result of a command. */
export interface Result extends Omit<Report, "diagnoses"> {
  /** The services at the end, or how to read them where JSON alone needs them. */
  readonly diagnoses:
    | readonly Diagnosis[]
    | (() => Promise<Pick<Report, "diagnoses" | "removed">>);
  /** The lines for people, without their newlines. */
  readonly text: () => readonly string[] | Promise<readonly string[]>;
}

/**
 * Writes the result of a command: JSON for programs, else lines of text.
 *
 * @returns Its exit code.
 */
export async function reportResult(
  session: Session,
  { text, diagnoses, ...report }: Result,
): Promise<number> {
  if (session.json) {
    const { reportJson } = await load.json();
    const read = typeof diagnoses === "function"
      ? await diagnoses()
      : { diagnoses };
    session.context.terminal.write(reportJson({ ...report, ...read }));
  } else print(session, await text());
  return report.code;
}

/**
 * Writes lines to the screen.
 *
 * @param lines The lines, without their newlines.
 */
export function print(session: Session, lines: readonly string[]): void {
  if (lines.length > 0) session.context.terminal.write(lines.join("\n") + "\n");
}

async function reportError(
  error: unknown,
  context: CliContext,
  flags: SessionFlags,
  view: View,
): Promise<number> {
  const { errors } = view.messages;
  const { kind, code, text } = await explainError(error, context, view);
  if (flags.json) {
    const { errorJson } = await load.json();
    context.terminal.write(errorJson(kind, text, error));
  }
  // An issue in the file begins with its place: editors can jump there.
  const prefix = kind === "config" ? "" : `${errors.prefix} `;
  context.terminal.writeError(`${prefix}${text}\n`);
  return code;
}

async function explainError(
  error: unknown,
  context: CliContext,
  view: View,
): Promise<{ kind: "usage" | "config" | "state"; code: number; text: string }> {
  if (error instanceof UsageError) {
    return { kind: "usage", code: EXIT.usage, text: error.message };
  }
  if (error instanceof ConfigError) {
    const { renderConfigError } = await load.configReport();
    const language = context.language ?? error.language ?? view.language;
    const text = await renderConfigError(error, language, view.style);
    return { kind: "config", code: EXIT.usage, text };
  }
  if (error instanceof StateDirError) {
    const reason = error.cause instanceof Error
      ? error.cause.message
      : String(error.cause);
    const text = view.messages.errors.stateDir(error.path, reason);
    return { kind: "state", code: EXIT.failed, text };
  }
  throw error;
}
