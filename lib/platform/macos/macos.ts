/** The platform of macOS, by lsof and ps. */

import type {
  Listener,
  Lookup,
  ProcessDetail,
  ProcessTable,
  TaggedProcess,
  UnidentifiedHolder,
} from "../../core/model.ts";
import { listenersOn } from "../../core/listeners.ts";
import { coalesceReading } from "../coalesce.ts";
import {
  LSOF_LISTENERS,
  lsofConnections,
  parseLsof,
  parseLsofConnections,
  parseLsofFolders,
} from "../parse/lsof.ts";
import { parseClosingPorts } from "../parse/netstat_bsd.ts";
import {
  parsePs,
  parsePsDetails,
  parsePsTags,
  PS_COLUMNS,
  PS_DETAILS,
  PS_ENV,
} from "../parse/ps.ts";
import { mayExist } from "../kill.ts";
import type { Platform } from "../platform.ts";
import { readIdentity, requireShown, signalExactly } from "../posix/posix.ts";
import { probePosix } from "../probe.ts";
import { outputOf, runFirst, TOOL_DEADLINE } from "../tool.ts";

/** Candidates for each tool, the best first; a name goes through PATH. */
interface MacosSources {
  readonly lsof: readonly string[];
  readonly netstat: readonly string[];
  readonly ps: readonly string[];
  /** How long each tool may take, in milliseconds. */
  readonly deadline: number;
}

/** Programs started from the Finder have no `/usr/sbin` in their PATH. */
const SOURCES: MacosSources = {
  lsof: ["/usr/sbin/lsof", "lsof"],
  netstat: ["/usr/sbin/netstat", "netstat"],
  ps: ["/bin/ps", "ps"],
  deadline: TOOL_DEADLINE,
};

/**
 * With SO_REUSEADDR, which Deno sets, sockets of BSD may share a port as long
 * as their addresses differ, so a probe of one address only sees a holder of
 * the same one (`man 2 setsockopt`).
 */
const ADDRESSES: readonly string[] = ["127.0.0.1", "0.0.0.0", "::1", "::"];

/** Makes the platform of macOS. */
export function createMacos(options: Partial<MacosSources> = {}): Platform {
  const sources = { ...SOURCES, ...options };
  const read = coalesceReading((pids) => readProcesses(sources, pids));
  return {
    self: Deno.pid,
    probesFirst: false,
    groups: "group",
    listeners: () => findListeners(sources),
    processTable: () => readTable(sources),
    details: (pids) => readDetails(sources, pids),
    identity: (pid) => readIdentity(read, pid),
    mayExist,
    // `ps -E` does not separate the words of an environment.
    environments: () => Promise.resolve(new Map()),
    taggedProcesses: () => readTaggedProcesses(sources),
    unidentifiedHolders: (ports) => findUnidentified(sources, ports),
    probe: (port) => Promise.resolve(probePosix(port, ADDRESSES)),
    signal: (target, signal, scope) =>
      signalExactly(read, target, signal, scope),
    spawnSuspended: async (request) => {
      const { spawnSuspended } = await import("../posix/spawn_suspended.ts");
      return await spawnSuspended(read, request);
    },
    spawnBackground: async (program) => {
      const { spawnBackground } = await import("../posix/spawn_session.ts");
      spawnBackground(program);
    },
    ownsConsole: () => Promise.resolve(false),
    // The kernel can (`F_PUNCHHOLE`, man 2 fcntl), but no tool asks it to.
    punchHole: () => Promise.resolve(false),
    collapseHead: () => Promise.resolve(false),
  };
}

/** lsof hides processes of other users; only a probe finds their ports used. */
async function findListeners(
  sources: MacosSources,
): Promise<Lookup<readonly Listener[]>> {
  const result = await runFirst(sources.lsof, LSOF_LISTENERS, sources);
  const found = outputOf("lsof", result);
  return found.ok ? parseLsof(found.value) : found;
}

/** A closed connection has no owner, so that lsof does not show it. */
async function findUnidentified(
  sources: MacosSources,
  ports: readonly number[],
): Promise<ReadonlyMap<number, UnidentifiedHolder>> {
  const { findContainers } = await import("../containers.ts");
  const [containers, netstat, lsof, listeners] = await Promise.all([
    findContainers(ports),
    runFirst(sources.netstat, ["-an", "-p", "tcp"], sources),
    runFirst(sources.lsof, lsofConnections(ports), sources),
    findListeners(sources),
  ]);
  const closing = parseClosingPorts(
    netstat.kind === "done" ? netstat.stdout : "",
  );
  const owners = parseLsofConnections(lsof.kind === "done" ? lsof.stdout : "");
  const found = new Map<number, UnidentifiedHolder>();
  for (const port of ports) {
    const isListening = listenersOn(port, listeners).length > 0;
    const connected = isListening ? undefined : owners.get(port);
    const holder = {
      ...(connected ? { connected } : closing.has(port) ? { closing: {} } : {}),
      ...containers.get(port),
    };
    if (Object.keys(holder).length > 0) found.set(port, holder);
  }
  return found;
}

async function runPs(
  sources: MacosSources,
  args: readonly string[],
): Promise<Lookup<string>> {
  const result = await runFirst(sources.ps, args, { ...sources, env: PS_ENV });
  return outputOf("ps", result);
}

async function readTable(sources: MacosSources): Promise<Lookup<ProcessTable>> {
  const found = await runPs(sources, ["-axww", "-o", PS_COLUMNS]);
  return found.ok ? parsePs(found.value) : found;
}

async function readProcesses(
  sources: MacosSources,
  pids: readonly number[],
): Promise<Lookup<ProcessTable>> {
  // The row of devsvc itself shows that the output was understood.
  const asked = [...new Set([...pids, Deno.pid])].join(",");
  const found = await runPs(sources, ["-ww", "-o", PS_COLUMNS, "-p", asked]);
  if (!found.ok) return found;
  return requireShown(pids, parsePs(found.value), "by ps");
}

async function readDetails(
  sources: MacosSources,
  pids: readonly number[],
): Promise<ReadonlyMap<number, ProcessDetail>> {
  const wanted = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0)
    .join(",");
  if (wanted === "") return new Map();
  const [ps, lsof] = await Promise.all([
    runPs(sources, ["-ww", "-o", PS_DETAILS, "-p", wanted]),
    runFirst(
      sources.lsof,
      ["-nP", "-w", "-a", "-d", "cwd", "-p", wanted, "-Fpfn"],
      sources,
    ),
  ]);
  const found = parsePsDetails(ps.ok ? ps.value : "");
  const folders = parseLsofFolders(lsof.kind === "done" ? lsof.stdout : "");
  return new Map([...found].map(([pid, detail]) => {
    const cwd = folders.get(pid);
    return [pid, { pid, ...detail, ...(cwd === undefined ? {} : { cwd }) }];
  }));
}

/** `ps -E` shows the environments of one's own processes. */
async function readTaggedProcesses(
  sources: MacosSources,
): Promise<Lookup<readonly TaggedProcess[]>> {
  const found = await runPs(sources, ["-axwwE", "-o", "pid=,command="]);
  if (!found.ok) return found;
  return found.value.trim() === ""
    ? { ok: false, reason: "ps shows no process" }
    : { ok: true, value: parsePsTags(found.value) };
}
