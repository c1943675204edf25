/** Builds the processes, sockets and run records of a random world. */

import type { RunRecord, Service } from "../../lib/core/model.ts";
import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import { recordFile } from "../../lib/runtime/state/run_record.ts";
import { BEGIN, makeDisk } from "./fake_clock.ts";
import type { Machine, Party, Proc, Traits } from "./fake_machine.ts";
import { SELF } from "./fake_machine.ts";
import type { Branch, Scene, ServiceScene } from "./world_generator.ts";

/** The folder of the project. */
export const PROJECT = "/home/ada/shop";

/** How long ago the shell of the user was started, in milliseconds. */
const LONG_AGO = 3_600_000;

/**
 * How long ago a service was started that is not ready, in milliseconds. On
 * Windows the children of a dead wrapper are known by when they began:
 * `lib/core/process_tree.ts`.
 */
const STARTED_AGO = { posix: 15_000, windows: 90_000 } as const;

const NESTED = `${PROJECT}/nested`;

const ELSEWHERE = "/home/ada/other";

/** The start of the first process of a container. */
export const OTHER_NAMESPACE = "999999@b007";

/** What the services run. */
const COMMAND = ["node", "server.js"] as const;

/**
 * How long no process gets the number of one that ended, in milliseconds: Linux
 * gives all others before (`lib/core/leftovers.ts`).
 */
const REUSE_TIME = 1_500;

const PROTECTED_PROGRAMS = [
  "docker-proxy",
  "sshd",
  "ControlCenter",
  "com.docker.backend",
];

/** A world that was built. */
export interface Built {
  /** The services as configured, also those that were removed since. */
  readonly services: readonly Service[];
  /** Those of services.toml. */
  readonly configured: readonly Service[];
  /** The files by path. */
  readonly files: Map<string, string>;
  /** Ports that a container publishes without a process. */
  readonly published: ReadonlySet<number>;
  /** The run ids of the valid run records. */
  readonly recorded: ReadonlySet<string>;
  /** The ids of the runs that devsvc can know of, by service. */
  readonly runs: ReadonlyMap<string, readonly string[]>;
  /** The starts of the wrappers, by service. */
  readonly wrappers: ReadonlyMap<string, string>;
}

/** The run id of an earlier run. */
export function runOf(service: string): string {
  const bytes = new TextEncoder().encode(service).slice(-6);
  return `f0f0f0f0-0000-4000-8000-${bytes.toHex().padStart(12, "0")}`;
}

/** The run id of one that was started beside it. */
export function secondRunOf(service: string): string {
  return `second-${service}`;
}

/** The port of a service; 0 for one without, where nothing listens. */
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
  const startedAgo = STARTED_AGO[scene.windows ? "windows" : "posix"];
  const services = scene.services.map((one, index) =>
    toService(one, index, startedAgo + 5_000, scene.services[index - 1])
  );
  const files = new Map<string, string>(
    [PROJECT, NESTED, ELSEWHERE].flatMap((root) =>
      [root, `${root}/services.toml`].map((path) => [path, ""] as const)
    ),
  );
  const dir = stateDirOf(PROJECT, makeDisk(files));
  ensureStateDir(dir);
  const origin = dir.origin();
  const key = origin.kind === "own" ? origin.key : "";
  const published = new Set<number>();
  const recorded = new Set<string>();
  const runs = new Map<string, readonly string[]>();
  const wrappers = new Map<string, string>();
  for (const [index, one] of scene.services.entries()) {
    const service = services[index];
    if (!service) continue;
    // A service that is not ready was started a short time ago.
    const past = one.unready ? startedAgo : LONG_AGO / (index + 2);
    machine.past = Math.max(machine.past, -past);
    const site: Site = { machine, service, one, scene, ...base };
    if (one.situation === "published" && !one.portless) {
      published.add(portOf(service));
    }
    machine.keeps.set(portOf(service), one.keeps);
    const wrapper = buildService(site);
    if (one.situation === "nothing" && !one.portless) {
      machine.close(portOf(service), one.keeps);
    }
    if (!wrapper) continue;
    wrappers.set(service.name, wrapper.start);
    const file = recordFile(dir, service.name);
    const text = recordText(site, wrapper, key);
    const first = runOf(service.name);
    // Without run ids, a run is known by its run record alone.
    if (one.record === "valid" || !machine.windows) {
      const isTwice = one.situation === "own twice" && !machine.windows;
      runs.set(service.name, [
        first,
        ...(isTwice ? [secondRunOf(service.name)] : []),
      ]);
    }
    if (text === undefined) continue;
    files.set(file, text);
    if (one.record === "valid") recorded.add(first);
  }
  machine.past = 0;
  const parent = scene.inside
    ? machine.living().find(({ party }) => party.kind === "own")
    : undefined;
  machine.fork(parent ?? base.shell, { name: "devsvc", cwd: PROJECT }, SELF);
  const configured = services.filter((_, index) =>
    !scene.services[index]?.removed
  );
  return { services, configured, files, published, recorded, runs, wrappers };
}

interface Base {
  /** The first process. */
  readonly init: Proc;
  /** The shell that devsvc was called from. */
  readonly shell: Proc;
  /** Another shell of the user. */
  readonly otherShell: Proc;
}

interface Site extends Base {
  readonly machine: Machine;
  readonly service: Service;
  readonly one: ServiceScene;
  readonly scene: Scene;
}

function buildBase(machine: Machine, { shell, windows }: Scene): Base {
  const traits = {
    name: windows ? "wininit.exe" : "systemd",
    protected: true,
  };
  const init = machine.fork(undefined, traits, 1);
  if (windows) {
    machine.fork(undefined, { name: "System", protected: true }, 4);
  }
  const session = machine.fork(init, {
    name: windows ? "explorer.exe" : "sshd",
    protected: true,
    leads: "session",
    cwd: "/",
  });
  const openShell = () =>
    machine.fork(session, { name: shell, leads: "session", cwd: PROJECT });
  return { init, shell: openShell(), otherShell: openShell() };
}

function toService(
  one: ServiceScene,
  index: number,
  readyTimeout: number,
  before: ServiceScene | undefined,
): Service {
  const name = nameOf(index);
  return {
    name,
    label: name,
    command: COMMAND.join(" "),
    cwd: PROJECT,
    ...(one.portless ? {} : { port: 8000 + index }),
    ready: [],
    readyTimeout,
    dependsOn: one.depends && before && !before.removed
      ? [nameOf(index - 1)]
      : [],
    env: {},
    stop: { signal: one.signal, timeout: one.timeout },
    restart: { when: "never", limit: 5, delay: 500 },
    live: { every: 30_000, failures: 3, restart: false, timeout: 10_000 },
    log: { size: 10_000_000, keep: 5 },
  };
}

function nameOf(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}

/** Builds the processes of a service; returns the wrapper of its run record. */
function buildService(site: Site): Proc | undefined {
  const { machine, service, one, init, shell, otherShell } = site;
  const { situation } = one;
  const port = portOf(service);
  const addHolder = (traits: Traits, address?: string) => {
    const proc = machine.fork(init, { leads: "session", ...traits });
    if (port > 0) machine.listen(proc, port, address);
    return proc;
  };
  switch (situation) {
    case "nothing":
    case "published":
      return undefined;
    case "nested project":
    case "copy": {
      const isCopy = situation === "copy";
      const root = isCopy ? ELSEWHERE : NESTED;
      const wrapper = buildTree(site, init, {
        party: { kind: "foreign" },
        run: isCopy ? runOf(service.name) : "nested",
        tag: { root, service: service.name },
        cwd: root,
      });
      // A copy has the run record, too; its processes show that it is one.
      const isShown = !machine.windows && site.scene.failing === 0 &&
        !one.branches.includes("clean");
      return isCopy && isShown ? wrapper : undefined;
    }
    case "own in Ctrl-Z": {
      const wrapper = machine.fork(init, {
        party: { kind: "own", service: service.name },
        tag: { service: service.name, root: PROJECT },
        run: runOf(service.name),
        name: "sh",
        cwd: PROJECT,
        leads: "session",
        suspended: true,
      });
      const server = machine.fork(wrapper, { name: "node", suspended: true });
      if (port > 0) machine.listen(server, port);
      return wrapper;
    }
    case "own":
    case "own twice":
    case "own beside a foreign process": {
      const run = runOf(service.name);
      const party: Party = { kind: "own", service: service.name };
      const tag = {
        service: service.name,
        ...(one.rootless ? {} : { root: PROJECT }),
      };
      const traits = { party, tag, cwd: PROJECT };
      const wrapper = buildTree(site, init, { ...traits, run });
      if (situation === "own") return wrapper;
      if (situation === "own twice") {
        const second = secondRunOf(service.name);
        if (!machine.windows) buildTree(site, init, { ...traits, run: second });
        return wrapper;
      }
      const foreign: Party = { kind: "foreign" };
      addHolder({ name: "node", cwd: ELSEWHERE, party: foreign }, "127.0.0.2");
      return wrapper;
    }
    case "nested by hand":
      buildTree(site, otherShell, {
        // Without its folder, its command is that of the service.
        party: machine.windows
          ? { kind: "untracked", service: service.name }
          : { kind: "foreign" },
        args: COMMAND,
        cwd: `${NESTED}/app`,
      });
      return undefined;
    case "untracked":
      buildTree(site, otherShell, {
        party: { kind: "untracked", service: service.name },
        args: COMMAND,
        cwd: PROJECT,
      });
      return undefined;
    case "database":
      buildTree(site, otherShell, {
        party: { kind: "foreign" },
        args: ["postgres", "-D", "data"],
        cwd: PROJECT,
      });
      return undefined;
    case "foreign":
      buildTree(site, init, { party: { kind: "foreign" }, cwd: ELSEWHERE });
      return undefined;
    case "protected":
      addHolder({
        name: PROTECTED_PROGRAMS[one.holder] ?? "sshd",
        protected: true,
        cwd: PROJECT,
      });
      return undefined;
    case "denied":
      addHolder({ name: "postgres", denied: true, party: { kind: "foreign" } });
      return undefined;
    case "ancestor":
      if (port > 0) machine.listen(shell, port);
      return undefined;
    case "other namespace":
      return machine.windows ? undefined : machine.fork(init, {
        name: "node",
        leads: "session",
        cwd: ELSEWHERE,
        party: { kind: "foreign" },
      });
    case "dead": {
      const wrapper = addHolder({ name: "node" });
      machine.end(wrapper);
      machine.past += REUSE_TIME;
      if (machine.windows) machine.notReused.add(wrapper.pid);
      return wrapper;
    }
    case "recycled": {
      const wrapper = addHolder({ name: "node" });
      machine.end(wrapper);
      machine.past += REUSE_TIME;
      const other = machine.fork(init, { name: "node", leads: "session" });
      machine.fork(other, { name: "worker" });
      return wrapper;
    }
  }
}

/** Builds a wrapper or supervisor with its children; some hold the port. */
function buildTree(
  { machine, service, one }: Site,
  parent: Proc,
  traits: Pick<Traits, "party" | "run" | "tag" | "cwd" | "args">,
): Proc {
  const lagOf = (index: number) => ({ lag: one.lags[index] ?? 0 });
  const root = machine.fork(parent, {
    ...traits,
    name: "nodemon",
    leads: "session",
    undying: one.undying,
    suspended: one.suspended,
    leavesZombies: one.branches.includes("zombie"),
    ...lagOf(0),
    ...(one.respawns === null ? {} : { respawns: one.respawns }),
  });
  const all = [root];
  for (const [index, branch] of one.branches.entries()) {
    const under = branch === "grandchild" ? all.at(-1) ?? root : root;
    const proc = machine.fork(under, {
      ...branchTraits(branch),
      suspended: one.suspended,
      ...lagOf(index + 1),
    });
    if (branch === "escaped" && !machine.windows) proc.ppid = 1;
    if (branch === "zombie") machine.end(proc);
    else all.push(proc);
  }
  openPort(machine, portOf(service), all, one.holder);
  if (one.headless && all.length > 1) {
    machine.end(root);
    machine.past += REUSE_TIME;
    if (machine.windows) machine.notReused.add(root.pid);
  }
  return root;
}

function branchTraits(branch: Branch): Traits {
  switch (branch) {
    case "escaped":
      return { name: "daemon", leads: "session" };
    case "own group":
      return { name: "job", leads: "group" };
    case "disguised":
      return { name: "sshd", protected: true };
    case "clean":
      return { name: "worker", clean: true };
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
  key: string,
): string | undefined {
  const written = new Date(BEGIN + bornAt).toISOString();
  const record: RunRecord & { readonly key: string } = {
    key,
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
    ...(one.situation === "other namespace"
      ? { pidNamespace: OTHER_NAMESPACE }
      : {}),
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
