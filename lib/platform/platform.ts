/**
 * What devsvc asks of an operating system, the same for each of them.
 *
 * No method throws because a tool is missing, hangs or prints something
 * unexpected: the answer is then "unknown", or not ok with a reason.
 */

import type { Exit } from "../core/exit.ts";
import type {
  Command,
  Identity,
  Listener,
  Lookup,
  Probe,
  ProcessDetail,
  ProcessTable,
  StopSignal,
  TaggedProcess,
  UnidentifiedHolder,
} from "../core/model.ts";

/** What is needed to start a service; every path is absolute. */
export interface SpawnRequest {
  /** A string runs in the shell of the OS, an array runs as it is. */
  readonly command: Command;
  /** The folder it runs in. */
  readonly cwd: string;
  /** Set on top of the environment of devsvc. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * The plain file that its output is appended to; made where there is none, and
   * never a link. Without one the output is dropped.
   */
  readonly log?: string;
  /**
   * The new file that its exit code is written to, also after devsvc has ended.
   */
  readonly exitFile?: string;
  /** Replaces the environment of devsvc; `env` still goes on top. */
  readonly baseEnv?: Readonly<Record<string, string>>;
}

/** A program that goes on after devsvc has ended. */
export interface BackgroundProgram {
  /** The executable, absolute. */
  readonly path: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** The folder it runs in, absolute. */
  readonly cwd: string;
}

/**
 * The wrapper of a service that does not run yet: it waits at a start barrier,
 * then runs the service, waits for it and writes down how it ended.
 *
 * The run record is written between the two. If devsvc dies before it resumes
 * the wrapper, no service is left behind; if it dies after, a run record is.
 */
export interface SuspendedProcess extends Identity {
  /** Lets the service run. */
  resume(): Promise<void>;
  /** Ends the wrapper; the service never runs. */
  discard(): Promise<void>;
  /** See `pidNamespace` of the run record. */
  readonly pidNamespace?: string;
  /** Settles when the wrapper ends; it does not keep devsvc alive. */
  readonly exited: Promise<Exit>;
}

/** What became of a signal. */
export type SignalOutcome =
  | "sent"
  /** No such process, or a dead one: there is nothing to signal. */
  | "gone"
  /** The OS refused, or devsvc does: init, itself, its own group. */
  | "denied"
  /** It can only be forced, not asked: console programs on Windows. */
  | "unsignalable"
  /** The identity could not be read again, so nothing was sent. */
  | "unknown";

/** What devsvc sends: SIGCONT lets a suspended process act on another signal. */
export type SentSignal = StopSignal | "SIGCONT";

/** How far a signal reaches; see `Platform.groups`. */
export type SignalScope = "process" | "group";

/** What devsvc asks of an operating system without changing anything. */
export interface PlatformQueries {
  /** The process id of devsvc, by which it never signals itself. */
  readonly self: number;

  /**
   * Whether a probe sees every holder and disturbs none, so that a port that it
   * finds free needs no other query. True on Linux; elsewhere a probe on one
   * address can take the traffic of a holder of another.
   */
  readonly probesFirst: boolean;

  /** What the scope `group` reaches: Windows has no groups, only descendants. */
  readonly groups: "group" | "tree";

  /** Every listening TCP socket, IPv4 and IPv6, in one query. */
  listeners(): Promise<Lookup<readonly Listener[]>>;

  /** Every process, in one query. */
  processTable(): Promise<Lookup<ProcessTable>>;

  /** Arguments, folder and user of processes; what is unknown is absent. */
  details(
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, ProcessDetail>>;

  /** The identity of a living process; `undefined` if there is none. */
  identity(pid: number): Promise<Lookup<Identity | undefined>>;

  /** Whether a process may exist, without a tool: only `false` is certain. */
  mayExist(pid: number): boolean;

  /**
   * The environments that processes were started with; what is unknown is
   * absent. Only Linux shows them whole (`man 5 proc_pid_environ`).
   */
  environments(
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>>;

  /**
   * The living processes whose environment names a run (`DEVSVC_RUN`), also
   * those that left their parents and session (`setsid`, double fork), in one
   * query. The OS shows root all of them, others only their own: a process of
   * another user is not among them. Windows shows no environments, so the answer
   * is empty there.
   */
  taggedProcesses(): Promise<Lookup<readonly TaggedProcess[]>>;

  /**
   * Who holds ports whose owner is not shown or only stands for a container;
   * a port of which nothing is known is left out.
   */
  unidentifiedHolders(
    ports: readonly number[],
  ): Promise<ReadonlyMap<number, UnidentifiedHolder>>;

  /** Whether a port without a known holder can be listened on. */
  probe(port: number): Promise<Probe>;

  /** Whether the console window closes with devsvc: after a double-click. */
  ownsConsole(): Promise<boolean>;
}

/** What devsvc asks of an operating system, and has it do. */
export interface Platform extends PlatformQueries {
  /**
   * Signals exactly the process named, or its group (see `groups`): the identity
   * is read again right before. devsvc signals services nowhere else.
   */
  signal(
    target: Identity,
    signal: SentSignal,
    scope: SignalScope,
  ): Promise<SignalOutcome>;

  /** Starts the wrapper of a service, which outlives devsvc, at a start barrier. */
  spawnSuspended(request: SpawnRequest): Promise<SuspendedProcess>;

  /**
   * Starts a program that outlives devsvc, without input, output and the open
   * files of the caller's shell.
   *
   * @throws {Error} Where it cannot be started.
   */
  spawnBackground(program: BackgroundProgram): Promise<void>;

  /**
   * Gives the first bytes of a file back to the disk, while others append to
   * it: they read as zeros from then on, and no offset changes. Where it returns
   * `false` the file is as it was.
   */
  punchHole(file: string, bytes: number): Promise<boolean>;

  /**
   * Removes the first bytes of a file, while others append to it: the rest moves
   * to its beginning, in one step that no other process sees half done. Where it
   * returns `false` it may still happen until the deadline of a tool has passed.
   *
   * @param bytes A multiple of the blocks of the disk, less than the file has.
   */
  collapseHead(file: string, bytes: number): Promise<boolean>;
}
