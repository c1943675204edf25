/**
 * Puts the processes, sockets and run records of a random world in their places.
 *
 * @module
 */

import type { RunRecord, Service } from "../../lib/core/model.ts";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import { recordFile } from "../../lib/runtime/state/run_record.ts";
import { BEGIN } from "./fake_clock.ts";
import type { Machine, Party, Proc, Traits } from "./fake_machine.ts";
import { SELF } from "./fake_machine.ts";
import type { Branch, Scene, ServiceScene } from "./world_generator.ts";

/** The folder of the project. */
export const PROJECT = "/home/ada/shop";

/** When the user sat down, in milliseconds ago. */
const LONG_AGO = 3_600_000;

/**
 * How long ago a service was started that is not ready. On Windows, who is the
 * child of a dead wrapper is told by when it began: `lib/core/process_tree.ts`.
 */
const A_MOMENT = { posix: 15_000, windows: 90_000 } as const;

const ELSEWHERE = "/home/ada/other";

const SACRED = ["docker-proxy", "sshd", "ControlCenter", "com.docker.backend"];

/** What was put in its place. */
export interface Built {
  /** The services as configured. */
  readonly services: readonly Service[];
  /** The disk. */
  readonly files: Map<string, string>;
  /** Ports that a container publishes without a process. */
  readonly published: ReadonlySet<number>;
  /** The marks of runs whose run record is valid, by service. */
  readonly believed: ReadonlyMap<string, string>;
  /** The starts of the wrappers, by service. */
  readonly wrappers: ReadonlyMap<string, string>;
}

/** The mark of what ran before. */
export function runOf(service: string): string {
  return `run-${service}`;
}

/** The port of a service; 0, on which nobody listens, for one without. */
export function portOf({ port }: Service): number {
  return port ?? 0;
}

/**
 * Builds a world.
 *
 * @param machine An empty machine.
 */
export function buildWorld(machine: Machine, scene: Scene): Built {
  machine.past = -LONG_AGO;
  const base = buildBase(machine, scene);
  const moment = A_MOMENT[scene.windows ? "windows" : "posix"];
  const services = scene.services.map((one, index) =>
    toService(one, index, moment + 5_000)
  );
  const files = new Map<string, string>();
  const published = new Set<number>();
  const believed = new Map<string, string>();
  const wrappers = new Map<string, string>();
  for (const [index, one] of scene.services.entries()) {
    const service = services[index];
    if (!service) continue;
    // Whoever is not ready was started a moment ago; time only goes on.
    const past = one.unready ? moment : LONG_AGO / (index + 2);
    machine.past = Math.max(machine.past, -past);
    const site: Site = { machine, service, one, ...base };
    if (one.situation === "published" && !one.portless) {
      published.add(portOf(service));
    }
    const wrapper = buildService(site);
    if (!wrapper) continue;
    wrappers.set(service.name, wrapper.start);
    const file = recordFile(stateDirOf(PROJECT), service.name);
    const text = recordText(site, wrapper);
    if (text === undefined) continue;
    files.set(file, text);
    if (one.record === "valid") believed.set(service.name, runOf(service.name));
  }
  machine.past = 0;
  const host = scene.inside
    ? machine.living().find(({ party }) => party.kind === "own")
    : undefined;
  machine.fork(host ?? base.seat, { name: "devsvc", cwd: PROJECT }, SELF);
  return { services, files, published, believed, wrappers };
}

interface Base {
  /** The first process. */
  readonly init: Proc;
  /** Where devsvc was called from. */
  readonly seat: Proc;
  /** Where the user sits besides. */
  readonly desk: Proc;
}

interface Site extends Base {
  readonly machine: Machine;
  readonly service: Service;
  readonly one: ServiceScene;
}

function buildBase(machine: Machine, { seat, windows }: Scene): Base {
  const traits = {
    name: windows ? "wininit.exe" : "systemd",
    protectedPids: true,
  };
  const init = machine.fork(undefined, traits, 1);
  if (windows) {
    machine.fork(undefined, { name: "System", protectedPids: true }, 4);
  }
  const fakePlatform = machine.fork(init, {
    name: windows ? "explorer.exe" : "sshd",
    protectedPids: true,
    leads: "session",
    cwd: "/",
  });
  const sit = () =>
    machine.fork(fakePlatform, { name: seat, leads: "session", cwd: PROJECT });
  return { init, seat: sit(), desk: sit() };
}

function toService(
  one: ServiceScene,
  index: number,
  readyTimeout: number,
): Service {
  const name = nameOf(index);
  return {
    name,
    label: name,
    command: "node server.js",
    cwd: PROJECT,
    ...(one.portless ? {} : { port: 8000 + index }),
    ready: [],
    readyTimeout,
    dependsOn: one.depends && index > 0 ? [nameOf(index - 1)] : [],
    env: {},
    stop: { signal: one.signal, timeout: one.timeout },
    restart: { when: "never", limit: 5, delay: 500 },
    live: { every: 30_000, failures: 3, restart: false },
    log: { size: 10_000_000, keep: 5 },
  };
}

function nameOf(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

/** Builds what a service is in; tells the wrapper that a run record is about. */
function buildService(site: Site): Proc | undefined {
  const { machine, service, one, init, seat, desk } = site;
  const { situation } = one;
  const port = portOf(service);
  const stand = (traits: Traits, address?: string) => {
    const proc = machine.fork(init, { leads: "session", ...traits });
    if (port > 0) machine.listen(proc, port, address);
    return proc;
  };
  switch (situation) {
    case "nothing":
    case "published":
      return undefined;
    case "own":
    case "own beside a stranger": {
      const run = runOf(service.name);
      const party: Party = { kind: "own", service: service.name };
      const wrapper = buildTree(site, init, { party, run, cwd: PROJECT });
      if (situation === "own") return wrapper;
      const party2: Party = { kind: "foreign" };
      stand({ name: "node", cwd: ELSEWHERE, party: party2 }, "127.0.0.2");
      return wrapper;
    }
    case "untracked":
      buildTree(site, desk, {
        party: { kind: "untracked", service: service.name },
        cwd: PROJECT,
      });
      return undefined;
    case "foreign":
      buildTree(site, init, { party: { kind: "foreign" }, cwd: ELSEWHERE });
      return undefined;
    case "sacred":
      stand({
        name: SACRED[one.holder] ?? "sshd",
        protectedPids: true,
        cwd: PROJECT,
      });
      return undefined;
    case "denied":
      stand({ name: "postgres", denied: true, party: { kind: "foreign" } });
      return undefined;
    case "ancestor":
      if (port > 0) machine.listen(seat, port);
      return undefined;
    case "dead": {
      const wrapper = stand({ name: "node" });
      machine.end(wrapper);
      if (machine.windows) machine.kept.add(wrapper.pid);
      return wrapper;
    }
    case "recycled": {
      const wrapper = stand({ name: "node" });
      machine.end(wrapper);
      const other = machine.fork(init, { name: "node", leads: "session" });
      machine.fork(other, { name: "worker" });
      return wrapper;
    }
  }
}

/** A wrapper or supervisor with what it forked; some of them hold the port. */
function buildTree(
  { machine, service, one }: Site,
  parent: Proc,
  traits: Pick<Traits, "party" | "run" | "cwd">,
): Proc {
  const lagOf = (index: number) => ({ lag: one.lags[index] ?? 0 });
  const head = machine.fork(parent, {
    ...traits,
    name: "nodemon",
    leads: "session",
    undying: one.undying,
    neglects: one.branches.includes("zombie"),
    ...lagOf(0),
    ...(one.respawns === null ? {} : { respawns: one.respawns }),
  });
  const all = [head];
  for (const [index, branch] of one.branches.entries()) {
    const under = branch === "grandchild" ? all.at(-1) ?? head : head;
    const proc = machine.fork(under, {
      ...branchTraits(branch),
      ...lagOf(index + 1),
    });
    if (branch === "escaped" && !machine.windows) proc.ppid = 1;
    if (branch === "zombie") machine.end(proc);
    else all.push(proc);
  }
  openPort(machine, portOf(service), all, one.holder);
  if (one.headless && all.length > 1) {
    machine.end(head);
    if (machine.windows) machine.kept.add(head.pid);
  }
  return head;
}

function branchTraits(branch: Branch): Traits {
  switch (branch) {
    case "escaped":
      return { name: "daemon", leads: "session" };
    case "own group":
      return { name: "job", leads: "group" };
    case "disguised":
      return { name: "sshd", protectedPids: true };
    default:
      return { name: "worker" };
  }
}

function openPort(
  machine: Machine,
  port: number,
  all: readonly Proc[],
  holder: number,
): void {
  const chosen = all[Math.min(holder, all.length - 1)];
  if (port === 0 || !chosen) return;
  machine.listen(chosen, port);
  if (holder < 3) return;
  for (const socket of machine.socketsOn(port)) {
    for (const proc of all) {
      if (proc.state === "alive") socket.owners.add(proc);
    }
  }
}

function recordText(
  { service, one }: Site,
  { pid, start, bornAt }: Proc,
): string | undefined {
  const written = new Date(BEGIN + bornAt).toISOString();
  const record: RunRecord = {
    version: 1,
    service: service.name,
    run: runOf(service.name),
    pid,
    start,
    port: portOf(service),
    command: service.command,
    configHash: "other",
    startedAt: written,
    ...(one.unready ? {} : { readyAt: written }),
    logOffset: 0,
  };
  switch (one.record) {
    case "valid":
      return JSON.stringify(record);
    case "missing":
      return undefined;
    case "corrupt":
      return JSON.stringify(record).slice(0, 40);
    case "other version":
      return JSON.stringify({ ...record, version: 2 });
  }
}
