/**
 * What tests are made of: one of each kind of data with every field filled in,
 * and a machine that only exists in memory.
 *
 * @module
 */

import type { Exit, Platform } from "../platform/platform.ts";
import type {
  Diagnosis,
  Holder,
  Identity,
  Lease,
  Listener,
  Probe,
  ProcessDetail,
  ProcessEntry,
  ProcessTable,
  Service,
  World,
} from "./model.ts";

/** When everything happens, in milliseconds since 1970. */
export const NOW = Date.parse("2026-11-21T10:00:00Z");

/** The folder of the project. */
export const ROOT = "/home/ada/shop";

/** The process id of devsvc. */
export const SELF = 900;

/**
 * Makes a process: it leads its own group and session, and is the older the
 * lower its id.
 *
 * @param pid Its id.
 * @param fields What is different.
 * @returns The process.
 */
export function makeEntry(
  pid: number,
  fields: Partial<Omit<ProcessEntry, "pid">> = {},
): ProcessEntry {
  return {
    pid,
    start: `boot/${pid}`,
    ppid: 1,
    group: pid,
    session: pid,
    name: "node",
    zombie: false,
    order: pid,
    startedAt: NOW - 60_000,
    cpuSeconds: 1,
    memoryBytes: 1024 * 1024,
    ...fields,
  };
}

/**
 * Makes a table of processes.
 *
 * @param entries The processes.
 * @returns The table.
 */
export function makeTable(...entries: readonly ProcessEntry[]): ProcessTable {
  return new Map(entries.map((entry) => [entry.pid, entry]));
}

/**
 * Makes a listening socket.
 *
 * @param port Its port.
 * @param pids Its owners.
 * @param address Its address.
 * @returns The socket.
 */
export function makeListener(
  port: number,
  pids: readonly number[],
  address = "127.0.0.1",
): Listener {
  return { address, port, pids };
}

/**
 * Makes a service named `api` on port 8000.
 *
 * @param fields What is different.
 * @returns The service.
 */
export function makeService(fields: Partial<Service> = {}): Service {
  return {
    name: "api",
    label: "API",
    command: "node server.js",
    cwd: ROOT,
    port: 8000,
    ready: [],
    readyTimeout: 60_000,
    dependsOn: [],
    env: {},
    stop: { signal: "SIGTERM", timeout: 5_000 },
    ...fields,
  };
}

/**
 * Makes a service without a port.
 *
 * @param fields What is different.
 * @returns The service.
 */
export function makeWorker(
  fields: Partial<Omit<Service, "port">> = {},
): Service {
  const { port: _, ...service } = makeService(fields);
  return service;
}

/**
 * Makes the lease of a service that was proven ready 50 seconds ago.
 *
 * @param process The process that it names.
 * @param fields What is different.
 * @returns The lease.
 */
export function makeLease(
  process: Identity,
  fields: Partial<Omit<Lease, "pid" | "start">> = {},
): Lease {
  return {
    version: 1,
    service: "api",
    run: "f0f0-1",
    pid: process.pid,
    start: process.start,
    port: 8000,
    command: "node server.js",
    configHash: "hash",
    startedAt: new Date(NOW - 60_000).toISOString(),
    readyAt: new Date(NOW - 50_000).toISOString(),
    logOffset: 0,
    ...fields,
  };
}

/**
 * Makes the lease of a service that was not proven ready yet.
 *
 * @param process The process that it names.
 * @param age How long ago it was started, in milliseconds.
 * @returns The lease.
 */
export function makeYoungLease(process: Identity, age: number): Lease {
  const startedAt = new Date(NOW - age).toISOString();
  const { readyAt: _, ...lease } = makeLease(process, { startedAt });
  return lease;
}

/**
 * Makes a world in which nothing runs and nothing is known.
 *
 * @param fields What is different.
 * @returns The world.
 */
export function makeWorld(fields: Partial<World> = {}): World {
  return {
    now: NOW,
    root: ROOT,
    self: SELF,
    listeners: { ok: true, value: [] },
    processes: { ok: true, value: new Map() },
    carriers: new Map(),
    details: new Map(),
    probes: new Map(),
    leases: new Map(),
    configHashes: new Map(),
    health: new Map(),
    ...fields,
  };
}

/**
 * Makes the holder of a port.
 *
 * @param pid Its id.
 * @param fields What is different.
 * @returns The holder.
 */
export function makeHolder(
  pid: number,
  fields: Partial<Omit<Holder, "pid">> = {},
): Holder {
  return {
    pid,
    start: `boot/${pid}`,
    name: "node",
    args: ["/usr/bin/node", "server.js"],
    startedAt: NOW - 60_000,
    addresses: ["127.0.0.1"],
    parents: [],
    protected: false,
    ...fields,
  };
}

/**
 * Makes a diagnosis of a free port.
 *
 * @param fields What is different.
 * @returns The diagnosis.
 */
export function makeDiagnosis(fields: Partial<Diagnosis> = {}): Diagnosis {
  return {
    service: makeService(),
    state: "free",
    holders: [],
    tree: [],
    health: "unknown",
    configChanged: false,
    ...fields,
  };
}

/** A machine in memory; a test may change it at any moment. */
export interface FakeMachine {
  /** Its processes. */
  readonly processes: Map<number, ProcessEntry>;
  /** Its listening sockets. */
  readonly listeners: Listener[];
  /** The processes that carry a mark, by its value. */
  readonly carriers: Map<string, readonly number[]>;
  /** What is told about some processes. */
  readonly details: Map<number, ProcessDetail>;
  /** What a probe of a port finds; `free` if nothing is set. */
  readonly probes: Map<number, Probe>;
  /** The methods that were called, in order. */
  readonly calls: string[];
  /** The signals that were sent, as `SIGTERM 100` or `SIGTERM group 100`. */
  readonly signals: string[];
  /** Ends a process: its entry and its sockets are gone. */
  end(pid: number): void;
  /** The door to it. */
  readonly platform: Platform;
}

/**
 * Makes a machine on which every signal ends whom it reaches.
 *
 * @param overrides What its door does differently; such a call is noted, too.
 * @returns The machine.
 */
export function makeMachine(overrides: Partial<Platform> = {}): FakeMachine {
  const processes = new Map<number, ProcessEntry>();
  const listeners: Listener[] = [];
  const carriers = new Map<string, readonly number[]>();
  const details = new Map<number, ProcessDetail>();
  const probes = new Map<number, Probe>();
  const calls: string[] = [];
  const signals: string[] = [];
  const exits = new Map<number, (exit: Exit) => void>();
  const end = (pid: number): void => {
    processes.delete(pid);
    for (const [index, row] of [...listeners.entries()].toReversed()) {
      const pids = row.pids.filter((owner) => owner !== pid);
      if (pids.length === row.pids.length) continue;
      listeners.splice(index, 1, ...pids.length > 0 ? [{ ...row, pids }] : []);
    }
    exits.get(pid)?.({ code: 0, signal: null });
  };
  const door: Platform = {
    listeners: () => Promise.resolve({ ok: true, value: [...listeners] }),
    processTable: () =>
      Promise.resolve({ ok: true, value: new Map(processes) }),
    details: (pids) =>
      Promise.resolve(
        new Map([...details].filter(([pid]) => pids.includes(pid))),
      ),
    identity: (pid) => {
      const entry = processes.get(pid);
      const value = entry && !entry.zombie
        ? { pid, start: entry.start }
        : undefined;
      return Promise.resolve({ ok: true, value });
    },
    carriers: () => Promise.resolve(new Map(carriers)),
    probe: (port) => Promise.resolve(probes.get(port) ?? "free"),
    signal: (target, signal, scope) => {
      const entry = processes.get(target.pid);
      if (!entry || entry.start !== target.start || entry.zombie) {
        return Promise.resolve("gone");
      }
      const reach = scope === "group" ? "group " : "";
      signals.push(`${signal} ${reach}${target.pid}`);
      for (const { pid, group } of [...processes.values()]) {
        const isMeant = scope === "group"
          ? group === target.pid
          : pid === target.pid;
        if (isMeant) end(pid);
      }
      return Promise.resolve("sent");
    },
    spawnDetached: () => {
      const pid = Math.max(1000, ...processes.keys()) + 1;
      const { start } = makeEntry(pid);
      const exited = new Promise<Exit>((resolve) => exits.set(pid, resolve));
      processes.set(pid, makeEntry(pid, { name: "gate" }));
      return Promise.resolve({
        pid,
        start,
        exited,
        open: () => {
          processes.set(pid, makeEntry(pid));
          return Promise.resolve();
        },
        abandon: () => Promise.resolve(end(pid)),
      });
    },
    reservedRanges: () => Promise.resolve({ ok: true, value: [] }),
    ...overrides,
  };
  return {
    processes,
    listeners,
    carriers,
    details,
    probes,
    calls,
    signals,
    end,
    platform: noted(door, calls),
  };
}

function noted(door: Platform, calls: string[]): Platform {
  return new Proxy(door, {
    get: (target, key, receiver) => {
      calls.push(String(key));
      return Reflect.get(target, key, receiver);
    },
  });
}

/**
 * Makes the time that devsvc waits by pass faster, until it is disposed of.
 *
 * @param factor How many times faster.
 * @returns What ends it.
 */
export function timeLapse(factor: number): Disposable {
  const real = performance.now;
  const begin = real.call(performance);
  performance.now = () => begin + (real.call(performance) - begin) * factor;
  return {
    [Symbol.dispose]: () => {
      performance.now = real;
    },
  };
}
