/**
 * The one door to the operating system: what devsvc asks of it, and nothing
 * that knows which system it is.
 *
 * Every answer may be "could not tell"; no method throws because a tool is
 * missing, hangs or prints nonsense.
 *
 * @module
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
  UnidentifiedHolder,
} from "../core/model.ts";

/** What is needed to start a service. */
export interface SpawnRequest {
  /** A string runs in the shell of the OS, an array runs as it is. */
  readonly command: Command;
  /** The folder it runs in, absolute. */
  readonly cwd: string;
  /** Set on top of the environment of devsvc. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that takes its output, absolute; it is appended to. */
  readonly log: string;
  /**
   * The file that takes its exit code, absolute: written when it ends, whether
   * a devsvc lives then or not; nowhere where it is absent.
   */
  readonly exitFile?: string;
  /** Replaces the environment of devsvc; `env` still goes on top. */
  readonly baseEnv?: Readonly<Record<string, string>>;
}

/**
 * A service that exists but does not run yet: it waits at a start barrier.
 *
 * The process is the wrapper of the service, which runs it, waits for it and
 * writes down how it ended.
 *
 * Between the two its run record is written. A devsvc that dies before it opens the
 * gate leaves no service behind; one that dies after it leaves a run record.
 */
export interface SuspendedProcess extends Identity {
  /** Lets the service run. */
  resume(): Promise<void>;
  /** Ends the process at the start barrier; it never becomes the service. */
  discard(): Promise<void>;
  /** Settles when the process ends; it does not keep devsvc alive. */
  readonly exited: Promise<Exit>;
}

/** What became of a signal. */
export type SignalOutcome =
  | "sent"
  /** No such process, or a dead one: there is nothing to signal. */
  | "gone"
  /** The OS refused, or devsvc does: init, itself, its own group. */
  | "denied"
  /** It cannot be asked, only forced: programs of the console on Windows. */
  | "unsignalable"
  /** The identity could not be read again, so nothing was sent. */
  | "unknown";

/** How far a signal reaches. */
export type SignalScope =
  | "process"
  /** The whole process group that it leads, or all that descends from it. */
  | "group";

/** What devsvc asks of an operating system. */
export interface Platform {
  /** The process id of devsvc, by which it never signals itself. */
  readonly self: number;

  /**
   * A probe sees every holder and disturbs none, so it may be asked before any
   * tool: a port that it finds free needs no further look.
   *
   * True on Linux (the matrix of `bind`, tests/platform). Elsewhere a probe on
   * one address can take the traffic of a holder of another.
   */
  readonly probesFirst: boolean;

  /**
   * What the scope `group` reaches: the process group that a process leads, or,
   * on Windows, which has none, all that descends from it.
   */
  readonly groups: "group" | "tree";

  /** Every listening TCP socket, IPv4 and IPv6, in one look. */
  listeners(): Promise<Lookup<readonly Listener[]>>;

  /** Every process, in one look. */
  processTable(): Promise<Lookup<ProcessTable>>;

  /** Arguments, folder and user of a few processes; what is not told is absent. */
  details(
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, ProcessDetail>>;

  /** The identity of a living process; `undefined` if there is none. */
  identity(pid: number): Promise<Lookup<Identity | undefined>>;

  /**
   * Whether a process may exist, by its number alone: it costs no tool, and
   * only `false` is certain.
   */
  mayExist(pid: number): boolean;

  /**
   * The environments that processes were started with; what is not told is
   * absent. Only Linux tells them whole (`man 5 proc_pid_environ`).
   */
  environments(
    pids: readonly number[],
  ): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>>;

  /**
   * The living processes that carry `DEVSVC_RUN` in their environment, by its
   * value; empty where the OS never shows environments.
   *
   * It finds what left its parents and its session (`setsid`, double fork).
   * Windows shows no environments.
   */
  processesByRunId(): Promise<Lookup<ReadonlyMap<string, readonly number[]>>>;

  /**
   * Who holds ports whose owner is not shown or only stands for a container;
   * a port of which nothing is known is left out.
   */
  unidentifiedHolders(
    ports: readonly number[],
  ): Promise<ReadonlyMap<number, UnidentifiedHolder>>;

  /** Whether a port that nobody is seen to hold can be listened on. */
  probe(port: number): Promise<Probe>;

  /**
   * Signals exactly the process named, or its group (see `groups`).
   *
   * The identity is read again right before; this is the only place where
   * devsvc signals anything.
   */
  signal(
    target: Identity,
    signal: StopSignal,
    scope: SignalScope,
  ): Promise<SignalOutcome>;

  /**
   * Starts a process that outlives devsvc, in a session of its own, held at a
   * gate.
   */
  spawnSuspended(request: SpawnRequest): Promise<SuspendedProcess>;

  /**
   * Gives the first bytes of a file back to the disk, while others append to
   * it: they read as zeros from then on, and no offset changes.
   *
   * `false` where that cannot be done; then the file is as it was.
   */
  punchHole(file: string, bytes: number): Promise<boolean>;

  /** The port ranges that the OS has set aside; empty where it has none. */
  reservedRanges(): Promise<Lookup<readonly PortRange[]>>;
}

/** A range of ports, both ends included. */
export interface PortRange {
  /** The first port. */
  readonly from: number;
  /** The last port. */
  readonly to: number;
}
