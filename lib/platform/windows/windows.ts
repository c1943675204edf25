/**
 * What devsvc asks of Windows, through the tools that Windows brings along,
 * each by its full path: PATH may hold others of the same name.
 *
 * @module
 */

import type {
  Identity,
  Listener,
  Lookup,
  Probe,
  ProcessDetail,
  ProcessTable,
} from "../../core/model.ts";
import { cimScript, parseCim, type ProcessFilter } from "../parse/cim.ts";
import { type ExcludedRange, parseNetsh } from "../parse/netsh.ts";
import { parseNetstat } from "../parse/netstat.ts";
import { parseWmic, WMIC_TABLE } from "../parse/wmic.ts";
import {
  splitCommandLine,
  type WindowsProcess,
} from "../parse/windows_process.ts";
import { mayExist } from "../may_exist.ts";
import type { Platform } from "../platform.ts";
import { probePort } from "../probe.ts";
import { explainTool, runTool } from "../tool.ts";
import { signalExactly } from "./windows_signal.ts";

/** What can be set otherwise for one Windows. */
export interface WindowsOptions {
  /** The folder of the tools, `%SystemRoot%\System32` if not given. */
  readonly system32?: string;
}

/** PowerShell alone takes half a second to start, more on a busy machine. */
const CIM_DEADLINE = 15_000;

/** Each address only sees a holder of the same one (ports.md, B.4). */
const ADDRESSES: readonly string[] = ["127.0.0.1", "0.0.0.0", "::1", "::"];

/** Makes the door to Windows. */
export function createWindows(options: WindowsOptions = {}): Platform {
  const folder = options.system32 ?? `${systemRoot()}\\System32`;
  let memory: Memory | undefined;
  const processTable = async (): Promise<Lookup<ProcessTable>> => {
    const found = await readProcesses(folder);
    if (!found.ok) return found;
    const value = new Map(found.value.map((row) => [row.pid, row]));
    memory = { rows: value, at: performance.now() };
    return { ok: true, value };
  };
  return {
    self: Deno.pid,
    probesFirst: false,
    groups: "tree",
    listeners: () => findListeners(folder),
    processTable,
    details: (pids) => readDetails(folder, pids, memory),
    identity: (pid) => readIdentity(folder, pid),
    mayExist,
    // Windows shows no environments.
    environments: () => Promise.resolve(new Map()),
    processesByRunId: () => Promise.resolve({ ok: true, value: new Map() }),
    unidentifiedHolders: async (ports) => {
      const { findContainers } = await import("../containers.ts");
      return await findContainers(ports);
    },
    probe: (port) => probe(folder, port),
    signal: (target, signal, scope) => {
      const taskkill = `${folder}\\taskkill.exe`;
      const signaller = { read: processTable, taskkill };
      return signalExactly(signaller, target, signal, scope);
    },
    spawnSuspended: async (request) => {
      const { spawnSuspended } = await import("./windows_launch.ts");
      return await spawnSuspended({
        shell: `${folder}\\cmd.exe`,
        children: (ppid) => readProcesses(folder, { ppid }),
      }, request);
    },
    punchHole: (file, bytes) => punchHole(folder, file, bytes),
    reservedRanges: async () => {
      const found = await readRanges(folder);
      // What an administrator set aside is kept from Windows, not from us.
      return found.ok
        ? { ok: true, value: found.value.filter((row) => !row.administered) }
        : found;
    },
  };
}

/** What the last look at all processes showed. */
interface Memory {
  readonly rows: ReadonlyMap<number, WindowsProcess>;
  /** When, by `performance.now()`. */
  readonly at: number;
}

/** How long the last look also tells the details, in milliseconds. */
const MEMORY_TIME = 1_000;

/** Without a permission for the name, Windows is where it mostly is. */
function systemRoot(): string {
  const usual = "C:\\Windows";
  try {
    return Deno.env.get("SystemRoot") ?? usual;
  } catch {
    return usual;
  }
}

async function findListeners(
  folder: string,
): Promise<Lookup<readonly Listener[]>> {
  // No -p: `-p TCP` hides the rows of IPv6.
  const result = await runTool(`${folder}\\netstat.exe`, ["-ano"]);
  return result.kind === "done"
    ? parseNetstat(result.stdout)
    : { ok: false, reason: explainTool("netstat", result) };
}

async function readProcesses(
  folder: string,
  filter: ProcessFilter = {},
): Promise<Lookup<readonly WindowsProcess[]>> {
  const cim = await runTool(
    `${folder}\\WindowsPowerShell\\v1.0\\powershell.exe`,
    [
      "-NoProfile",
      "-NonInteractive",
      "-EncodedCommand",
      encode(cimScript(filter)),
    ],
    { deadline: CIM_DEADLINE },
  );
  const found: Lookup<readonly WindowsProcess[]> = cim.kind === "done"
    ? parseCim(cim.stdout)
    : { ok: false, reason: explainTool("PowerShell", cim) };
  if (found.ok) return pick(found.value, filter);
  const wmic = await runTool(
    `${folder}\\wbem\\wmic.exe`,
    ["process", "get", WMIC_TABLE, "/value"],
    { deadline: CIM_DEADLINE },
  );
  if (wmic.kind !== "done") return found;
  const all = parseWmic(wmic.stdout);
  return all.ok ? pick(all.value, filter) : all;
}

function pick(
  rows: readonly WindowsProcess[],
  filter: ProcessFilter,
): Lookup<readonly WindowsProcess[]> {
  const value = rows.filter(({ pid, ppid }) =>
    (filter.pids?.includes(pid) ?? true) && ppid === (filter.ppid ?? ppid)
  );
  return { ok: true, value };
}

/**
 * Tells the arguments, by the last look at all processes where it has just
 * been: PowerShell is slow, and an answer of the same moment fits better.
 */
async function readDetails(
  folder: string,
  pids: readonly number[],
  memory: Memory | undefined,
): Promise<ReadonlyMap<number, ProcessDetail>> {
  const wanted = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0);
  if (wanted.length === 0) return new Map();
  const isFresh = memory && performance.now() - memory.at < MEMORY_TIME;
  const known = isFresh
    ? wanted.flatMap((pid) => memory.rows.get(pid) ?? [])
    : [];
  const rows: Lookup<readonly WindowsProcess[]> = known.length === wanted.length
    ? { ok: true, value: known }
    : await readProcesses(folder, { pids: wanted });
  if (!rows.ok) return new Map();
  return new Map(
    rows.value.map(({ pid, commandLine }) => [
      pid,
      { pid, args: splitCommandLine(commandLine) },
    ]),
  );
}

async function readIdentity(
  folder: string,
  pid: number,
): Promise<Lookup<Identity | undefined>> {
  if (!Number.isSafeInteger(pid) || pid < 1) {
    return { ok: true, value: undefined };
  }
  const found = await readProcesses(folder, { pids: [pid] });
  if (!found.ok) return found;
  const [row] = found.value;
  if (row === undefined) return { ok: true, value: undefined };
  return row.start === ""
    ? { ok: false, reason: `Windows does not tell the start of process ${pid}` }
    : { ok: true, value: { pid, start: row.start } };
}

async function readRanges(
  folder: string,
): Promise<Lookup<readonly ExcludedRange[]>> {
  const answers = await Promise.all(["ipv4", "ipv6"].map(async (family) => {
    const result = await runTool(
      `${folder}\\netsh.exe`,
      ["interface", family, "show", "excludedportrange", "protocol=tcp"],
    );
    return result.kind === "done" ? parseNetsh(result.stdout) : {
      ok: false,
      reason: explainTool("netsh", result),
    } as const;
  }));
  const known = answers.flatMap((answer) => answer.ok ? [answer.value] : []);
  const [first] = answers;
  return known.length === 0 && first !== undefined
    ? first
    : { ok: true, value: known.flat() };
}

/**
 * Only a sparse file gives space back
 * (https://learn.microsoft.com/windows-server/administration/windows-commands/fsutil-sparse).
 */
async function punchHole(
  folder: string,
  file: string,
  bytes: number,
): Promise<boolean> {
  for (const words of [["setflag", file], ["setrange", file, "0", bytes]]) {
    const args = ["sparse", ...words.map(String)];
    const result = await runTool(`${folder}\\fsutil.exe`, args);
    if (result.kind !== "done" || result.code !== 0) return false;
  }
  return true;
}

/** 10013 means an excluded range, or a holder that shares with nobody. */
async function probe(folder: string, port: number): Promise<Probe> {
  const found = probePort(port, ADDRESSES);
  if (found !== "denied") return found;
  const ranges = await readRanges(folder);
  const reserved = ranges.ok &&
    ranges.value.some(({ from, to }) => from <= port && port <= to);
  return reserved ? "reserved" : "unknown";
}

/** PowerShell takes a script as base64 of UTF-16, lowest byte first. */
function encode(script: string): string {
  return btoa(script.replace(/[^]/g, (c) => {
    const code = c.charCodeAt(0);
    return String.fromCharCode(code & 255, code >> 8);
  }));
}
