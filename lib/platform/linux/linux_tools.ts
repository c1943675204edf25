/**
 * What devsvc asks of Linux, through the tools that every machine has: Deno
 * itself may read `/proc` only with every permission there is.
 *
 * @module
 */

import type { Lookup, ProcessDetail, ProcessTable } from "../../core/model.ts";
import { findListeners } from "./listeners.ts";
import type { ListenerSources } from "./sources.ts";
import {
  parseArguments,
  parseEnvironments,
  parsePlaces,
  parseRunIds,
  PLACE_FORMAT,
} from "../parse/proc_details.ts";
import { parseProc } from "../parse/proc_stat.ts";
import type { Platform } from "../platform.ts";
import { mayExist } from "../may_exist.ts";
import { readIdentity, signalExactly } from "../posix/posix.ts";
import { coalesceReading } from "../coalesce.ts";
import {
  explainTool,
  runFirst,
  runTool,
  TOOL_DEADLINE,
  type ToolResult,
} from "../tool.ts";

/** Where things are looked for; a name goes through PATH. */
export interface LinuxSources extends ListenerSources {
  /** Candidates for GNU `stat`, the best first. */
  readonly stat: readonly string[];
  /** Candidates for GNU `grep`, the best first. */
  readonly grep: readonly string[];
  /** Candidates for `fallocate` of util-linux, the best first. */
  readonly fallocate: readonly string[];
}

/** What can be set otherwise for one Linux. */
export type LinuxOptions = Partial<LinuxSources>;

/** The part of the platform that asks tools. */
export type LinuxTools = Pick<
  Platform,
  | "listeners"
  | "processTable"
  | "details"
  | "identity"
  | "environments"
  | "processesByRunId"
  | "unidentifiedHolders"
  | "signal"
  | "spawnSuspended"
  | "punchHole"
>;

/** `/usr/sbin` is not in the PATH of every user, nor of every service. */
const SOURCES: LinuxSources = {
  ss: ["ss", "/usr/bin/ss", "/usr/sbin/ss", "/sbin/ss"],
  lsof: ["lsof", "/usr/bin/lsof", "/usr/sbin/lsof"],
  fuser: ["fuser", "/usr/bin/fuser", "/usr/sbin/fuser"],
  cat: ["cat", "/bin/cat"],
  stat: ["stat", "/usr/bin/stat"],
  grep: ["grep", "/usr/bin/grep"],
  fallocate: ["fallocate", "/usr/bin/fallocate"],
  proc: "/proc",
  deadline: TOOL_DEADLINE,
};

/**
 * The page of x86 is 4 kB, that of ARM is a choice of the kernel's builder;
 * `man 5 proc_pid_smaps` tells it.
 */
const PAGE_SCRIPT = "while read -r key size unit; do case $key in " +
  'KernelPageSize:) echo "page $size"; break;; esac; done <"$1"/self/smaps; ';

const TABLE_SCRIPT = (Deno.build.arch === "x86_64" ? "" : PAGE_SCRIPT) +
  'exec cat "$1"/sys/kernel/random/boot_id "$1"/uptime "$1"/[0-9]*/stat';

/** The look must find itself: the code of grep says nothing, nor an empty text. */
const WITNESS = "0";

const CARRIERS_SCRIPT = "exec grep -aosHzE '^DEVSVC_RUN=[0-9a-f-]+$' " +
  '"$1"/[0-9]*/environ';

/**
 * Makes the part of Linux that asks tools.
 *
 * @param options Where tools and `/proc` are, if not where they usually are.
 */
export function openLinuxTools(options: LinuxOptions): LinuxTools {
  const sources = { ...SOURCES, ...options };
  const read = coalesceReading((pids) => readProcesses(sources, pids));
  return {
    listeners: () => findListeners(sources),
    processTable: () => readTable(sources),
    details: (pids) => readDetails(sources, pids),
    identity: (pid) => readIdentity(read, pid),
    environments: (pids) => readEnvironments(sources, pids),
    processesByRunId: () => readProcessesByRunId(sources),
    unidentifiedHolders: async (ports) => {
      const { findUnidentifiedHolders } = await import(
        "./unidentified_holders.ts"
      );
      return await findUnidentifiedHolders(sources, ports);
    },
    signal: (target, signal, scope) =>
      signalExactly(read, target, signal, scope),
    spawnSuspended: async (request) => {
      const { spawnSuspended } = await import("../posix/spawn_suspended.ts");
      return await spawnSuspended(read, request);
    },
    punchHole: async (file, bytes) => {
      const result = await runFirst(
        sources.fallocate,
        ["--punch-hole", "--offset", "0", "--length", String(bytes), file],
        sources,
      );
      return result.kind === "done" && result.code === 0;
    },
  };
}

function runScript(
  sources: ListenerSources,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ToolResult> {
  return runTool(
    "/bin/sh",
    ["-c", script, "devsvc", sources.proc],
    { ...sources, env },
  );
}

async function readTable(
  sources: ListenerSources,
): Promise<Lookup<ProcessTable>> {
  const result = await runScript(sources, TABLE_SCRIPT);
  // The code is 1 as soon as one process ended between its name and its file.
  if (result.kind !== "done") {
    return { ok: false, reason: explainTool("cat", result) };
  }
  const table = parseProc(result.stdout, Date.now());
  if (table.ok && table.value.size === 0) {
    return { ok: false, reason: `${sources.proc} shows no process` };
  }
  return table;
}

async function readProcesses(
  sources: ListenerSources,
  pids: readonly number[],
): Promise<Lookup<ProcessTable>> {
  const { proc } = sources;
  const files = [`${proc}/sys/kernel/random/boot_id`, `${proc}/uptime`];
  for (const pid of pids) files.push(`${proc}/${pid}/stat`);
  const result = await runFirst(sources.cat, files, sources);
  if (result.kind !== "done") {
    return { ok: false, reason: explainTool("cat", result) };
  }
  const table = parseProc(result.stdout, Date.now());
  if (!table.ok) return table;
  const hidden = pids.find((pid) => !table.value.has(pid) && mayExist(pid));
  return hidden === undefined
    ? table
    : { ok: false, reason: `process ${hidden} is not shown in ${proc}` };
}

async function readDetails(
  sources: LinuxSources,
  pids: readonly number[],
): Promise<ReadonlyMap<number, ProcessDetail>> {
  const folders = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0)
    .map((pid) => `${sources.proc}/${pid}`);
  if (folders.length === 0) return new Map();
  const [stat, grep] = await Promise.all([
    runFirst(sources.stat, [
      "--printf",
      PLACE_FORMAT,
      ...folders.flatMap((folder) => [folder, `${folder}/cwd`]),
    ], { ...sources, env: { QUOTING_STYLE: "literal" } }),
    runFirst(sources.grep, [
      "-aszH",
      "",
      ...folders.map((folder) => `${folder}/cmdline`),
    ], sources),
  ]);
  const places = parsePlaces(printed(stat));
  const found = parseArguments(printed(grep));
  const known = new Set([...places.keys(), ...found.keys()]);
  return new Map(
    [...known].map((pid) => [
      pid,
      { pid, args: found.get(pid) ?? [], ...places.get(pid) },
    ]),
  );
}

async function readEnvironments(
  sources: LinuxSources,
  pids: readonly number[],
): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>> {
  if (pids.length === 0) return new Map();
  const files = pids.map((pid) => `${sources.proc}/${pid}/environ`);
  const grep = await runFirst(sources.grep, ["-aszH", "", ...files], sources);
  return parseEnvironments(printed(grep));
}

/** Reading a command line can hang with its process; those before it count. */
function printed(result: ToolResult): string {
  return result.kind === "done" || result.kind === "timeout"
    ? result.stdout
    : "";
}

async function readProcessesByRunId(
  sources: ListenerSources,
): Promise<Lookup<ReadonlyMap<string, readonly number[]>>> {
  const result = await runScript(sources, CARRIERS_SCRIPT, {
    DEVSVC_RUN: WITNESS,
  });
  if (result.kind !== "done") {
    return { ok: false, reason: explainTool("grep", result) };
  }
  const value = parseRunIds(result.stdout);
  return value.has(WITNESS)
    ? { ok: true, value }
    : { ok: false, reason: "grep shows no environment" };
}
