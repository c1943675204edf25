/**
 * A machine that only exists in memory, with the ways of a real one: numbers
 * that are used again, zombies, sessions, sockets with several owners,
 * supervisors, processes that do not listen; and that never stands still.
 *
 * It knows what no operating system tells: who was really forked by whom.
 *
 * @module
 */

import type { Listener, ProcessEntry } from "../../lib/core/model.ts";
import { BEGIN, type VirtualTime } from "./fake_clock.ts";

/** Whom a process works for: what it forks works for the same. */
export interface Party {
  /** What it is to devsvc. */
  readonly kind: "own" | "untracked" | "foreign" | "bystander";
  /** The service, where it is one. */
  readonly service?: string;
}

/** What is chosen about a process. */
export interface Traits {
  /** The short name. */
  readonly name: string;
  /** Whom it works for; that of its parent if not given. */
  readonly party?: Party;
  /** The mark of its run; that of its parent if not given. */
  readonly run?: string;
  /** Its folder; that of its parent if not given. */
  readonly cwd?: string;
  /** Begins a process group, or also a session. */
  readonly leads?: "group" | "session";
  /** How long it takes to obey, in milliseconds; infinite if it does not. */
  readonly lag?: number;
  /** Not even SIGKILL ends it: it waits for a dead disk. */
  readonly undying?: boolean;
  /** Another user's: not to be signalled, its sockets without owner. */
  readonly denied?: boolean;
  /** Never reaps its children. */
  readonly neglects?: boolean;
  /** Brings back a child that ended, so many milliseconds later. */
  readonly respawns?: number;
  /** Must never be signalled, whatever is asked. */
  readonly protectedPids?: boolean;
}

/** A process; its fields change as it lives. */
export interface Proc extends Traits {
  /** Its number, which others may have after it. */
  readonly pid: number;
  /** Told once in the life of the machine. */
  readonly start: string;
  /** How many were forked before it. */
  readonly serial: number;
  /** When it was forked, in milliseconds since the run began. */
  readonly bornAt: number;
  /** Who really forked it. */
  readonly forkedBy: Proc | undefined;
  /** Whom it works for. */
  readonly party: Party;
  /** What the OS shows as its parent. */
  ppid: number;
  /** The number of its group, 0 on Windows. */
  readonly group: number;
  /** The number of its session, 0 on Windows. */
  readonly session: number;
  /** `alive`, dead but not reaped, or gone. */
  state: "alive" | "zombie" | "gone";
  /** Was asked to stop and will. */
  ending: boolean;
  /** Whom its supervisor brought back with it. */
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
  /** Who has it open. */
  readonly owners: Set<Proc>;
  /** Who made it: whom Windows names. */
  readonly maker: Proc;
  /** When it began to listen, in milliseconds since the run began. */
  readonly bornAt: number;
}

/** The number of devsvc. */
export const SELF = 900;

/** Between two forks while a world is built, in milliseconds. */
const STEP = 30;

/** Clocks of two sources may differ there: `lib/core/process_tree.ts`. */
const STEP_ON_WINDOWS = 1_100;

const OTHER: Party = { kind: "bystander" };

/** The machine. */
export class Machine {
  /** Like Windows: no groups, no marks, parents that are never updated. */
  readonly windows: boolean;
  /** The processes by number, zombies too. */
  readonly table: Map<number, Proc> = new Map();
  /** Everybody who ever lived. */
  readonly everyone: Proc[] = [];
  /** The sockets. */
  readonly sockets: Set<Socket> = new Set();
  /**
   * Numbers that nobody is given again. Of two who had a number one after the
   * other and are both dead, Windows does not tell whose child somebody is; so
   * there only those who live on are given a number again.
   */
  readonly kept: Set<number> = new Set();
  /** When a port was last left, by port. */
  readonly leftAt: Map<number, number> = new Map();
  /** Called for every process that a signal reaches. */
  onSignal: (proc: Proc, signal: string) => void = () => {};
  /** What is built now was there so long ago: negative milliseconds. */
  past = 0;
  /** The time. */
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

  /** Tells whether something happens that has a chance. */
  chance(share: number): boolean {
    return this.#random() < share;
  }

  /** Chooses one of some things. */
  pick<T>(choices: readonly T[]): T | undefined {
    return choices[Math.floor(this.#random() * choices.length)];
  }

  /** The processes that live. */
  living(): readonly Proc[] {
    return [...this.table.values()].filter(({ state }) => state === "alive");
  }

  #now(): number {
    return this.time.now() + this.past;
  }

  /** Starts a process. */
  fork(parent: Proc | undefined, traits: Traits, number?: number): Proc {
    const pid = number ?? this.#freeNumber();
    const { leads } = traits;
    const inherit = parent ?? { group: pid, session: pid };
    const proc: Proc = {
      party: parent?.party ?? OTHER,
      ...(parent?.run === undefined ? {} : { run: parent.run }),
      ...(parent?.cwd === undefined ? {} : { cwd: parent.cwd }),
      ...traits,
      pid,
      start: `boot/${this.everyone.length}`,
      serial: this.everyone.length,
      bornAt: this.#now(),
      forkedBy: parent,
      ppid: parent?.pid ?? 0,
      group: this.windows ? 0 : leads ? pid : inherit.group,
      session: this.windows ? 0 : leads === "session" ? pid : inherit.session,
      state: "alive",
      ending: false,
    };
    this.table.set(pid, proc);
    this.everyone.push(proc);
    // What is built did not begin all at once.
    const step = this.windows ? STEP_ON_WINDOWS : STEP;
    this.past = Math.min(0, this.past + step);
    return proc;
  }

  /** Ends a process; its number is free unless its parent does not reap it. */
  end(proc: Proc, hasSuccessor = false): void {
    if (proc.state !== "alive") return;
    if (this.windows && this.past === 0 && !hasSuccessor) {
      this.kept.add(proc.pid);
    }
    for (const socket of [...this.sockets]) {
      if (!socket.owners.delete(proc) || socket.owners.size > 0) continue;
      this.sockets.delete(socket);
      this.leftAt.set(socket.port, this.#now());
    }
    const parent = this.table.get(proc.ppid);
    const stays = !this.windows && parent?.neglects && parent.state === "alive";
    proc.state = "zombie";
    if (!stays) this.#bury(proc);
    if (!this.windows) this.#orphan(proc);
    this.#reviveLater(proc);
    proc.onEnd?.();
  }

  #bury(proc: Proc): void {
    proc.state = "gone";
    this.table.delete(proc.pid);
    this.#freed.push(proc.pid);
  }

  #orphan(parent: Proc): void {
    for (const child of [...this.table.values()]) {
      if (child.ppid !== parent.pid || child === parent) continue;
      child.ppid = 1;
      if (child.state === "zombie") this.#bury(child);
    }
  }

  #reviveLater(proc: Proc): void {
    const master = proc.forkedBy;
    if (master?.respawns === undefined) return;
    const ports = [...this.sockets].map(({ port }) => port);
    const served = portOf.get(proc);
    this.time.later(master.respawns, () => {
      if (master.state !== "alive" || master.ending) return;
      const { name, lag = 0 } = proc;
      const child = this.fork(master, { name, lag });
      child.successorOf = proc;
      if (served && !ports.includes(served)) this.listen(child, served);
    });
  }

  /** Opens a port, unless another has it. */
  listen(proc: Proc, port: number, address = "127.0.0.1"): boolean {
    if (proc.state !== "alive") return false;
    const isTaken = [...this.sockets].some((socket) =>
      socket.port === port && socket.address === address
    );
    if (isTaken) return false;
    const bornAt = this.#now();
    const owners = new Set([proc]);
    this.sockets.add({ port, address, owners, maker: proc, bornAt });
    portOf.set(proc, port);
    return true;
  }

  /** The sockets on a port. */
  socketsOn(port: number): readonly Socket[] {
    return [...this.sockets].filter((socket) => socket.port === port);
  }

  /** The numbers that nothing has: a group keeps the number of its wrapper. */
  #freeNumber(): number {
    const taken = new Set<number>([SELF]);
    for (const { pid, group, session } of this.table.values()) {
      taken.add(pid).add(group).add(session);
    }
    for (const { maker } of this.sockets) taken.add(maker.pid);
    for (const pid of this.kept) taken.add(pid);
    // The last one freed is given first: the worst that can happen.
    for (let at = this.#freed.length - 1; at >= 0; at--) {
      const number = this.#freed[at] ?? 0;
      if (taken.has(number)) continue;
      this.#freed.splice(at, 1);
      return number;
    }
    return ++this.#highest;
  }

  /** What `kill` of the OS does: a negative number is a group. */
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
      this.#obey(proc, signal);
    }
  }

  #obey(proc: Proc, signal: string): void {
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
      // Linux counts in hundredths of a second; where parents are stale, two
      // in one tick of Windows could not be told apart.
      order: this.windows ? proc.serial : Math.floor(proc.bornAt / 10),
      startedAt: BEGIN + proc.bornAt,
      cpuSeconds: 0,
      memoryBytes: 0,
    }]));
  }

  /** The listeners as the OS shows them. */
  rows(): readonly Listener[] {
    return [...this.sockets].map(({ port, address, owners, maker }) => ({
      port,
      address,
      pids: this.windows
        ? [maker.pid]
        : [...owners].filter(({ denied }) => !denied).map(({ pid }) => pid),
    }));
  }

  /** Goes on as another process that has left session and parent. */
  #handOver(proc: Proc): void {
    const { name, lag = 0 } = proc;
    const heir = this.fork(proc, { name, lag, leads: "session" });
    for (const { owners } of this.sockets) {
      if (owners.has(proc)) owners.add(heir);
    }
    this.end(proc);
  }

  /** Something happens that nobody asked for. */
  disturb(share: number, ports: readonly number[]): void {
    if (!this.chance(share)) return;
    const mortal = this.living().filter(({ protectedPids, party }) =>
      !protectedPids && party.kind !== "bystander"
    );
    const victim = this.pick(mortal);
    const init = this.table.get(1);
    const kind = this.pick(EVENTS);
    if (kind === "bind") {
      const taker = this.fork(init, { name: "taker", leads: "session" });
      this.listen(taker, this.pick(ports) ?? 1, "0.0.0.0");
    }
    if (victim && kind === "fork") {
      this.fork(victim, { name: victim.name, lag: victim.lag ?? 0 });
    }
    if (victim && kind === "hand over") this.#handOver(victim);
    if (victim && (kind === "end" || kind === "swap")) {
      this.end(victim, kind === "swap");
      if (kind === "end") return;
      // Mostly given the number that was freed just now.
      this.fork(init, { name: victim.name, leads: "session", cwd: "/srv" });
    }
  }
}

/** What happens by itself; that a number is used again at once most of all. */
const EVENTS = [
  "swap",
  "swap",
  "swap",
  "end",
  "fork",
  "hand over",
  "bind",
] as const;

/** The port that a process serves, for those who bring it back. */
const portOf = new WeakMap<Proc, number>();
