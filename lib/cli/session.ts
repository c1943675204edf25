/**
 * What every command does first: find services.toml, read it, choose the
 * language and the services; and last: turn errors into words and exit codes.
 *
 * @module
 */

import { ConfigError } from "../config/errors/config_error.ts";
import { locateConfig } from "../config/locate.ts";
import { withDependencies } from "../core/graph.ts";
import type { Diagnosis, Project, Service, World } from "../core/model.ts";
import { dirname, resolve } from "../core/path.ts";
import { diagnose } from "../core/diagnose.ts";
import { needsSupervisor } from "../core/ownership.ts";
import { currentPlatform } from "../platform/current.ts";
import { type Host, systemHost } from "../platform/host.ts";
import type { Platform } from "../platform/platform.ts";
import { loadMessages } from "../report/messages/mod.ts";
import type { View } from "../report/view.ts";
import {
  type EarlyQueries,
  observe,
  type ObserveOptions,
} from "../runtime/observe.ts";
import {
  recordNames,
  type StateDir,
  StateDirError,
  stateDirOf,
} from "../runtime/state/state_dir.ts";
import type { CliContext, CommonFlags } from "./cli_context.ts";
import { EXIT } from "./exit_codes.ts";

/** A command under way in a project. */
export interface Session {
  /** What the command was given. */
  readonly context: CliContext;
  /** The project. */
  readonly project: Project;
  /** The services named by the user, or all, in the order of the file. */
  readonly services: readonly Service[];
  /** The places of the project on the disk. */
  readonly dir: StateDir;
  /** The machine. */
  readonly host: Host;
  /** The texts and the screen. */
  readonly view: View;
  /** The result is printed as JSON, and nothing else. */
  readonly json: boolean;
  /** Looks begun while services.toml was read: for the first look only. */
  readonly early?: EarlyQueries;
}

/** An error whose text is for the user. */
class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Runs a command in the project that it is called for.
 *
 * @param work The command; returns the exit code.
 */
export async function runInProject(
  context: CliContext,
  flags: CommonFlags,
  names: readonly string[],
  work: (session: Session) => Promise<number>,
): Promise<void> {
  await runWith(context, flags, names, { work, readOnly: false });
}

/**
 * Runs a command that only looks: where services run, the tools of the OS are
 * at work already while services.toml is read.
 *
 * @param work The command; returns the exit code.
 */
export async function queryProject(
  context: CliContext,
  flags: CommonFlags,
  names: readonly string[],
  work: (session: Session) => Promise<number>,
): Promise<void> {
  await runWith(context, flags, names, { work, readOnly: true });
}

async function runWith(
  context: CliContext,
  flags: CommonFlags,
  names: readonly string[],
  { work, readOnly }: {
    readonly work: (session: Session) => Promise<number>;
    readonly readOnly: boolean;
  },
): Promise<void> {
  let view: View = {
    messages: context.messages,
    language: context.textLanguage,
    style: context.terminal.style,
  };
  try {
    // Loaded while the file is looked for, and while the tools run.
    const loading = import("../config/load.ts");
    const [file, platform] = await Promise.all([
      findConfig(context, flags),
      currentPlatform(),
    ]);
    // What only looks does so from anywhere; the rest writes in the project.
    const code = readOnly ? undefined : await relocateTo(file, context);
    if (code !== undefined) {
      context.process.exitCode = code;
      return;
    }
    const dir = stateDirOf(dirname(file));
    const early = readOnly && recordNames(dir)?.size !== 0
      ? queryEarly(platform)
      : undefined;
    const project = await (await loading).loadProject(file);
    view = await viewOf(project, context, view);
    context.process.exitCode = await work({
      context,
      project,
      services: chooseServices(project, names, view, await suggestFor(names)),
      dir,
      host: systemHost(platform),
      view,
      json: flags.json,
      ...(early ? { early } : {}),
    });
  } catch (error) {
    context.process.exitCode = await tellError(error, context, flags, view);
  }
}

async function relocateTo(
  file: string,
  context: CliContext,
): Promise<number | undefined> {
  const { relocate } = await import("./relocate.ts");
  return await relocate(file, context);
}

function queryEarly(platform: Platform): EarlyQueries {
  return {
    listeners: platform.listeners(),
    processes: platform.processTable(),
  };
}

async function findConfig(
  context: CliContext,
  flags: CommonFlags,
): Promise<string> {
  if (flags.config !== undefined) {
    return resolve(context.cwd, flags.config);
  }
  const found = locateConfig(context.cwd);
  if ("file" in found) return found.file;
  const { renderNoConfig } = await import("../report/config_report.ts");
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

type Suggest = (
  name: string,
  known: readonly string[],
) => string | undefined;

async function suggestFor(names: readonly string[]): Promise<Suggest> {
  if (names.length === 0) return () => undefined;
  return (await import("../core/did_you_mean.ts")).suggest;
}

function chooseServices(
  project: Project,
  names: readonly string[],
  view: View,
  suggest: Suggest,
): readonly Service[] {
  const known = project.services.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new UsageError(
      view.messages.errors.unknownService(name, known, suggest(name, known)),
    );
  }
  return names.length === 0
    ? project.services
    : project.services.filter(({ name }) => names.includes(name));
}

async function tellError(
  error: unknown,
  context: CliContext,
  flags: CommonFlags,
  view: View,
): Promise<number> {
  const { errors } = view.messages;
  const { kind, code, text } = await explainError(error, context, view);
  if (flags.json) {
    const { errorJson } = await import("../report/json.ts");
    context.terminal.write(errorJson(kind, text, error));
  }
  // A mistake in the file begins with its place, so that editors can jump there.
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
    const { renderConfigError } = await import("../report/config_report.ts");
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

/** One look at the project. */
export interface Look {
  /** What was seen. */
  readonly world: World;
  /** What it means, one a service. */
  readonly diagnoses: readonly Diagnosis[];
}

/**
 * Observes and diagnoses some services; tells of run records that lie, and writes
 * crashes to the journal, each once.
 */
export async function look(
  session: Session,
  services: readonly Service[],
  options: Omit<ObserveOptions, "early"> = {},
): Promise<Look> {
  const { project, host, early } = session;
  const world = await observe(project, services, host, {
    early,
    ...options,
  });
  const diagnoses = diagnose(services, world);
  for (const diagnosis of diagnoses) {
    if (diagnosis.recordIssue) await reportRecordIssue(session, diagnosis);
  }
  const isNeeded = diagnoses.some((one) => needsSupervisor(one, world.now)) ||
    await hasPendingRestarts(session.dir);
  if (isNeeded) await ensureProjectSupervisor(session);
  return { world, diagnoses };
}

async function hasPendingRestarts(dir: StateDir): Promise<boolean> {
  // Mostly there is no note at all, and nothing to be loaded to read it.
  if (!isThere(dir.statusFile)) return false;
  const { hasPendingRestarts } = await import(
    "../runtime/state/status_file.ts"
  );
  return hasPendingRestarts(dir);
}

function isThere(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Sees to it that the project has a supervisor. */
export async function ensureProjectSupervisor(
  { project: { file, root }, dir, host }: Session,
): Promise<void> {
  const { ensureSupervisor } = await import(
    "../runtime/supervisor/singleton_lock.ts"
  );
  await ensureSupervisor({ dir, file, root, host });
}

async function reportRecordIssue(
  { context, dir, host, view }: Session,
  { service, recordIssue, lost, ending }: Diagnosis,
): Promise<void> {
  const { hasCrashed, recordFile, markReported } = await import(
    "../runtime/state/run_record.ts"
  );
  if (recordIssue === "corrupt" || recordIssue === "version") {
    const file = recordFile(dir, service.name);
    const text = view.messages.errors
      .recordIssue(service.label, recordIssue, file);
    context.terminal.writeError(`${text}\n`);
  }
  if (lost && hasCrashed(dir, lost) && markReported(dir, lost)) {
    const { openJournal } = await import("../runtime/state/journal.ts");
    const { name } = service;
    const pid = lost.main ?? lost.pid;
    openJournal(dir, host.clock)({
      kind: "crashed",
      service: name,
      pid,
      ...(ending ? { exit: ending } : {}),
    });
  }
}

/**
 * Adds to the chosen services all that they depend on.
 *
 * @returns The services in the order of the file.
 */
export function servicesWithDependencies(
  session: Session,
): readonly Service[] {
  const names = session.services.map(({ name }) => name);
  return withDependencies(names, session.project.services);
}

/**
 * Writes lines to the screen.
 *
 * @param lines The lines, without their newlines.
 */
export function print(session: Session, lines: readonly string[]): void {
  if (lines.length > 0) session.context.terminal.write(lines.join("\n") + "\n");
}
