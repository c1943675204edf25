/**
 * A machine in memory that behaves like a real one: pids that are reused,
 * zombies, sessions, sockets with several owners, supervisors, processes that
 * ignore signals; and things that happen by themselves.
 *
 * It knows what no operating system shows: which process forked which.
 */

import type { Listener, ProcessEntry } from "../../lib/core/model.ts";
import { BEGIN, type VirtualTime } from "./fake_clock.ts";

/** What a process belongs to; its children belong to the same. */
export interface Party {
  /** What it is to devsvc. */
  readonly kind: "own" | "untracked" | "foreign" | "bystander";
  /** The service, where it is one. */
  readonly service?: string;
}

/** The properties of a process. */
export interface Traits {
  /** The short name. */
  readonly name: string;
  /** What it belongs to; that of its parent if not given. */
  readonly party?: Party;
  /** Its run id; that of its parent if not given. */
  readonly run?: string;
  /** The project and the service that its environment names beside the run. */
  readonly tag?: { readonly root?: string; readonly service: string };
  /** Its environment names no run, nor do those of its children. */
  readonly clean?: true;
  /** Its folder; that of its parent if not given. */
  readonly cwd?: string;
  /** Its arguments; its name alone if not given. */
  readonly args?: readonly string[];
  /** Begins a process group, or also a session. */
  readonly leads?: "group" | "session";
  /** How long it takes to end after a signal, in milliseconds; may be infinite. */
  readonly lag?: number;
  /** Not even SIGKILL ends it, as in uninterruptible sleep. */
  readonly undying?: boolean;
  /** Another user's: it cannot be signalled, its sockets show no owner. */
  readonly denied?: boolean;
  /** Never reaps its children. */
  readonly leavesZombies?: boolean;
  /** Starts again a child that ended, so many milliseconds later. */
  readonly respawns?: number;
  /** It must never be signalled. */
  readonly protected?: boolean;
  /** Suspended (SIGSTOP): a signal waits for SIGCONT, except SIGKILL. */
  readonly suspended?: boolean;
}

/** A process; its fields change as it lives. */
export interface Proc extends Traits {
  /** Its pid, which may be reused after it. */
  readonly pid: number;
  /** Its start, unique on this machine. */
  readonly start: string;
  /** How many were forked before it. */
  readonly serial: number;
  /** When it was forked, in milliseconds since the run began. */
  readonly bornAt: number;
  /** The process that forked it. */
  readonly forkedBy: Proc | undefined;
  /** What it belongs to. */
  readonly party: Party;
  /** The parent that the OS shows. */
  ppid: number;
  /** Its process group, 0 on Windows. */
  readonly group: number;
  /** Its session, 0 on Windows. */
  readonly session: number;
  /** The process that began its session; its number may be another's by now. */
  readonly leader: string;
  /** `alive`, dead but not reaped, or gone. */
  state: "alive" | "zombie" | "gone";
  /** It was signalled and will end. */
  ending: boolean;
  /** It waits for SIGCONT. */
  suspended: boolean;
  /** The signals that wait for SIGCONT. */
  readonly pending: string[];
  /** The process that its supervisor replaced by it. */
  successorOf?: Proc;
  /** Called when it ends. */
  onEnd?: () => void;
}

/** A socket that listens. */
export interface Socket {
  /** Its port. */
  readonly port: number;
  /** Its address. */
  readonly address: string;
  /** The processes that have it open. */
  readonly owners: Set<Proc>;
  /** The process that created it: the owner that Windows names. */
  readonly creator: Proc;
  /** When it began to listen, in milliseconds since the run began. */
  readonly bornAt: number;
}

/** The pid of devsvc. */
export const SELF = 900;

/** Between two forks while a world is built, in milliseconds. */
const STEP = 30;

/** More than two clocks may differ there: `lib/core/process_tree.ts`. */
const STEP_ON_WINDOWS = 1_100;

const BYSTANDER: Party = { kind: "bystander" };

/** A machine in memory. */
export class Machine {
  /** Like Windows: no groups, no run ids, parents that are never updated. */
  readonly windows: boolean;
  /** The processes by pid, zombies too. */
  readonly table: Map<number, Proc> = new Map();
  /** All processes that ever ran. */
  readonly history: Proc[] = [];
  /** The sockets. */
  readonly sockets: Set<Socket> = new Set();
  /**
   * Pids that are not reused. Where two dead processes had one pid, Windows does
   * not show which of them was the parent of a third.
   */
  readonly notReused: Set<number> = new Set();
  /** When the last socket on a port was closed, by port. */
  readonly closedAt: Map<number, number> = new Map();
  /** How long the OS keeps a port after it was closed, in milliseconds, by port. */
  readonly keeps: Map<number, number> = new Map();
  /** Until when it keeps those that were closed, in milliseconds of the run. */
  readonly #closing: Map<number, number> = new Map();
  /** Is called for every process that a signal reaches. */
  onSignal: (proc: Proc, signal: string) => void = () => {};
  /** How long ago processes that are added now began: negative milliseconds. */
  past = 0;
  /** The time of the run. */
  readonly time: VirtualTime;
  readonly #random: () => number;
  readonly #freed: number[] = [];
  #highest = 100;

  /**
   * Makes a machine without processes.
   *
   * @param random Numbers from 0 to 1.
   */
  constructor(time: VirtualTime, random: () => number, windows: boolean) {
    this.time = time;
    this.#random = random;
    this.windows = windows;
  }

  /** Whether an event of this probability happens. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** Chooses one at random. */
  pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }

  /** The processes that are alive. */
  living(): readonly Proc[] {
    return [...this.table.values()].filter(({ state }) => state === "alive");
  }

  #now(): number {
    return this.time.now() + this.past;
  }

  /** Starts a process. */
  fork(parent: Proc | undefined, traits: Traits, given?: number): Proc {
    const pid = given ?? this.#freePid();
    const { leads } = traits;
    const inherit = parent ?? { group: pid, session: pid };
    const start = `${this.history.length}@b007`;
    const proc: Proc = {
      party: parent?.party ?? BYSTANDER,
      ...(parent?.run === undefined ? {} : { run: parent.run }),
      ...(parent?.tag === undefined ? {} : { tag: parent.tag }),
      ...(parent?.cwd === undefined ? {} : { cwd: parent.cwd }),
      ...(parent?.clean === undefined ? {} : { clean: parent.clean }),
      suspended: false,
      pending: [],
      ...traits,
      pid,
      start,
      leader: leads === "session" || !parent ? start : parent.leader,
      serial: this.history.length,
      bornAt: this.#now(),
      forkedBy: parent,
      ppid: parent?.pid ?? 0,
      group: this.windows ? 0 : leads ? pid : inherit.group,
      session: this.windows ? 0 : leads === "session" ? pid : inherit.session,
      state: "alive",
      ending: false,
    };
    this.table.set(pid, proc);
    this.history.push(proc);
    // Processes of the past began one after the other.
    const step = this.windows ? STEP_ON_WINDOWS : STEP;
    this.past = Math.min(0, this.past + step);
    return proc;
  }

  /** Ends a process; its pid is free unless its parent does not reap it. */
  end(proc: Proc, hasSuccessor = false): void {
    if (proc.state !== "alive") return;
    if (this.windows && this.past === 0 && !hasSuccessor) {
      this.notReused.add(proc.pid);
    }
    for (const socket of [...this.sockets]) {
      if (!socket.owners.delete(proc) || socket.owners.size > 0) continue;
      this.sockets.delete(socket);
      this.closedAt.set(socket.port, this.#now());
      this.close(socket.port, this.keeps.get(socket.port) ?? 0);
    }
    const parent = this.table.get(proc.ppid);
    const stays = !this.windows && parent?.leavesZombies &&
      parent.state === "alive";
    proc.state = "zombie";
    if (!stays) this.#reap(proc);
    if (!this.windows) this.#reparentChildren(proc);
    this.#respawnLater(proc);
    proc.onEnd?.();
  }

  /** Has the OS keep a port after closed connections (TIME-WAIT). */
  close(port: number, ms: number): void {
    this.#closing.set(port, this.time.now() + ms);
  }

  /** How long the OS keeps a port on which nobody listens, in milliseconds. */
  closingTime(port: number): number {
    return this.socketsOn(port).length > 0
      ? 0
      : Math.max(0, (this.#closing.get(port) ?? 0) - this.time.now());
  }

  #reap(proc: Proc): void {
    proc.state = "gone";
    this.table.delete(proc.pid);
    this.#freed.push(proc.pid);
  }

  #reparentChildren(parent: Proc): void {
    for (const child of [...this.table.values()]) {
      if (child.ppid !== parent.pid || child === parent) continue;
      child.ppid = 1;
      if (child.state === "zombie") this.#reap(child);
    }
  }

  #respawnLater(proc: Proc): void {
    const supervisor = proc.forkedBy;
    if (supervisor?.respawns === undefined) return;
    const ports = [...this.sockets].map(({ port }) => port);
    const served = portOf.get(proc);
    this.time.later(supervisor.respawns, () => {
      if (supervisor.state !== "alive" || supervisor.ending) return;
      const { name, lag = 0 } = proc;
      const child = this.fork(supervisor, { name, lag });
      child.successorOf = proc;
      if (served && !ports.includes(served)) this.listen(child, served);
    });
  }

  /** Listens on a port, unless another process does. */
  listen(proc: Proc, port: number, address = "127.0.0.1"): boolean {
    if (proc.state !== "alive" || this.closingTime(port) > 0) return false;
    const isTaken = [...this.sockets].some((socket) =>
      socket.port === port && socket.address === address
    );
    if (isTaken) return false;
    const bornAt = this.#now();
    const owners = new Set([proc]);
    this.sockets.add({ port, address, owners, creator: proc, bornAt });
    portOf.set(proc, port);
    return true;
  }

  /** The sockets on a port. */
  socketsOn(port: number): readonly Socket[] {
    return [...this.sockets].filter((socket) => socket.port === port);
  }

  /** A free pid: a group keeps the pid of its wrapper. */
  #freePid(): number {
    const taken = new Set<number>([SELF]);
    for (const { pid, group, session } of this.table.values()) {
      taken.add(pid).add(group).add(session);
    }
    for (const { creator } of this.sockets) taken.add(creator.pid);
    for (const pid of this.notReused) taken.add(pid);
    // The last one freed is reused first: the worst case.
    for (let at = this.#freed.length - 1; at >= 0; at--) {
      const pid = this.#freed[at] ?? 0;
      if (taken.has(pid)) continue;
      this.#freed.splice(at, 1);
      return pid;
    }
    return ++this.#highest;
  }

  /** Signals like the system call: a negative number is a group. */
  kill(pid: number, signal: string): void {
    const reached = pid < 0
      ? [...this.table.values()].filter(({ group }) => group === -pid)
      : [...this.table.values()].filter((proc) => proc.pid === pid);
    if (reached.length === 0) throw new Deno.errors.NotFound("no such process");
    const allowed = reached.filter(({ denied }) => !denied);
    if (allowed.length === 0) throw new Deno.errors.PermissionDenied("denied");
    for (const proc of allowed) {
      if (proc.state !== "alive") continue;
      this.onSignal(proc, signal);
      this.#receive(proc, signal);
    }
  }

  #receive(proc: Proc, signal: string): void {
    if (signal === "SIGCONT") {
      proc.suspended = false;
      for (const pending of proc.pending.splice(0)) {
        this.#receive(proc, pending);
      }
      return;
    }
    if (proc.suspended && signal !== "SIGKILL" && !this.windows) {
      proc.pending.push(signal);
      return;
    }
    const isForced = signal === "SIGKILL" || this.windows;
    if (isForced && proc.undying) return;
    const lag = isForced ? this.#random() * 4 : proc.lag ?? 0;
    if (lag === Infinity) return;
    proc.ending = true;
    this.time.later(lag, () => this.end(proc));
  }

  /** The table of processes as the OS shows it. */
  entries(): ReadonlyMap<number, ProcessEntry> {
    return new Map([...this.table].map(([pid, proc]) => [pid, {
      pid,
      start: proc.start,
      ppid: proc.ppid,
      group: proc.group,
      session: proc.session,
      name: proc.name,
      zombie: proc.state === "zombie",
      ...(proc.suspended && !this.windows ? { suspended: true } : {}),
      // Linux counts in hundredths of a second (`man 5 proc_pid_stat`). Parents
      // are stale on Windows, so there two starts must never be equal.
      order: this.windows ? proc.serial : Math.floor(proc.bornAt / 10),
      startedAt: BEGIN + proc.bornAt,
      cpuSeconds: 0,
      memoryBytes: 0,
    }]));
  }

  /** The listeners as the OS shows them. */
  rows(): readonly Listener[] {
    return [...this.sockets].map(({ port, address, owners, creator }) => ({
      port,
      address,
      pids: this.windows
        ? [creator.pid]
        : [...owners].filter(({ denied }) => !denied).map(({ pid }) => pid),
    }));
  }

  /** Replaces a process by another one, which left its session and parent. */
  #handOver(proc: Proc): void {
    const { name, lag = 0 } = proc;
    const successor = this.fork(proc, { name, lag, leads: "session" });
    for (const { owners } of this.sockets) {
      if (owners.has(proc)) owners.add(successor);
    }
    this.end(proc);
  }

  /** Lets something happen by itself, with a probability. */
  disturb(share: number, ports: readonly number[]): void {
    if (!this.chance(share)) return;
    const candidates = this.living().filter((proc) =>
      !proc.protected && proc.party.kind !== "bystander"
    );
    const victim = this.pick(candidates);
    const init = this.table.get(1);
    const kind = this.pick(EVENTS);
    if (kind === "bind") {
      const other = this.fork(init, { name: "other", leads: "session" });
      this.listen(other, this.pick(ports) ?? 1, "0.0.0.0");
    }
    if (victim && kind === "fork") {
      this.fork(victim, { name: victim.name, lag: victim.lag ?? 0 });
    }
    if (victim && kind === "hand over") this.#handOver(victim);
    if (victim && (kind === "end" || kind === "swap")) {
      this.end(victim, kind === "swap");
      if (kind === "end") return;
      // It mostly gets the pid that was freed just now.
      this.fork(init, { name: victim.name, leads: "session", cwd: "/srv" });
    }
  }
}

/** What happens by itself; most often a pid is reused at once. */
const EVENTS = [
  "swap",
  "swap",
  "swap",
  "end",
  "fork",
  "hand over",
  "bind",
] as const;

/** The port of each process, for its successor. */
const portOf = new WeakMap<Proc, number>();
