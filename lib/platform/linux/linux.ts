/**
 * The platform of Linux. Most commands only probe ports; what runs the tools
 * of the OS is loaded once a port is held.
 */

import { mayExist } from "../kill.ts";
import type { Platform } from "../platform.ts";
import { probePosix } from "../probe.ts";
import type { LinuxTools } from "./linux_tools.ts";
import type { LinuxOptions } from "./sources.ts";

/**
 * Makes the platform of Linux.
 *
 * @param options Where tools and `/proc` are, if not where they usually are.
 */
export function createLinux(options: LinuxOptions = {}): Platform {
  let loaded: Promise<LinuxTools> | undefined;
  const tools = () =>
    loaded ??= import("./linux_tools.ts").then(({ createLinuxTools }) =>
      createLinuxTools(options)
    );
  return {
    self: Deno.pid,
    probesFirst: true,
    groups: "group",
    mayExist,
    // With bindv6only=0 `::` sees every holder, with 1 only those of IPv6
    // (`man 7 ipv6`).
    probe: (port) => Promise.resolve(probePosix(port, ["::", "0.0.0.0"])),
    ownsConsole: () => Promise.resolve(false),
    listeners: async () => await (await tools()).listeners(),
    processTable: async () => await (await tools()).processTable(),
    details: async (pids) => await (await tools()).details(pids),
    identity: async (pid) => await (await tools()).identity(pid),
    environments: async (pids) => await (await tools()).environments(pids),
    taggedProcesses: async () => await (await tools()).taggedProcesses(),
    unidentifiedHolders: async (ports) =>
      await (await tools()).unidentifiedHolders(ports),
    signal: async (target, signal, scope) =>
      await (await tools()).signal(target, signal, scope),
    spawnSuspended: async (request) =>
      await (await tools()).spawnSuspended(request),
    spawnBackground: async (program) => {
      const { spawnBackground } = await import("../posix/spawn_session.ts");
      spawnBackground(program);
    },
    punchHole: async (file, bytes) =>
      await (await tools()).punchHole(file, bytes),
    collapseHead: async (file, bytes) =>
      await (await tools()).collapseHead(file, bytes),
  };
}
