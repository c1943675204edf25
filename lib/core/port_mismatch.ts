/**
 * The ports that a service took instead of its own. A process listens for many
 * reasons, and a wrong port is worse than none: only what serves counts.
 */

import type { Listener, ProcessEntry, RunRecord, Service } from "./model.ts";

/** What else is known of the ports on which a tree listens. */
export interface PortClues {
  /** The ports of the other services of the project. */
  readonly otherPorts?: ReadonlySet<number> | undefined;
  /** Ports on which the processes let a debugger in. */
  readonly debugPorts?: ReadonlySet<number> | undefined;
  /** The run, where it was ready once. */
  readonly record?: Pick<RunRecord, "readyAt" | "main"> | undefined;
}

/** The ports of services, among which each looks for the others'. */
export function portsOf(
  services: readonly Pick<Service, "port">[],
): ReadonlySet<number> {
  return new Set(services.flatMap(({ port = [] }) => port));
}

/**
 * The usual ports of debuggers: Node and Deno (9229, and the next ones where it
 * is taken), Chrome, debugpy, JDWP, Delve, rdbg.
 */
const DEBUG_PORTS: ReadonlySet<number> = new Set([
  ...Array.from({ length: 11 }, (_, index) => 9229 + index),
  9222,
  5678,
  5005,
  2345,
  12345,
]);

/**
 * The first port that Linux gives to whoever asks for any
 * (`ip_local_port_range`, `man 7 ip`); on other systems they begin later.
 */
const FIRST_EPHEMERAL = 32_768;

/** How far servers search for a free port, as Vite and Next do. */
const SEARCHED = 20;

/**
 * Lists the ports that a tree serves on instead of its own, in order: not those
 * of debuggers or of other services, none that the OS has chosen, and none of a
 * member beside which others live, which may be the one that is to serve.
 */
export function mismatchedPortsOf(
  port: number,
  tree: readonly ProcessEntry[],
  listeners: readonly Listener[],
  { otherPorts, debugPorts, record }: PortClues = {},
): readonly number[] {
  const members = new Map(tree.map((entry) => [entry.pid, entry]));
  const own = listeners.filter(({ pids }) =>
    pids.some((pid) => members.has(pid))
  );
  if (own.some((row) => row.port === port)) return [];
  const serves = (pid: number, near: boolean): boolean => {
    const entry = members.get(pid);
    return entry !== undefined && isOnLine(entry, members) &&
      (near || mayHaveMoved(entry, record));
  };
  const ports = own.filter((row) => {
    const isNear = row.port > port && row.port <= port + SEARCHED;
    return !DEBUG_PORTS.has(row.port) && !debugPorts?.has(row.port) &&
      !otherPorts?.has(row.port) && row.port < FIRST_EPHEMERAL &&
      row.pids.some((pid) => serves(pid, isNear));
  }).map((row) => row.port);
  return [...new Set(ports)].toSorted((a, b) => a - b);
}

/**
 * Tells whether all other members are its ancestors or its descendants, but for
 * the first, the wrapper, which serves nothing.
 */
function isOnLine(
  entry: ProcessEntry,
  members: ReadonlyMap<number, ProcessEntry>,
): boolean {
  const above = new Set(ancestorsOf(entry, members));
  const [, ...others] = members.values();
  return others.every((member) =>
    member.pid === entry.pid || above.has(member.pid) ||
    ancestorsOf(member, members).includes(entry.pid)
  );
}

function ancestorsOf(
  { ppid }: ProcessEntry,
  members: ReadonlyMap<number, ProcessEntry>,
): readonly number[] {
  const pids: number[] = [];
  for (
    let parent = members.get(ppid);
    parent && !pids.includes(parent.pid);
    parent = members.get(parent.ppid)
  ) pids.push(parent.pid);
  return pids;
}

/**
 * Tells whether a process may have served before on another port: what was there
 * when the service was ready, and is not its main process, did something else.
 */
function mayHaveMoved(
  { pid, startedAt }: ProcessEntry,
  record: PortClues["record"],
): boolean {
  return record?.readyAt === undefined || record.main === pid ||
    startedAt >= Date.parse(record.readyAt);
}

/** Options of Node, Deno and Bun that let a debugger in. */
const INSPECT = /^--(?:inspect(?:-brk|-wait|-port)?|debug-port)=(.*)$/;

/** Debuggers that are given their port in an argument of its own, or after `=`. */
const DEBUGGERS = /(?:^|[\\/])(?:debugpy|dlv|rdbg|pydevd\.py)(?:\.exe)?$/;

/** The option that names it. */
const LISTEN = /^--(?:listen|port)(?:=(.*))?$/;

/** Reads the ports on which a program lets a debugger in from its arguments. */
export function debugPortsIn(words: readonly string[]): readonly number[] {
  const isDebugger = words.some((word) => DEBUGGERS.test(word));
  return words.flatMap((word, index) => {
    const inspect = INSPECT.exec(word)?.[1];
    if (inspect !== undefined) return portOf(inspect);
    const jdwp = /jdwp.*[=,]address=([^,]+)/.exec(word)?.[1];
    if (jdwp !== undefined) return portOf(jdwp);
    const listen = isDebugger ? LISTEN.exec(word) : null;
    return listen ? portOf(listen[1] ?? words[index + 1] ?? "") : [];
  });
}

/** Reads the port of `port` or `host:port`. */
function portOf(text: string): readonly number[] {
  const digits = /(?:^|:)(\d{1,5})$/.exec(text)?.[1];
  return digits === undefined ? [] : [Number(digits)];
}
