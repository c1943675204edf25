/**
 * The part of the platform of Linux that runs tools: Deno itself may read
 * `/proc` only with all permissions.
 */

import type {
  Listener,
  Lookup,
  ProcessDetail,
  ProcessTable,
  TaggedProcess,
} from "../../core/model.ts";
import { coalesceReading } from "../coalesce.ts";
import {
  parseArguments,
  parseEnvironments,
  parsePlaces,
  parseTaggedProcesses,
  PLACE_FORMAT,
} from "../parse/proc_details.ts";
import { parseProc } from "../parse/proc_stat.ts";
import { parseSs } from "../parse/ss.ts";
import type { Platform } from "../platform.ts";
import { readIdentity, requireShown, signalExactly } from "../posix/posix.ts";
import {
  explainTool,
  outputOf,
  runFirst,
  runTool,
  type ToolResult,
} from "../tool.ts";
import { FOREIGN, isForeign, OwnProc, REQUIRE_OWN_PROC } from "./own_proc.ts";
import {
  LINUX_SOURCES,
  type LinuxOptions,
  type LinuxSources,
} from "./sources.ts";

/** The part of the platform that runs tools. */
export type LinuxTools = Pick<
  Platform,
  | "listeners"
  | "processTable"
  | "details"
  | "identity"
  | "environments"
  | "taggedProcesses"
  | "unidentifiedHolders"
  | "signal"
  | "spawnSuspended"
  | "punchHole"
  | "collapseHead"
>;

/**
 * A page of x86 has 4 kB, one of ARM what the kernel was built with
 * (`man 5 proc_pid_smaps`).
 */
const PAGE_SCRIPT = "while read -r key size unit; do case $key in " +
  'KernelPageSize:) echo "page $size"; break;; esac; done <"$1"/self/smaps; ';

const TABLE_SCRIPT = REQUIRE_OWN_PROC +
  (Deno.build.arch === "x86_64" ? "" : PAGE_SCRIPT) +
  'exec cat "$1"/sys/kernel/random/boot_id "$1"/uptime "$1"/[0-9]*/stat';

/**
 * A run id of grep itself: the query is complete only if it is in the answer,
 * since neither the exit code nor an empty output says so.
 */
const QUERY_RUN_ID = "0";

/** It says nothing of what it may not read: the processes of other users. */
const TAGS_SCRIPT = REQUIRE_OWN_PROC +
  "exec grep -asHzE '^DEVSVC_(RUN|SERVICE|ROOT)=' " +
  '"$1"/[0-9]*/environ';

/**
 * For a grep without `-z`, such as that of BusyBox: two programs a process. A
 * newline in a value is lost.
 */
const SLOW_TAGS_SCRIPT = REQUIRE_OWN_PROC +
  'for file in "$1"/[0-9]*/environ; do ' +
  "tr '\\0\\n' '\\n\\1' <\"$file\" | " +
  "grep -E '^DEVSVC_(RUN|SERVICE|ROOT)=' | while IFS= read -r found; do " +
  'printf \'%s:%s\\0\' "$file" "$found"; done; done';

/** Makes the part of the platform of Linux that runs tools. */
export function createLinuxTools(options: LinuxOptions): LinuxTools {
  const sources = { ...LINUX_SOURCES, ...options };
  const proc = new OwnProc(sources);
  const read = coalesceReading(async (pids) =>
    await proc.isOwn() ? await readProcesses(sources, pids) : FOREIGN
  );
  return {
    listeners: () => findListeners(sources),
    processTable: () => readTable(sources, proc),
    details: (pids) => readDetails(sources, pids),
    identity: (pid) => readIdentity(read, pid),
    environments: (pids) => readEnvironments(sources, pids),
    taggedProcesses: () => readTaggedProcesses(sources, proc),
    unidentifiedHolders: async (ports) => {
      const { findUnidentifiedHolders } = await import("./kernel_sockets.ts");
      return await findUnidentifiedHolders(sources, ports);
    },
    signal: (target, signal, scope) =>
      signalExactly(read, target, signal, scope),
    spawnSuspended: async (request) => {
      const { spawnSuspended } = await import("../posix/spawn_suspended.ts");
      // In one reading with that of the wrapper.
      const [suspended, first] = await Promise.allSettled([
        spawnSuspended(read, request),
        read([1]),
      ]);
      if (suspended.status === "rejected") throw suspended.reason;
      const start = first.status === "fulfilled" && first.value.ok
        ? first.value.value.get(1)?.start
        : undefined;
      return start === undefined
        ? suspended.value
        : { ...suspended.value, pidNamespace: start };
    },
    punchHole: (file, bytes) =>
      changeHead(sources, "--punch-hole", file, bytes),
    // ext4, XFS and F2FS; others refuse it (`man 2 fallocate`).
    collapseHead: (file, bytes) =>
      changeHead(sources, "--collapse-range", file, bytes),
  };
}

async function changeHead(
  sources: LinuxSources,
  change: "--punch-hole" | "--collapse-range",
  file: string,
  bytes: number,
): Promise<boolean> {
  const range = ["--offset", "0", "--length", String(bytes)];
  const args = [change, ...range, file];
  const result = await runFirst(sources.fallocate, args, {
    ...sources,
    ignoresOutput: true,
  });
  return result.kind === "done" && result.code === 0;
}

async function findListeners(
  sources: LinuxSources,
): Promise<Lookup<readonly Listener[]>> {
  const ss = await findListenersBySs(sources);
  if (ss.ok) return ss;
  const { findListenersWithoutSs } = await import("./kernel_sockets.ts");
  const found = await findListenersWithoutSs(sources);
  return found.ok
    ? found
    : { ok: false, reason: `${ss.reason}; ${found.reason}` };
}

async function findListenersBySs(
  sources: LinuxSources,
): Promise<Lookup<readonly Listener[]>> {
  const result = await runFirst(sources.ss, ["-ltnpH"], sources);
  return result.kind === "done" && result.code === 0
    ? parseSs(result.stdout)
    : { ok: false, reason: explainTool("ss", result) };
}

function runScript(
  sources: LinuxSources,
  script: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ToolResult> {
  const args = ["-c", script, "devsvc", sources.proc];
  return runTool("/bin/sh", args, { ...sources, env });
}

async function readTable(
  sources: LinuxSources,
  proc: OwnProc,
): Promise<Lookup<ProcessTable>> {
  const result = await runScript(sources, TABLE_SCRIPT);
  proc.learn(result);
  if (isForeign(result)) return FOREIGN;
  // The code is 1 if a process ended after its folder was listed.
  const found = outputOf("cat", result);
  if (!found.ok) return found;
  const table = parseProc(found.value, Date.now());
  return table.ok && table.value.size === 0
    ? { ok: false, reason: `${sources.proc} shows no process` }
    : table;
}

async function readProcesses(
  sources: LinuxSources,
  pids: readonly number[],
): Promise<Lookup<ProcessTable>> {
  const { proc } = sources;
  const files = [`${proc}/sys/kernel/random/boot_id`, `${proc}/uptime`];
  for (const pid of pids) files.push(`${proc}/${pid}/stat`);
  const result = await runFirst(sources.cat, files, sources);
  const found = outputOf("cat", result);
  if (!found.ok) return found;
  const table = parseProc(found.value, Date.now());
  return requireShown(pids, table, `in ${proc}`);
}

async function readDetails(
  sources: LinuxSources,
  pids: readonly number[],
): Promise<ReadonlyMap<number, ProcessDetail>> {
  const folders = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0)
    .map((pid) => `${sources.proc}/${pid}`);
  if (folders.length === 0) return new Map();
  const paths = folders.flatMap((folder) => [folder, `${folder}/cwd`]);
  const lines = folders.map((folder) => `${folder}/cmdline`);
  const env = { QUOTING_STYLE: "literal" };
  const [stat, grep] = await Promise.all([
    runFirst(sources.stat, ["--printf", PLACE_FORMAT, ...paths], {
      ...sources,
      env,
    }),
    runFirst(sources.grep, ["-aszH", "", ...lines], sources),
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

async function readTaggedProcesses(
  sources: LinuxSources,
  proc: OwnProc,
): Promise<Lookup<readonly TaggedProcess[]>> {
  const result = await searchTags(sources, TAGS_SCRIPT);
  proc.learn(result);
  if (isForeign(result)) return FOREIGN;
  const found = readTags(result);
  // Where it took too long, the slow way does, too.
  return found.ok || result.kind !== "done"
    ? found
    : readTags(await searchTags(sources, SLOW_TAGS_SCRIPT));
}

function searchTags(
  sources: LinuxSources,
  script: string,
): Promise<ToolResult> {
  return runScript(sources, script, { DEVSVC_RUN: QUERY_RUN_ID });
}

function readTags(result: ToolResult): Lookup<readonly TaggedProcess[]> {
  const found = outputOf("grep", result);
  if (!found.ok) return found;
  const all = parseTaggedProcesses(found.value);
  const value = all.filter(({ run }) => run !== QUERY_RUN_ID);
  return value.length < all.length
    ? { ok: true, value }
    : { ok: false, reason: "grep shows no environment" };
}
