/**
 * The platform of Windows, by the tools that come with it, each by its full
 * path: PATH may hold others of the same name.
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
import { parseNetsh, type PortRange } from "../parse/netsh.ts";
import { parseNetstat, parsePortConnections } from "../parse/netstat.ts";
import { parseWmic, WMIC_TABLE } from "../parse/wmic.ts";
import {
  splitCommandLine,
  type WindowsProcess,
} from "../parse/windows_process.ts";
import { mayExist } from "../kill.ts";
import type { Platform } from "../platform.ts";
import { probePort } from "../probe.ts";
import { outputOf, runTool } from "../tool.ts";
import { signalExactly } from "./windows_signal.ts";

/** What is elsewhere on one Windows. */
interface WindowsOptions {
  /** The folder of the tools, `%SystemRoot%\System32` if not given. */
  readonly system32?: string;
  /** Probes addresses of a port, by listening if not given. */
  readonly probePort?: typeof probePort;
}

/** PowerShell takes half a second to start, more on a busy machine. */
const CIM_DEADLINE = 15_000;

/**
 * With SO_REUSEADDR, which Deno sets, a probe of one address only sees a holder
 * of the same one
 * (https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse).
 */
const ADDRESSES: readonly string[] = ["127.0.0.1", "0.0.0.0", "::1", "::"];

/** Makes the platform of Windows. */
export function createWindows(options: WindowsOptions = {}): Platform {
  const folder = options.system32 ?? `${systemRoot()}\\System32`;
  let snapshot: Snapshot | undefined;
  const processTable = async (): Promise<Lookup<ProcessTable>> => {
    const found = await readProcesses(folder);
    if (!found.ok) return found;
    const value = new Map(found.value.map((row) => [row.pid, row]));
    snapshot = { rows: value, at: performance.now() };
    return { ok: true, value };
  };
  return {
    self: Deno.pid,
    probesFirst: false,
    groups: "tree",
    listeners: () => findListeners(folder),
    processTable,
    details: (pids) => readDetails(folder, pids, snapshot),
    identity: (pid) => readIdentity(folder, pid),
    mayExist,
    // Windows shows no environments.
    environments: () => Promise.resolve(new Map()),
    taggedProcesses: () => Promise.resolve({ ok: true, value: [] }),
    unidentifiedHolders: async (ports) => {
      const { findContainers } = await import("../containers.ts");
      const [containers, netstat] = await Promise.all([
        findContainers(ports),
        runTool(`${folder}\\netstat.exe`, ["-ano"]),
      ]);
      const found = netstat.kind === "done"
        ? parsePortConnections(netstat.stdout)
        : new Map();
      return new Map(
        ports.filter((port) => containers.has(port) || found.has(port))
          .map((
            port,
          ) => [port, { ...found.get(port), ...containers.get(port) }]),
      );
    },
    probe: async (port) => {
      const found = (options.probePort ?? probePort)(port, ADDRESSES);
      return found === "denied" ? await explainDenied(folder, port) : found;
    },
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
    spawnBackground: async (program) => {
      const { spawnBackground } = await import("./windows_launch.ts");
      spawnBackground(program);
    },
    ownsConsole: async () => {
      const { ownsConsole } = await import("./console_owner.ts");
      const processes = await processTable();
      return processes.ok && ownsConsole(Deno.pid, processes.value);
    },
    punchHole: (file, bytes) => punchHole(folder, file, bytes),
    collapseHead: () => Promise.resolve(false),
  };
}

interface Snapshot {
  readonly rows: ReadonlyMap<number, WindowsProcess>;
  /** When it was taken, by `performance.now()`. */
  readonly at: number;
}

/** How long a snapshot also answers for details, in milliseconds. */
const SNAPSHOT_LIFETIME = 1_000;

/** The folder of Windows; the usual one without a permission for the name. */
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
  const found = outputOf("netstat", result);
  return found.ok ? parseNetstat(found.value) : found;
}

async function readProcesses(
  folder: string,
  filter: ProcessFilter = {},
): Promise<Lookup<readonly WindowsProcess[]>> {
  const script = encode(cimScript(filter));
  const cim = await runTool(
    `${folder}\\WindowsPowerShell\\v1.0\\powershell.exe`,
    ["-NoProfile", "-NonInteractive", "-EncodedCommand", script],
    { deadline: CIM_DEADLINE },
  );
  const output = outputOf("PowerShell", cim);
  const found = output.ok ? parseCim(output.value) : output;
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
 * Reads the arguments from a recent snapshot, where there is one: PowerShell is
 * slow, and both answers are then of the same time.
 */
async function readDetails(
  folder: string,
  pids: readonly number[],
  snapshot: Snapshot | undefined,
): Promise<ReadonlyMap<number, ProcessDetail>> {
  const wanted = pids.filter((pid) => Number.isSafeInteger(pid) && pid > 0);
  if (wanted.length === 0) return new Map();
  const isFresh = snapshot &&
    performance.now() - snapshot.at < SNAPSHOT_LIFETIME;
  const known = isFresh
    ? wanted.flatMap((pid) => snapshot.rows.get(pid) ?? [])
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
    ? { ok: false, reason: `Windows does not show the start of process ${pid}` }
    : { ok: true, value: { pid, start: row.start } };
}

async function readRanges(folder: string): Promise<readonly PortRange[]> {
  const answers = await Promise.all(["ipv4", "ipv6"].map(async (family) => {
    const result = await runTool(
      `${folder}\\netsh.exe`,
      ["interface", family, "show", "excludedportrange", "protocol=tcp"],
    );
    const found = outputOf("netsh", result);
    return found.ok ? parseNetsh(found.value) : found;
  }));
  return answers.flatMap((answer) => answer.ok ? answer.value : []);
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

/**
 * Access is denied (WSAEACCES) in an excluded range, and where a holder has
 * SO_EXCLUSIVEADDRUSE.
 */
async function explainDenied(folder: string, port: number): Promise<Probe> {
  const ranges = await readRanges(folder);
  return ranges.some(({ from, to }) => from <= port && port <= to)
    ? "reserved"
    : "unknown";
}

/** Encodes a script for `-EncodedCommand`: base64 of little-endian UTF-16. */
function encode(script: string): string {
  return btoa(script.replace(/[^]/g, (c) => {
    const code = c.charCodeAt(0);
    return String.fromCharCode(code & 255, code >> 8);
  }));
}
