/**
 * Which processes belong together, where a service that devsvc did not start
 * is stopped, and which processes are never signalled; all from one table.
 */

import type {
  Identity,
  Listener,
  ProcessDetail,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  World,
} from "./model.ts";
import { projectAt } from "./project_of.ts";

/** Finds a living process; a zombie or another with its number is none. */
export function findAlive(
  identity: Identity,
  table: ProcessTable,
): ProcessEntry | undefined {
  const entry = table.get(identity.pid);
  return entry && entry.start === identity.start && !entry.zombie
    ? entry
    : undefined;
}

/**
 * Lists the parents of a process, nearest first. The chain ends before one that
 * is younger than its child: it was given the number of the real parent.
 */
export function parentsOf(
  pid: number,
  table: ProcessTable,
): readonly ProcessEntry[] {
  const parents: ProcessEntry[] = [];
  const seen = new Set([pid]);
  let child = table.get(pid);
  while (child) {
    const parent: ProcessEntry | undefined = table.get(child.ppid);
    if (!parent || seen.has(parent.pid) || parent.order > child.order) break;
    seen.add(parent.pid);
    parents.push(parent);
    child = parent;
  }
  return parents;
}

/** Adds to some processes all that descend from them, parents first. */
export function withDescendants(
  roots: readonly ProcessEntry[],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const children = Map.groupBy(table.values(), ({ ppid }) => ppid);
  const found = new Map<number, ProcessEntry>();
  const take = (entry: ProcessEntry): void => {
    if (found.has(entry.pid)) return;
    found.set(entry.pid, entry);
    for (const child of children.get(entry.pid) ?? []) {
      if (child.order >= entry.order) take(child);
    }
  };
  // A root below another is reached from there, after its parents.
  const given = new Set(roots.map(({ pid }) => pid));
  const topmost = roots.filter(({ pid }) =>
    !parentsOf(pid, table).some((parent) => given.has(parent.pid))
  );
  for (const root of [...topmost, ...roots]) take(root);
  return [...found.values()].filter((entry) => !entry.zombie);
}

/**
 * Finds the living processes of a service that devsvc started.
 *
 * While its wrapper lives, these are its session, its group and all that
 * descends from it. Once the wrapper is gone its number proves nothing, since
 * another session may have had it: then only the run id counts.
 *
 * @param byRunId The processes that carry the run id.
 * @returns The tree, root first; empty if nothing of it lives.
 */
export function treeOf(
  wrapper: Identity,
  byRunId: readonly number[],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const roots = new Map<number, ProcessEntry>();
  const alive = findAlive(wrapper, table);
  if (alive) {
    roots.set(alive.pid, alive);
    for (const entry of table.values()) {
      const isMember = (entry.session === wrapper.pid ||
        entry.group === wrapper.pid) && entry.order >= alive.order;
      if (isMember) roots.set(entry.pid, entry);
    }
  }
  for (const pid of byRunId) {
    const entry = table.get(pid);
    if (entry) roots.set(pid, entry);
  }
  return withDescendants([...roots.values()], table);
}

/**
 * Finds the main process of a service: the first that its wrapper runs, or the
 * first of the tree where the wrapper runs nothing.
 */
export function mainOf(
  tree: readonly ProcessEntry[],
  wrapper: Identity | undefined,
): ProcessEntry | undefined {
  const [root] = tree;
  if (!root || root.pid !== wrapper?.pid) return root;
  return tree.find(({ ppid }) => ppid === root.pid) ?? root;
}

/** How long after its run record the program of a service may begin, in milliseconds. */
const RESUME_TIME = 5_000;

/** How far the clocks of the run record and of the OS may differ, in milliseconds. */
const CLOCK_SLACK = 50;

/**
 * Finds the program that a dead wrapper has left behind on Windows, which
 * keeps the id of a dead parent. POSIX gives orphans another parent.
 *
 * A process that has the number of the wrapper now may have children, too; they
 * are younger than it.
 *
 * @returns Their ids; none while the wrapper lives.
 */
export function orphansOf(
  record: RunRecord,
  table: ProcessTable,
): readonly number[] {
  if (findAlive(record, table)) return [];
  const started = Date.parse(record.startedAt);
  const successor = table.get(record.pid);
  return [...table.values()]
    .filter((entry) =>
      entry.ppid === record.pid &&
      entry.startedAt >= started - CLOCK_SLACK &&
      entry.startedAt <= started + RESUME_TIME &&
      (successor === undefined || entry.order < successor.order)
    )
    .map(({ pid }) => pid);
}

/**
 * Lists the dead processes that the OS names as owners of sockets: Windows
 * names the creator of a socket while a child still serves on it.
 */
export function deadOwnersOf(
  listeners: readonly Listener[],
  table: ProcessTable,
): readonly number[] {
  return [...new Set(listeners.flatMap(({ pids }) => pids))]
    .filter((pid) => table.get(pid)?.zombie ?? true);
}

/**
 * Finds the processes that may hold sockets inherited from a dead process: its
 * children and those that name it as their parent, as the workers of Python do
 * (`spawn_main(parent_pid=N, …)`,
 * https://github.com/python/cpython/blob/3.11/Lib/multiprocessing/popen_spawn_win32.py),
 * with all that descends from them.
 *
 * The number may have belonged to another process before: the caller decides
 * whether the dead process is the one meant.
 *
 * @returns Parents before children; none where the number lives.
 */
export function inheritedSocketHolders(
  dead: number,
  table: ProcessTable,
  details: ReadonlyMap<number, ProcessDetail>,
): readonly ProcessEntry[] {
  if (table.get(dead)?.zombie === false) return [];
  const namesParent = (pid: number) =>
    (details.get(pid)?.args ?? []).some((arg) =>
      [...arg.matchAll(/\bparent_pid=(\d+)/g)]
        .some(([, number]) => Number(number) === dead)
    );
  const children = [...table.values()].filter((entry) =>
    entry.pid !== dead && (entry.ppid === dead || namesParent(entry.pid))
  );
  return withDescendants(children, table);
}

/** Shells, terminals and editors: what a user runs in them is not part of a service. */
const INTERACTIVE_PROGRAMS: ReadonlySet<string> = new Set([
  ..."alacritty bash cmd code code-insiders conhost cursor dash".split(" "),
  ..."deno devsvc fish gnome-terminal- idea idea64 iterm2 kitty".split(" "),
  ..."konsole login openconsole powershell pwsh pycharm pycharm64".split(" "),
  ..."screen sh ssh su sudo terminal tmux webstorm64 wezterm-gui".split(" "),
  ..."windowsterminal xterm zsh".split(" "),
  "tmux: client",
  "tmux: server",
]);

/**
 * Lists a process that holds a port, and above it the parents that may be of the
 * same service, nearest first.
 *
 * A parent may be where it works in a folder of the project, or runs the command
 * of the service or is below who does, and is not interactive. The search stays
 * in one process group: terminals and editors that no list names start each job
 * in a group of its own.
 *
 * @param details Details of the parents; one without them ends the search.
 * @param isService Tells whether a process runs the command of the service.
 */
export function serviceChainOf(
  holder: ProcessEntry,
  table: ProcessTable,
  details: ReadonlyMap<number, ProcessDetail>,
  world: Pick<World, "root" | "self" | "projects">,
  isService: (entry: ProcessEntry) => boolean = () => false,
): readonly [ProcessEntry, ...ProcessEntry[]] {
  const parents: ProcessEntry[] = [];
  let inFolder = 0;
  for (const parent of parentsOf(holder.pid, table)) {
    const detail = details.get(parent.pid);
    const mayBelong = parent.group === holder.group &&
      !isProtected(parent, world.self, table) && detail !== undefined &&
      !isInteractive(parent, detail);
    if (!mayBelong) break;
    const isInFolder = detail.cwd !== undefined &&
      projectAt(detail.cwd, world) === world.root;
    if (isInFolder && inFolder === parents.length) inFolder++;
    parents.push(parent);
  }
  // Windows shows no folders.
  const count = Math.max(inFolder, parents.findLastIndex(isService) + 1);
  return [holder, ...parents.slice(0, count)];
}

/**
 * Finds the root of the service that a process belongs to, so that a
 * supervisor of the project does not start it again.
 *
 * A parent that runs other programs beside the service, as `concurrently` does,
 * is not part of it, unless it is or is below the command of the service.
 *
 * @param chain What {@linkcode serviceChainOf} lists.
 * @param isService Tells whether a process runs the command of the service.
 * @returns The root; the process itself where no parent belongs to the service.
 */
export function rootOf(
  chain: readonly [ProcessEntry, ...ProcessEntry[]],
  table: ProcessTable,
  isService: (entry: ProcessEntry) => boolean = () => false,
): ProcessEntry {
  const [holder] = chain;
  const named = chain.findLastIndex(isService);
  let root = chain[named] ?? holder;
  for (const parent of chain.slice(Math.max(0, named) + 1)) {
    const runsOthers = [...table.values()].some((entry) =>
      entry.ppid === parent.pid && entry.pid !== root.pid && !entry.zombie &&
      entry.order >= parent.order
    );
    if (runsOthers) break;
    root = parent;
  }
  return root;
}

/** A shell that was started to run one command (`sh -c`) is not interactive. */
function isInteractive(entry: ProcessEntry, detail: ProcessDetail): boolean {
  const name = entry.name.replace(/^-/, "").replace(/\.exe$/i, "")
    .toLowerCase();
  // `bash -lc`, `cmd /d /s /c`: flags come before the one that runs a command.
  const runsCommand = detail.args.slice(1, 5)
    .some((word) => /^(-[a-z]*c|\/c)$/i.test(word));
  return INTERACTIVE_PROGRAMS.has(name) && !runsCommand;
}

/**
 * Programs that publish the ports of containers: to end them breaks the
 * container and mostly does not free the port.
 *
 * The names are as the OS shortens them (15 characters on Linux). Where each
 * was seen to hold a port: docs/platforms.md.
 */
const CONTAINER_PROGRAMS: ReadonlySet<string> = new Set([
  ..."docker-proxy dockerd containerd containerd-shim rootlessport".split(" "),
  ..."rootlesskit slirp4netns pasta gvproxy conmon".split(" "),
  ..."com.docker.backend com.docker.backe com.docke".split(" "),
  ..."com.docker.vpnkit vpnkit vpnkit-bridge OrbStack limactl".split(" "),
  ..."ssh-docker".split(" "),
  "OrbStack Helper",
].map(programName));

const SYSTEM_PROGRAMS: ReadonlySet<string> = new Set([
  ..."systemd init launchd kernel_task sshd ControlCenter".split(" "),
  ..."ControlCe rapportd".split(" "),
].map(programName));

/** Spelt as on Windows: a project may have a `registry` of its own. */
const WINDOWS_PROGRAMS: ReadonlySet<string> = new Set([
  ..."System Registry vmmem svchost.exe services.exe lsass.exe".split(" "),
  ..."csrss.exe smss.exe wininit.exe winlogon.exe explorer.exe".split(" "),
  ..."wslrelay.exe wslhost.exe wslservice.exe".split(" "),
]);

function programName(name: string): string {
  return name.replace(/\.exe$/i, "").toLowerCase();
}

/** Tells whether a program, with or without `.exe`, publishes the ports of containers. */
export function isContainerProgram(name: string): boolean {
  return CONTAINER_PROGRAMS.has(programName(name));
}

/**
 * Tells whether a process must never be signalled: init, devsvc, its parents,
 * and the programs that hold ports for the system or for containers.
 */
export function isProtected(
  entry: ProcessEntry,
  self: number,
  table: ProcessTable,
): boolean {
  if (entry.pid <= 1 || entry.pid === self) return true;
  const name = programName(entry.name);
  if (SYSTEM_PROGRAMS.has(name) || CONTAINER_PROGRAMS.has(name)) return true;
  const names = [entry.name, entry.name.toLowerCase()];
  if (names.some((spelling) => WINDOWS_PROGRAMS.has(spelling))) return true;
  return parentsOf(self, table).some((parent) => parent.pid === entry.pid);
}
