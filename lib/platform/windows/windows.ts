/**
 * The platform of Windows, by its own calls for processes, and by the tools that
 * come with it for ports, each by its full path: PATH may hold others of the
 * same name.
 */

import type { Listener, Lookup, Probe } from "../../core/model.ts";
import { parseNetsh, type PortRange } from "../parse/netsh.ts";
import { parseNetstat, parsePortConnections } from "../parse/netstat.ts";
import { mayExist } from "../kill.ts";
import type { Platform } from "../platform.ts";
import { probePort } from "../probe.ts";
import { outputOf, runTool } from "../tool.ts";
import { findKernel } from "./kernel.ts";
import { systemRoot } from "./system_libraries.ts";
import { type FindSelf, Interrupter } from "./windows_interrupt.ts";
import {
  readDetails,
  readEnvironments,
  readIdentity,
  readProcessTable,
  readTaggedProcesses,
} from "./windows_processes.ts";
import { askByTaskkill, signalExactly, terminate } from "./windows_signal.ts";

/** What is elsewhere on one Windows. */
interface WindowsOptions {
  /** The folder of the tools, `%SystemRoot%\System32` if not given. */
  readonly system32?: string;
  /** Runs devsvc once more, to press Ctrl-C; nothing is asked so if not given. */
  readonly findSelf?: FindSelf | undefined;
  /** Probes addresses of a port, by listening if not given. */
  readonly probePort?: typeof probePort;
}

/**
 * With SO_REUSEADDR, which Deno sets, a probe of one address only sees a holder
 * of the same one
 * (https://learn.microsoft.com/windows/win32/winsock/using-so-reuseaddr-and-so-exclusiveaddruse).
 */
const ADDRESSES: readonly string[] = ["127.0.0.1", "0.0.0.0", "::1", "::"];

/** Makes the platform of Windows. */
export function createWindows(options: WindowsOptions = {}): Platform {
  const folder = options.system32 ?? `${systemRoot()}\\System32`;
  const table = () => readProcessTable(findKernel);
  const interrupter = options.findSelf && new Interrupter(options.findSelf);
  return {
    self: Deno.pid,
    probesFirst: false,
    groups: "tree",
    listeners: () => findListeners(folder),
    processTable: () => Promise.resolve(table()),
    details: (pids) => Promise.resolve(readDetails(findKernel, pids)),
    identity: (pid) => Promise.resolve(readIdentity(findKernel, pid)),
    mayExist,
    environments: (pids) => Promise.resolve(readEnvironments(findKernel, pids)),
    taggedProcesses: () => Promise.resolve(readTaggedProcesses(findKernel)),
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
    signal: (target, signal, scope) =>
      signalExactly(
        {
          self: Deno.pid,
          read: table,
          terminate: (entry) => terminate(findKernel, entry),
          ask: async (members, processes) =>
            await interrupter?.ask(target, processes)
              ? "sent"
              : await askByTaskkill(`${folder}\\taskkill.exe`, members),
        },
        target,
        signal,
        scope,
      ),
    spawnSuspended: async (request) => {
      const { spawnSuspended } = await import("./windows_launch.ts");
      return await spawnSuspended(
        { shell: `${folder}\\cmd.exe`, kernel: findKernel },
        request,
      );
    },
    spawnBackground: async (program) => {
      const { spawnBackground } = await import("./windows_launch.ts");
      spawnBackground(findKernel, program);
    },
    ownsConsole: async () => {
      const { ownsConsole } = await import("./console_owner.ts");
      const [found, processes] = [findKernel(), table()];
      return found.ok && processes.ok &&
        ownsConsole(
          Deno.pid,
          found.value.consoleProcesses(),
          processes.value,
          readDetails(findKernel, found.value.consoleProcesses()),
        );
    },
    punchHole: (file, bytes) => punchHole(folder, file, bytes),
    collapseHead: () => Promise.resolve(false),
  };
}

async function findListeners(
  folder: string,
): Promise<Lookup<readonly Listener[]>> {
  // No -p: `-p TCP` hides the rows of IPv6.
  const result = await runTool(`${folder}\\netstat.exe`, ["-ano"]);
  const found = outputOf("netstat", result);
  return found.ok ? parseNetstat(found.value) : found;
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
