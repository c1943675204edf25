/**
 * What every command does first: find services.toml, read it, choose the
 * language and the services; and last: report the result, or the error.
 */

import { ConfigError } from "../config/errors/config_error.ts";
import { locateConfig } from "../config/locate.ts";
import type { Diagnosis, Project, Service } from "../core/model.ts";
import {
  basename,
  dirname,
  join,
  resolve,
  windowsHazard,
} from "../core/path.ts";
import { printable } from "../core/printable.ts";
import { currentPlatform } from "../platform/current.ts";
import {
  type Host,
  type QueryHost,
  queryHost,
  systemHost,
} from "../platform/host.ts";
import { OS } from "../platform/os.ts";
import type { LivingRun } from "../core/living_run.ts";
import type { Platform } from "../platform/platform.ts";
import type { Report } from "../report/json.ts";
import { loadMessages } from "../report/messages/load_messages.ts";
import type { View } from "../report/view.ts";
import type { EarlyQueries } from "../runtime/observe.ts";
import { UntrustedPathError } from "../runtime/state/guarded_files.ts";
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
  /** Where there is no services.toml in the folder itself. */
  lostConfig: () => import("./lost_config.ts"),
  /** Where services.toml is wrong or gone. */
  known: () => import("./known_services.ts"),
  /** Where a service is named that is not in services.toml. */
  removed: () => import("./removed.ts"),
  /** Where services are named. */
  suggestions: () => import("../core/did_you_mean.ts"),
  /** Where services.toml is wrong or missing. */
  configReport: () => import("../report/config_report.ts"),
  /** Where the services.toml above is somebody else's. */
  users: () => import("../platform/own_uid.ts"),
  /** With `--json`. */
  json: () => import("../report/json.ts"),
  /** Where a service runs that needs a supervisor. */
  supervisor: () => import("../runtime/supervisor/singleton_lock.ts"),
};

/** A command under way in a project, which by itself may only look. */
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
  readonly host: QueryHost;
  /** Brings the supervisor of a run back, where there is none. */
  readonly superviseRun: (run: LivingRun) => Promise<void>;
  /** The texts and the screen. */
  readonly view: View;
  /** The result is printed as JSON, and nothing else. */
  readonly json: boolean;
  /** Queries begun while services.toml was read: for the first snapshot. */
  readonly early?: EarlyQueries;
  /** services.toml is wrong or gone: no more is known than what can be found. */
  readonly hasMistakes: boolean;
}

/** A command that starts or stops services. */
export interface ActingSession extends Session {
  /** The machine. */
  readonly host: Host;
  /** Starts the supervisor of the project, where there is none. */
  readonly ensureSupervisor: () => Promise<void>;
}

/** The flags that a session is opened with. */
type SessionFlags = Partial<CommonFlags>;

/** Does the work of a command in a project; returns the exit code. */
type Work<S, Flags> = (session: S, flags: Flags) => Promise<number>;

/** A wrong call; the message is in the language of the user. */
class UsageError extends Error {
  override name = "UsageError";

  /** @param lost The services.toml that is gone where services may still run. */
  constructor(message: string, readonly lost?: string) {
    super(message);
  }
}

/** Runs a command for the services named; returns the exit code. */
type Action<Flags> = (
  context: CliContext,
  flags: Flags,
  names: readonly string[],
) => Promise<number>;

/** Makes the action of a command that may change something in a project. */
export function inProject<Flags extends SessionFlags>(
  work: Work<ActingSession, Flags>,
  options: Pick<Run, "takesRemoved" | "toleratesMistakes"> = {},
): Action<Flags> {
  return actIn(work, options);
}

function actIn<Flags extends SessionFlags>(
  work: Work<ActingSession, Flags>,
  options: Pick<Run, "tellsState" | "takesRemoved" | "toleratesMistakes">,
): Action<Flags> {
  return (context, flags, names) =>
    runIn(context, flags, names, {
      ...options,
      begin: async (file) => {
        const platform = context.host?.platform ?? await currentPlatform();
        // Only in the folder of the project may devsvc write there.
        const { relocate } = await load.relocate();
        const code = await relocate(file, context);
        return code ?? { platform };
      },
      work: (session, platform) =>
        work({
          ...session,
          host: context.host ?? systemHost(platform),
          ensureSupervisor: () => ensureSupervisor(session, platform),
        }, flags),
    });
}

/**
 * Makes the action of a command that starts services: it makes a state folder
 * that does not count anew, and says so itself.
 */
export function startInProject<Flags extends SessionFlags>(
  work: Work<ActingSession, Flags>,
): Action<Flags> {
  return actIn(work, { tellsState: false });
}

/**
 * Makes the action of a command that changes nothing.
 *
 * @param readsLogs Leaves the OS alone. Other commands query it, where services
 * run, already while services.toml is read.
 */
export function queryInProject<Flags extends SessionFlags>(
  work: Work<Session, Flags>,
  { readsLogs = false, ...options }:
    & { readonly readsLogs?: boolean }
    & Pick<Run, "takesRemoved" | "toleratesMistakes"> = {},
): Action<Flags> {
  return (context, flags, names) =>
    runIn(context, flags, names, {
      ...options,
      readsLogs,
      begin: async (file) => {
        if (context.begun) return await context.begun;
        const platform = context.host?.platform ?? await currentPlatform();
        return readsLogs ? { platform } : queryProjectIn(
          dirname(file),
          platform,
        );
      },
      work: (session) => work(session, flags),
    });
}

async function ensureSupervisor(
  { project: { file, root }, dir, hasMistakes }: Session,
  platform: Platform,
): Promise<void> {
  // It could not read the file either.
  if (hasMistakes) return;
  const { ensureSupervisor } = await load.supervisor();
  await ensureSupervisor({ dir, file, root, host: { platform } });
}

/** How a command runs in a project. */
interface Run {
  /** Makes ready for the work; an exit code where it was done otherwise. */
  readonly begin: (file: string) => Promise<BegunQueries | number>;
  /** Does the work; returns the exit code. */
  readonly work: (session: Session, platform: Platform) => Promise<number>;
  /** Says at once what of the state folder is ignored; true by default. */
  readonly tellsState?: boolean;
  /** Services may be named that run, but are not in services.toml any more. */
  readonly takesRemoved?: boolean;
  /** services.toml may be wrong or gone: it is said, and what is known counts. */
  readonly toleratesMistakes?: boolean;
  /** A log alone makes a service known. */
  readonly readsLogs?: boolean;
}

async function runIn<Flags extends SessionFlags>(
  context: CliContext,
  flags: Flags,
  names: readonly string[],
  run: Run,
): Promise<number> {
  const { begin, work, tellsState = true, takesRemoved = false } = run;
  let view: View = {
    messages: context.messages,
    language: context.textLanguage,
    style: context.terminal.style,
  };
  try {
    const loading = load.config();
    const file = await findConfig(context, flags, run);
    const begun = await begin(file);
    if (typeof begun === "number") return begun;
    const { platform, early } = begun;
    const dir = stateDirOf(dirname(file), context.host?.fs);
    const host = context.host ?? queryHost(platform);
    const { project, mistakes } = await readProject(file, await loading, {
      run,
      dir,
      host,
    });
    view = await viewOf(project, context, view);
    if (mistakes) await warnOf(mistakes, context, view);
    const removed = takesRemoved && areUnknown(project, names)
      ? await (await load.removed()).findRemoved(project, host)
      : [];
    const services = await chooseServices(project, names, removed, view);
    const session: Session = {
      context,
      project,
      services,
      areAll: names.length === 0,
      dir,
      host,
      superviseRun: () => ensureSupervisor(session, platform),
      view,
      json: flags.json ?? false,
      hasMistakes: mistakes !== undefined,
      ...(early ? { early } : {}),
    };
    if (tellsState) reportIgnoredState(session);
    return await work(session, platform);
  } catch (error) {
    return await reportError(error, context, flags, view);
  }
}

/** Reads services.toml; where it has mistakes, what else is known may do. */
async function readProject(
  file: string,
  { loadProject }: Awaited<ReturnType<typeof load.config>>,
  { run, dir, host }: {
    readonly run: Run;
    readonly dir: StateDir;
    readonly host: QueryHost;
  },
): Promise<{ readonly project: Project; readonly mistakes?: ConfigError }> {
  try {
    return { project: await loadProject(file) };
  } catch (error) {
    if (!(error instanceof ConfigError) || !run.toleratesMistakes) throw error;
    const { findKnownProject } = await load.known();
    const { readsLogs = false } = run;
    const project = await findKnownProject(error, dir, host, readsLogs);
    if (!project) throw error;
    return { project, mistakes: error };
  }
}

async function warnOf(
  mistakes: ConfigError,
  { terminal }: CliContext,
  { language, style }: View,
): Promise<void> {
  const { renderConfigWarning } = await load.configReport();
  const text = await renderConfigWarning(mistakes, language, style);
  terminal.writeError(`${text}\n`);
}

async function findConfig(
  context: CliContext,
  flags: SessionFlags,
  { toleratesMistakes }: Run,
): Promise<string> {
  const { config } = flags;
  if (config !== undefined) {
    // Windows must not even look there.
    const hazard = OS === "windows" ? windowsHazard(config) : undefined;
    if (hazard === undefined) return resolve(context.cwd, config);
    const { renderHazard } = await load.configReport();
    throw new UsageError(
      await renderHazard(config, hazard, context.textLanguage),
    );
  }
  const found = locateConfig(context.cwd);
  const isHere = "file" in found && dirname(found.file) === join(context.cwd);
  if (toleratesMistakes && !isHere) {
    const lost = await findLost(context);
    if (lost !== undefined) return lost;
  }
  if ("file" in found) return found.file;
  const { renderForeignConfig, renderNoConfig } = await load.configReport();
  const language = context.textLanguage;
  if ("searched" in found) {
    const text = await renderNoConfig(found.searched, language);
    throw new UsageError(text, await findLost(context));
  }
  const { foreign, owner } = found;
  const { userName } = await load.users();
  const user = userName(owner) ?? String(owner);
  throw new UsageError(await renderForeignConfig(foreign, user, language));
}

/** Finds the services.toml that there was where it is gone. */
async function findLost(context: CliContext): Promise<string | undefined> {
  const { findLostConfig } = await load.lostConfig();
  const { platform } = context.host ?? await context.begun ??
    { platform: await currentPlatform() };
  return await findLostConfig(context.cwd, platform, context.host?.fs);
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
      messages.errors.unknownService(
        printable(unknown),
        known,
        suggest(unknown, known),
      ),
    );
  }
  return services.filter(({ name }) => names.includes(name));
}

/**
 * Says what of the state folder is ignored: all of it where devsvc did not make
 * it here, else what another version made. Nothing is migrated.
 */
export function reportIgnoredState(
  { dir, context: { terminal }, view: { messages: { errors } } }: Session,
): void {
  const origin = dir.origin();
  switch (origin.kind) {
    case "absent":
      return;
    case "copied":
      return terminal.writeError(`${errors.stateCopied(dir.path)}\n`);
    case "refused": {
      const text = errors.stateRefused(dir.path, origin.problem);
      return terminal.writeError(`${text}\n`);
    }
    case "own":
      for (const folder of legacyFolders(dir)) {
        const name = `${STATE_FOLDER}/${basename(folder)}`;
        terminal.writeError(`${errors.legacyState(name)}\n`);
      }
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
  const running = await runningDespite(error, context);
  const hint = running.length > 0
    ? `\n${view.messages.outcome.stillRunning(running)}\n`
    : "";
  context.terminal.writeError(`${prefix}${text}\n${hint}`);
  return code;
}

/** What runs where services.toml cannot be used: it can be stopped all the same. */
async function runningDespite(
  error: unknown,
  context: CliContext,
): Promise<readonly string[]> {
  const file = error instanceof ConfigError
    ? error.file
    : error instanceof UsageError
    ? error.lost
    : undefined;
  if (file === undefined) return [];
  const { findRunning } = await load.known();
  const host = context.host ?? queryHost(await currentPlatform());
  const root = dirname(file);
  return await findRunning(root, stateDirOf(root, context.host?.fs), host);
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
    if (error.cause instanceof UntrustedPathError) {
      const { path, problem } = error.cause;
      const text = view.messages.errors.untrustedPath(path, problem);
      return { kind: "state", code: EXIT.usage, text };
    }
    const reason = error.cause instanceof Error
      ? error.cause.message
      : String(error.cause);
    const text = view.messages.errors.stateDir(error.path, reason);
    return { kind: "state", code: EXIT.failed, text };
  }
  throw error;
}
