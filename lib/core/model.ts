/**
 * The data that every part of devsvc uses; nothing here touches the machine.
 */

import type { Exit } from "./exit.ts";

/** One process: every OS reuses the number, so that both fields must be equal. */
export interface Identity {
  /** The process id. */
  readonly pid: number;
  /** The start as the OS reports it, opaque; it differs between two boots. */
  readonly start: string;
}

/** One row of the table of processes. */
export interface ProcessEntry extends Identity {
  /** The id of the parent; 0 where there is none. */
  readonly ppid: number;
  /** The process group on POSIX, 0 elsewhere. */
  readonly group: number;
  /** The session on POSIX, 0 elsewhere. */
  readonly session: number;
  /** The short name of the program, as the OS has it. */
  readonly name: string;
  /** Dead but not yet reaped: such a process counts as gone. */
  readonly zombie: boolean;
  /** Stopped by a signal, as by Ctrl-Z: it does nothing until it is continued. */
  readonly suspended?: boolean;
  /** The start as a number that grows with time, in a unit of the OS. */
  readonly order: number;
  /** The start in milliseconds since 1970. */
  readonly startedAt: number;
  /** Processor time used so far, in seconds. */
  readonly cpuSeconds: number;
  /** Resident memory in bytes. */
  readonly memoryBytes: number;
}

/** Details of the few processes that are shown to a person. */
export interface ProcessDetail {
  /** The process id. */
  readonly pid: number;
  /** The arguments, the program first; empty where the OS hides them. */
  readonly args: readonly string[];
  /** The folder it works in, where the OS shows it. */
  readonly cwd?: string;
  /** The user it belongs to, where the OS shows it. */
  readonly user?: string;
}

/** The processes of the machine by id. */
export type ProcessTable = ReadonlyMap<number, ProcessEntry>;

/** A TCP socket that listens. */
export interface Listener {
  /** The address without brackets or scope: `127.0.0.1`, `0.0.0.0`, `::1`, `::`. */
  readonly address: string;
  /** The port, 1 to 65535. */
  readonly port: number;
  /** The owners that the OS names; empty where it names none. */
  readonly pids: readonly number[];
}

/** The holder of a port for which no process is shown. */
export interface UnidentifiedHolder {
  /** The container that publishes the port. */
  readonly container?: string;
  /** The user whose process it is. */
  readonly user?: string;
  /** Nobody listens, but these processes have it as their end of a connection. */
  readonly connected?: readonly number[];
  /** Nobody listens, and all its connections are closed. */
  readonly closing?: ClosingPort;
}

/** A port that the OS keeps for a while after its last connection was closed. */
export interface ClosingPort {
  /** For how long at most, in milliseconds, where the OS tells it. */
  readonly left?: number;
}

/** The answer of a lookup that can fail: "unknown" is never "none". */
export type Lookup<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

/** What an attempt to listen on a port found. */
export type Probe =
  | "free"
  | "used"
  /** Ports below 1024 that this user may not open. */
  | "privileged"
  /** Excluded by the OS: no process may listen. */
  | "reserved"
  | "unknown";

/** One check that must pass before a service counts as ready. */
export type ReadyCheck =
  | {
    readonly kind: "http";
    readonly path: string;
    /** The status codes that pass; any from 200 to 399 where none are given. */
    readonly status?: readonly number[];
    /** Sent with the request; never shown, for they may hold secrets. */
    readonly headers?: Readonly<Record<string, string>>;
  }
  | { readonly kind: "tcp" }
  | { readonly kind: "log"; readonly pattern: string }
  | { readonly kind: "command"; readonly command: Command };

/** Tells whether a check can be repeated; a line in the log only proves the past. */
export function isRepeatable({ kind }: ReadyCheck): boolean {
  return kind !== "log";
}

/** Tells whether anything can prove that a service is ready. */
export function isProvable({ port, ready }: Service): boolean {
  return port !== undefined || ready.length > 0;
}

/** A string runs in the shell of the OS, an array runs as it is. */
export type Command = string | readonly string[];

/** Signals that a service may ask to be stopped with. */
export const STOP_SIGNALS = [
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
  "SIGQUIT",
  "SIGKILL",
] as const;

/** One of {@linkcode STOP_SIGNALS}. */
export type StopSignal = typeof STOP_SIGNALS[number];

/** When a service that ended by itself is started again. */
export const RESTART_WHEN = ["never", "on-failure", "always"] as const;

/** One of {@linkcode RESTART_WHEN}. */
export type RestartWhen = typeof RESTART_WHEN[number];

/** The longest that the pauses between two starts grow to, in milliseconds. */
export const MAX_RESTART_DELAY = 30_000;

/** Whether and how a service that ended by itself is started again. */
export interface RestartPolicy {
  /** After which ends. */
  readonly when: RestartWhen;
  /** How often in a row at the most, before it is left alone. */
  readonly limit: number;
  /** The first pause in milliseconds; see `restartDelay` for the others. */
  readonly delay: number;
}

/** How a service is watched once it was ready. */
export interface Liveness {
  /** The pause between two checks, in milliseconds; 0 for none. */
  readonly every: number;
  /** After how many failed checks in a row it counts as unhealthy. */
  readonly failures: number;
  /** Whether it is started again then. */
  readonly restart: boolean;
  /** How long one check may take, in milliseconds. */
  readonly timeout: number;
}

/** One service of services.toml, every default filled in, every path absolute. */
export interface Service {
  /** The key in services.toml; also the name of its log and run record. */
  readonly name: string;
  /** The name that people read. */
  readonly label: string;
  /** What is run. */
  readonly command: Command;
  /** The folder it runs in, absolute. */
  readonly cwd: string;
  /** The port it must own to be ready; a service without one has none. */
  readonly port?: number;
  /** All must pass; empty means that living is enough. */
  readonly ready: readonly ReadyCheck[];
  /** How long it may take to be ready, in milliseconds. */
  readonly readyTimeout: number;
  /**
   * How long one attempt of its checks may take, in milliseconds; what is left
   * of `readyTimeout` where absent.
   */
  readonly readyAttempt?: number;
  /** The services that must be ready before it is started. */
  readonly dependsOn: readonly string[];
  /** Set on top of the environment of devsvc and of `envFile`. */
  readonly env: Readonly<Record<string, string>>;
  /** A file of `NAME=value` lines, absolute. */
  readonly envFile?: string;
  /** How it is asked to stop. */
  readonly stop: StopManner;
  /** What happens when it ends by itself. */
  readonly restart: RestartPolicy;
  /** How it is watched once it was ready. */
  readonly live: Liveness;
  /** How much of its output is kept. */
  readonly log: LogLimits;
}

/** How much of the output of a service is kept. */
export interface LogLimits {
  /** How large the log may become before its lines are rotated, in bytes. */
  readonly size: number;
  /** How many such parts are kept beside it. */
  readonly keep: number;
}

/** How a service is asked to stop. */
export interface StopManner {
  /** Asks first, where devsvc started it; the signal is sent if this fails. */
  readonly command?: Command;
  /** Asks, where there is no command. */
  readonly signal: StopSignal;
  /** How long it may take, in milliseconds, before it is ended by force. */
  readonly timeout: number;
}

/** The languages that devsvc speaks. */
export const LANGUAGES = ["fr", "en"] as const;

/** One of {@linkcode LANGUAGES}. */
export type Language = typeof LANGUAGES[number];

/** A project: the folder of services.toml and what the file says. */
export interface Project {
  /** The folder of services.toml, absolute. */
  readonly root: string;
  /** The file itself, absolute. */
  readonly file: string;
  /** The language that the file asks for. */
  readonly language?: Language;
  /** The services in the order of the file. */
  readonly services: readonly Service[];
}

/**
 * What devsvc wrote down when it started a service. One that does not match
 * what the OS shows is reported and ignored.
 */
export interface RunRecord extends Identity {
  /** The form of the file. */
  readonly version: 1;
  /** The service it is about. */
  readonly service: string;
  /** One start of one service: also `DEVSVC_RUN` in its environment. */
  readonly run: string;
  /** The port it was started for. */
  readonly port?: number;
  /** What was run. */
  readonly command: Command;
  /** A digest of the service as configured. */
  readonly configHash: string;
  /** When it was started, ISO 8601. */
  readonly startedAt: string;
  /** When it was proven ready, ISO 8601. */
  readonly readyAt?: string;
  /** Where the output of this run begins in the log, in bytes. */
  readonly logOffset: number;
  /** How often in a row it was started again by itself; 0 where absent. */
  readonly restarts?: number;
  /** The main process, known once it is ready. */
  readonly main?: number;
  /** The start of the first process of its pid namespace; on Linux. */
  readonly pidNamespace?: string;
}

/** How a run ended, as its wrapper recorded it. */
export interface Ending extends Exit {
  /** When, in milliseconds since 1970. */
  readonly at: number;
}

/** The result of reading one run record. */
export type RunRecordReading =
  | { readonly kind: "none" }
  | { readonly kind: "valid"; readonly record: RunRecord }
  /** Not JSON, or not a run record. */
  | { readonly kind: "corrupt"; readonly file: string }
  /** Written by another version of devsvc. */
  | { readonly kind: "version"; readonly file: string; readonly found: string }
  /** Not written by devsvc in this folder: it came with a copy of the project. */
  | { readonly kind: "foreign"; readonly file: string }
  /** Nobody knows what it says: the service may run. */
  | ({ readonly kind: "unreadable" } & UnreadableFile);

/** Why a file or folder of `.devsvc` is not read or written. */
export type PathProblem =
  /** It is a symbolic link. */
  | "link"
  /** It belongs to another user. */
  | "owner"
  /** It is no plain file, or no folder where there should be one. */
  | "kind"
  /** It has a second name (a hard link), which may be of another user. */
  | "hard-link"
  /** It is larger than devsvc ever writes it. */
  | "size"
  /** The OS does not permit it. */
  | "denied"
  /** It does not lie in `.devsvc`. */
  | "outside";

/** A file of `.devsvc` that cannot be read. */
export interface UnreadableFile {
  /** The file, absolute. */
  readonly file: string;
  /** What is wrong with it, or with a folder on the way to it. */
  readonly problem: PathProblem;
}

/** The result of the last health check of a service. */
export type Health = "healthy" | "unhealthy" | "unknown";

/** A process whose environment names the run that it belongs to. */
export interface TaggedProcess {
  /** The process id. */
  readonly pid: number;
  /** The run: `DEVSVC_RUN`. */
  readonly run: string;
  /** The service, as it was called when it was started: `DEVSVC_SERVICE`. */
  readonly service: string;
  /**
   * The folder of its project, without links: `DEVSVC_ROOT`. Absent where a
   * devsvc started it that did not set it.
   */
  readonly root?: string;
}

/** Every state a service can be in; `lib/core/diagnose.ts` decides which. */
export const STATES = [
  "free",
  "running",
  /** It runs, and has neither port nor check to prove that it is ready. */
  "started",
  "starting",
  "unhealthy",
  /** Its main process or a holder of its port is stopped by a signal (Ctrl-Z). */
  "suspended",
  "untracked",
  "foreign",
  "container",
  "hidden",
  /** Its port is an end of a connection, and nobody listens on it. */
  "connected",
  /** All connections of its port are closed; the OS keeps it for a while. */
  "closing",
  "reserved",
  "orphan",
  /** Two runs of it live at once. */
  "duplicate",
  "stale-owner",
  /** A command restarts or stops it just now: only for those who look. */
  "restarting",
  "stopping",
  "crashed",
  "stopped",
  "unknown",
] as const;

/** One of {@linkcode STATES}. */
export type State = typeof STATES[number];

/** Everything that was observed at one time. */
export interface World {
  /** The time, in milliseconds since 1970. */
  readonly now: number;
  /** The folder of the project, absolute and without links. */
  readonly root: string;
  /** devsvc itself. */
  readonly self: number;
  /** Every listening TCP socket. */
  readonly listeners: Lookup<readonly Listener[]>;
  /** Every process. */
  readonly processes: Lookup<ProcessTable>;
  /** The living processes that name their run; none where nobody looked. */
  readonly taggedProcesses: Lookup<readonly TaggedProcess[]>;
  /** Details of the processes that matter here. */
  readonly details: ReadonlyMap<number, ProcessDetail>;
  /**
   * The folder of the nearest services.toml, by the folders in which processes
   * work that hold a port; absent where there is none.
   */
  readonly projects: ReadonlyMap<string, string>;
  /** The folders that services run in, without links, where they are needed. */
  readonly folders: ReadonlyMap<string, string>;
  /**
   * Ports on which services let a debugger in; read only where one may be taken
   * for a port mismatch.
   */
  readonly debugPorts?: ReadonlySet<number>;
  /** The probes of ports without a listener. */
  readonly probes: ReadonlyMap<number, Probe>;
  /** The holders of ports for which no process is shown. */
  readonly unidentifiedHolders: ReadonlyMap<number, UnidentifiedHolder>;
  /** The names of all services in services.toml; absent where nobody asked. */
  readonly configured?: ReadonlySet<string>;
  /** The run records by service, also of services that are not in the file. */
  readonly records: ReadonlyMap<string, RunRecordReading>;
  /** Digests of the services as configured now. */
  readonly configHashes: ReadonlyMap<string, string>;
  /** The health of the services that hold their port. */
  readonly health: ReadonlyMap<string, Health>;
  /** How the last run of a service ended whose wrapper is gone. */
  readonly endings: ReadonlyMap<string, Ending>;
  /** What the supervisor reports, by the run id. */
  readonly supervision: ReadonlyMap<string, Supervision>;
  /** The names of the variables that changed since its start, by service. */
  readonly environmentChanges: ReadonlyMap<string, readonly string[]>;
}

/** What the supervisor reports about a service that it restarts. */
export interface Supervision {
  /** How often in a row it was started again. */
  readonly restarts: number;
  /** When it is started again, in milliseconds since 1970. */
  readonly dueAt?: number;
  /** It was started again too often in a row and is left alone. */
  readonly gaveUp?: boolean;
  /** It is left alone, because services.toml changed since it was started. */
  readonly outdated?: boolean;
  /** The checks that the supervisor runs have failed. */
  readonly unhealthy?: boolean;
  /** Processes that left the session of the run; they are of it while they live. */
  readonly escaped?: readonly Identity[];
}

/** A process that holds a port. */
export interface Holder
  extends
    ProcessDetail,
    Pick<ProcessEntry, "start" | "name" | "startedAt" | "suspended"> {
  /** The addresses it listens on. */
  readonly addresses: readonly string[];
  /** Its parents, nearest first. */
  readonly parents: readonly { readonly pid: number; readonly name: string }[];
  /** Never to be signalled, whatever is asked. */
  readonly protected: boolean;
  /** The folder of the other project that it is of, where that is known. */
  readonly project?: string;
  /** A devsvc started it for that project: only that one may stop it. */
  readonly isRunElsewhere?: boolean;
  /** Its service there. */
  readonly service?: string;
  /** The other service of this project that runs it: only with that one it ends. */
  readonly runOf?: string;
}

/** Why a run record was not believed, or `missing` where there should be one. */
export type RunRecordIssue =
  | "dead"
  | "recycled"
  | "corrupt"
  | "version"
  | "foreign"
  | "unreadable"
  | "missing";

/** The state of one service, and what it was decided from. */
export interface Diagnosis {
  /** The service. */
  readonly service: Service;
  /** One of {@linkcode STATES}. */
  readonly state: State;
  /** The holders of its port, of this service first. */
  readonly holders: readonly Holder[];
  /** The holder of its port, where no process is shown for it. */
  readonly unidentifiedHolder?: UnidentifiedHolder;
  /**
   * For `untracked`: the holders are known for this service by their command, or
   * a devsvc started them for this project. Else only their folder says so.
   */
  readonly isKnownByCommand?: boolean;
  /** For `stale-owner`: whose processes inherited the port, where known. */
  readonly inheritedBy?: "ours" | "foreign";
  /**
   * The run record, where it is believed. With `recordIssue`: what the processes
   * of the run show of it.
   */
  readonly record?: RunRecord;
  /** Why the run record was not believed. */
  readonly recordIssue?: RunRecordIssue;
  /** The run record, where it cannot be read. */
  readonly unreadable?: UnreadableFile;
  /** For `duplicate`: the runs that live beside that of the record. */
  readonly otherRuns?: readonly RunRecord[];
  /** The run record of a run that ended without devsvc. */
  readonly lost?: RunRecord;
  /** The living processes of the service, root first; empty if none. */
  readonly tree: readonly ProcessEntry[];
  /** The answer of its health checks. */
  readonly health: Health;
  /** The ports that its tree listens on, where its own is not among them. */
  readonly mismatchedPorts?: readonly number[];
  /** Configured differently now than when it was started. */
  readonly configChanged: boolean;
  /** The names of the variables that have changed since it was started. */
  readonly environmentChanges: readonly string[];
  /** How often in a row it was started again by itself. */
  readonly restarts: number;
  /** How its last run ended, where it ended without devsvc. */
  readonly ending?: Ending;
  /** What the supervisor reports. */
  readonly supervision?: Supervision;
  /** For `unknown`: why, `probe` for a failed probe; for `reserved`: the probe. */
  readonly reason?: string;
}
