/** Data with every field filled in, and a machine in memory. */

import type { Platform, SpawnRequest } from "../../lib/platform/platform.ts";
import type { Exit } from "../../lib/core/exit.ts";
import type {
  Diagnosis,
  Health,
  Holder,
  Identity,
  Listener,
  Lookup,
  Probe,
  ProcessDetail,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  RunRecordReading,
  Service,
  TaggedProcess,
  World,
} from "../../lib/core/model.ts";
import { type Host, systemHost } from "../../lib/platform/host.ts";
import { findAlive } from "../../lib/core/process_tree.ts";

/** The present, in milliseconds since 1970. */
export const NOW: number = Date.parse("2026-11-21T10:00:00Z");

/** The folder of the project. */
export const ROOT = "/home/ada/shop";

/** The process id of devsvc. */
export const SELF = 900;

/** Makes a process that leads its group and session; a low id is an old one. */
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

/** Makes a table of processes. */
export function makeTable(...entries: readonly ProcessEntry[]): ProcessTable {
  return new Map(entries.map((entry) => [entry.pid, entry]));
}

/** Makes a listening socket. */
export function makeListener(
  port: number,
  pids: readonly number[],
  address = "127.0.0.1",
): Listener {
  return { address, port, pids };
}

/** Makes a service named `api` on port 8000. */
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
    restart: { when: "never", limit: 5, delay: 500 },
    live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
    log: { size: 10_000_000, keep: 5 },
    ...fields,
  };
}

/** Makes a service without a port. */
export function makeWorker(
  fields: Partial<Omit<Service, "port">> = {},
): Service {
  const { port: _, ...service } = makeService(fields);
  return service;
}

/** Makes the run record of a service that was proven ready 50 seconds ago. */
export function makeRunRecord(
  process: Identity,
  fields: Partial<Omit<RunRecord, "pid" | "start">> = {},
): RunRecord {
  return {
    version: 1,
    service: "api",
    run: "f0f0f0f0-0000-4000-8000-000000000001",
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

/** Makes a world in which nothing runs and nothing is known. */
export function makeWorld(fields: Partial<World> = {}): World {
  return {
    now: NOW,
    root: ROOT,
    self: SELF,
    listeners: { ok: true, value: [] },
    processes: { ok: true, value: new Map() },
    taggedProcesses: { ok: true, value: [] },
    details: new Map(),
    projects: new Map(),
    folders: new Map(),
    probes: new Map(),
    unidentifiedHolders: new Map(),
    records: new Map(),
    configHashes: new Map(),
    health: new Map(),
    endings: new Map(),
    supervision: new Map(),
    environmentChanges: new Map(),
    ...fields,
  };
}

/** What can be observed of one service on port 8000. */
export interface Scene {
  /** The sockets. */
  readonly rows?: readonly Listener[];
  /** The processes. */
  readonly processes?: readonly ProcessEntry[];
  /** The result of reading its run record. */
  readonly record?: RunRecord | RunRecordReading;
  /** The details of a holder. */
  readonly detail?: ProcessDetail;
  /** The result of the probe. */
  readonly probe?: Probe;
  /** The processes that carry a run id, by it. */
  readonly processesByRunId?: ReadonlyMap<string, readonly number[]>;
  /** The processes that name a run, besides. */
  readonly tagged?: readonly TaggedProcess[];
  /** The result of its checks. */
  readonly health?: Health;
}

/** Makes processes that name a run of the service `api`, and no project. */
export function makeTagged(
  processesByRunId: ReadonlyMap<string, readonly number[]>,
): readonly TaggedProcess[] {
  return [...processesByRunId].flatMap(([run, pids]) =>
    pids.map((pid) => ({ pid, run, service: "api" }))
  );
}

/** Makes the world of a scene. */
export function makeScene(scene: Scene, fields: Partial<World> = {}): World {
  const { record, detail, probe, health } = scene;
  const reading: RunRecordReading | undefined = record && "version" in record
    ? { kind: "valid", record }
    : record;
  return makeWorld({
    listeners: { ok: true, value: scene.rows ?? [] },
    processes: { ok: true, value: makeTable(...scene.processes ?? []) },
    taggedProcesses: {
      ok: true,
      value: [
        ...makeTagged(scene.processesByRunId ?? new Map()),
        ...scene.tagged ?? [],
      ],
    },
    details: new Map(detail ? [[detail.pid, detail]] : []),
    probes: new Map(probe ? [[8000, probe]] : []),
    records: new Map(reading ? [["api", reading]] : []),
    configHashes: new Map([["api", "hash"]]),
    health: new Map(health ? [["api", health]] : []),
    ...fields,
  });
}

/** Makes the holder of a port. */
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

/** Makes a diagnosis of a free port. */
export function makeDiagnosis(fields: Partial<Diagnosis> = {}): Diagnosis {
  return {
    service: makeService(),
    state: "free",
    holders: [],
    tree: [],
    health: "unknown",
    configChanged: false,
    environmentChanges: [],
    restarts: 0,
    ...fields,
  };
}

/** A machine in memory; a test may change it at any time. */
export interface FakeMachine {
  /** Its processes. */
  readonly processes: Map<number, ProcessEntry>;
  /** Its listening sockets. */
  readonly listeners: Listener[];
  /** The processes that carry a run id, by it. */
  readonly processesByRunId: Map<string, readonly number[]>;
  /** Other processes that name a run. */
  readonly tagged: TaggedProcess[];
  /** The details of some processes. */
  readonly details: Map<number, ProcessDetail>;
  /** The results of probes; `free` if nothing is set. */
  readonly probes: Map<number, Probe>;
  /** The methods that were called, in order. */
  readonly calls: string[];
  /** The signals that were sent, as `SIGTERM 100` or `SIGTERM group 100`. */
  readonly signals: string[];
  /** The requests to start processes, in order. */
  readonly requests: SpawnRequest[];
  /** Ends a process: removes its entry and its sockets. */
  end(pid: number): void;
  /** Its platform. */
  readonly platform: Platform;
}

/** Makes the host of a platform; all but the platform is of this machine. */
export function makeHost(
  platform: Platform,
  changes: Partial<Omit<Host, "platform">> = {},
): Host {
  return { ...systemHost(platform), ...changes };
}

/** Makes a machine on which every signal ends the processes that it reaches. */
export function makeMachine(
  overrides:
    | Partial<Platform>
    | ((fakePlatform: Platform) => Partial<Platform>) = {},
): FakeMachine {
  const processes = new Map<number, ProcessEntry>();
  const listeners: Listener[] = [];
  const processesByRunId = new Map<string, readonly number[]>();
  const tagged: TaggedProcess[] = [];
  const details = new Map<number, ProcessDetail>();
  const probes = new Map<number, Probe>();
  const calls: string[] = [];
  const signals: string[] = [];
  const requests: SpawnRequest[] = [];
  const exits = new Map<number, (exit: Exit) => void>();
  const end = (pid: number): void => {
    processes.delete(pid);
    for (const [run, pids] of processesByRunId) {
      processesByRunId.set(run, pids.filter((carrier) => carrier !== pid));
    }
    const at = tagged.findIndex((process) => process.pid === pid);
    if (at >= 0) tagged.splice(at, 1);
    for (const [index, row] of [...listeners.entries()].toReversed()) {
      const pids = row.pids.filter((owner) => owner !== pid);
      if (pids.length === row.pids.length) continue;
      listeners.splice(index, 1, ...pids.length > 0 ? [{ ...row, pids }] : []);
    }
    exits.get(pid)?.({ code: 0, signal: null });
  };
  const fakePlatform: Platform = {
    self: SELF,
    probesFirst: false,
    groups: "group",
    listeners: () => known([...listeners]),
    processTable: () => known(new Map(processes)),
    details: (pids) =>
      Promise.resolve(
        new Map([...details].filter(([pid]) => pids.includes(pid))),
      ),
    identity: (pid) => {
      const entry = processes.get(pid);
      const value = entry && !entry.zombie
        ? { pid, start: entry.start }
        : undefined;
      return known(value);
    },
    mayExist: (pid) => processes.has(pid),
    environments: () => Promise.resolve(new Map()),
    taggedProcesses: () => known([...makeTagged(processesByRunId), ...tagged]),
    unidentifiedHolders: () => Promise.resolve(new Map()),
    probe: (port) => Promise.resolve(probes.get(port) ?? "free"),
    signal: (target, signal, scope) => {
      if (!findAlive(target, processes)) return Promise.resolve("gone");
      const reach = scope === "group" ? "group " : "";
      signals.push(`${signal} ${reach}${target.pid}`);
      for (const { pid, group } of [...processes.values()]) {
        if ((scope === "group" ? group : pid) === target.pid) end(pid);
      }
      return Promise.resolve("sent");
    },
    spawnSuspended: (request) => {
      requests.push(request);
      const pid = Math.max(1000, ...processes.keys()) + 1;
      const { start } = makeEntry(pid);
      const exited = new Promise<Exit>((resolve) => exits.set(pid, resolve));
      processes.set(pid, makeEntry(pid, { name: "sh" }));
      return Promise.resolve({
        pid,
        start,
        exited,
        resume: () => Promise.resolve(void processes.set(pid, makeEntry(pid))),
        discard: () => Promise.resolve(end(pid)),
      });
    },
    punchHole: () => Promise.resolve(false),
    collapseHead: () => Promise.resolve(false),
    spawnBackground: () => Promise.resolve(),
    ownsConsole: () => Promise.resolve(false),
  };
  const changes = typeof overrides === "function"
    ? overrides(fakePlatform)
    : overrides;
  return {
    processes,
    listeners,
    processesByRunId,
    tagged,
    details,
    probes,
    calls,
    signals,
    requests,
    end,
    platform: recordCalls({ ...fakePlatform, ...changes }, calls),
  };
}

function known<T>(value: T): Promise<Lookup<T>> {
  return Promise.resolve({ ok: true, value });
}

function recordCalls(fakePlatform: Platform, calls: string[]): Platform {
  return new Proxy(fakePlatform, {
    get: (target, key, receiver) => {
      const value = Reflect.get(target, key, receiver);
      if (typeof value === "function") calls.push(String(key));
      return value;
    },
  });
}
