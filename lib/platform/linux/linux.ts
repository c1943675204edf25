/**
 * The door to Linux. Most looks only have to try ports; what asks the tools of
 * the OS is loaded once something is held.
 *
 * @module
 */

import type { LinuxOptions, LinuxTools } from "./linux_tools.ts";
import { mayExist } from "../may_exist.ts";
import type { Platform } from "../platform.ts";
import { probePosix } from "../probe.ts";

/**
 * Makes the door to Linux.
 *
 * @param options Where tools and `/proc` are, if not where they usually are.
 */
export function createLinux(options: LinuxOptions = {}): Platform {
  let opened: Promise<LinuxTools> | undefined;
  const tools = () =>
    opened ??= import("./linux_tools.ts").then(({ openLinuxTools }) =>
      openLinuxTools(options)
    );
  return {
    self: Deno.pid,
    probesFirst: true,
    groups: "group",
    mayExist,
    // With bindv6only=0 `::` sees every holder, with 1 only those of IPv6
    // (`man 7 ipv6`).
    probe: (port) => Promise.resolve(probePosix(port, ["::", "0.0.0.0"])),
    reservedRanges: () => Promise.resolve({ ok: true, value: [] }),
    listeners: async () => await (await tools()).listeners(),
    processTable: async () => await (await tools()).processTable(),
    details: async (pids) => await (await tools()).details(pids),
    identity: async (pid) => await (await tools()).identity(pid),
    environments: async (pids) => await (await tools()).environments(pids),
    processesByRunId: async () => await (await tools()).processesByRunId(),
    unidentifiedHolders: async (ports) =>
      await (await tools()).unidentifiedHolders(ports),
    signal: async (target, signal, scope) =>
      await (await tools()).signal(target, signal, scope),
    spawnSuspended: async (request) =>
      await (await tools()).spawnSuspended(request),
    punchHole: async (file, bytes) =>
      await (await tools()).punchHole(file, bytes),
  };
}
