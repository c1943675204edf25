/**
 * Processes that devsvc never signals, whatever is asked of it.
 *
 * @module
 */

import type { ProcessEntry, ProcessTable } from "./model.ts";
import { parentsOf } from "./process_tree.ts";

/**
 * Programs that hold ports for somebody else: to end them breaks a container,
 * a tunnel or the desktop, and mostly does not free the port.
 *
 * The names are as the OS shortens them (15 characters on Linux). Where each
 * was seen to hold a port: docs/platforms.md.
 */
const CONTAINER_PROGRAMS: readonly string[] = [
  "docker-proxy",
  "dockerd",
  "containerd",
  "containerd-shim",
  "rootlessport",
  "rootlesskit",
  "slirp4netns",
  "pasta",
  "gvproxy",
  "conmon",
  "com.docker.backend",
  "com.docker.backe",
  "com.docke",
  "com.docker.vpnkit",
  "vpnkit",
  "vpnkit-bridge",
  "OrbStack Helper",
  "OrbStack",
  "limactl",
  "ssh-docker",
];

const SYSTEM_PROGRAMS: readonly string[] = [
  "systemd",
  "init",
  "launchd",
  "kernel_task",
  "sshd",
  "ControlCenter",
  "ControlCe",
  "rapportd",
];

/** As Windows writes them: a project may have a `registry` of its own. */
const WINDOWS: ReadonlySet<string> = new Set([
  "System",
  "Registry",
  "vmmem",
  "svchost.exe",
  "services.exe",
  "lsass.exe",
  "csrss.exe",
  "smss.exe",
  "wininit.exe",
  "winlogon.exe",
  "explorer.exe",
  "wslrelay.exe",
  "wslhost.exe",
  "wslservice.exe",
]);

function programName(name: string): string {
  return name.replace(/\.exe$/i, "").toLowerCase();
}

const CONTAINERS: ReadonlySet<string> = new Set(
  CONTAINER_PROGRAMS.map(programName),
);
const SYSTEM: ReadonlySet<string> = new Set(SYSTEM_PROGRAMS.map(programName));

/**
 * Tells whether a program publishes the ports of containers.
 *
 * @param name The short name of the program, with or without `.exe`.
 */
export function isContainerProgram(name: string): boolean {
  return CONTAINERS.has(programName(name));
}

/**
 * Tells whether a process must never be signalled.
 *
 * These are the first processes of the system (0, 1, 4 on Windows is
 * `System`), devsvc and all its parents, and the programs that hold ports for
 * the system or for containers.
 */
export function isProtected(
  entry: ProcessEntry,
  self: number,
  table: ProcessTable,
): boolean {
  if (entry.pid <= 1 || entry.pid === self) return true;
  const name = programName(entry.name);
  if (SYSTEM.has(name) || CONTAINERS.has(name)) return true;
  if (WINDOWS.has(entry.name) || WINDOWS.has(entry.name.toLowerCase())) {
    return true;
  }
  return parentsOf(self, table).some((parent) => parent.pid === entry.pid);
}
