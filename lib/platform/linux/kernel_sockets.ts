/**
 * What is known of the listening sockets of Linux where `ss` fails or names no
 * owner.
 */

import type { Listener, Lookup, UnidentifiedHolder } from "../../core/model.ts";
import { findContainers } from "../containers.ts";
import { joinListeners } from "../parse/fields.ts";
import { LSOF_LISTENERS, parseLsof } from "../parse/lsof.ts";
import {
  type KernelSocket,
  parseFuser,
  parseProcNet,
  parseSocketOwners,
} from "../parse/proc_net.ts";
import { outputOf, runFirst, runTool } from "../tool.ts";
import type { LinuxSources } from "./sources.ts";

/** More ports than that are not queried one by one. */
const FUSER_PORTS = 32;

/** Finds every listening TCP socket by the kernel, lsof and fuser. */
export async function findListenersWithoutSs(
  sources: LinuxSources,
): Promise<Lookup<readonly Listener[]>> {
  const [lsof, kernel] = await Promise.all([
    byLsof(sources),
    readKernel(sources),
  ]);
  if (kernel === undefined) {
    return lsof.ok ? lsof : {
      ok: false,
      reason: `${lsof.reason}; /proc/net is not readable`,
    };
  }
  const rows = kernel.filter((socket) => socket.listening);
  if (lsof.ok) {
    return {
      ok: true,
      value: joinListeners([...rows.map(unowned), ...lsof.value]),
    };
  }
  const owned = await byDescriptors(sources, rows) ??
    await byFuser(sources, kernel);
  return { ok: true, value: joinListeners(owned) };
}

/**
 * Finds who holds ports without showing a process: the kernel shows everyone
 * the user of every socket (`man 5 proc_pid_net`), Docker its containers.
 */
export async function findUnidentifiedHolders(
  sources: LinuxSources,
  ports: readonly number[],
): Promise<ReadonlyMap<number, UnidentifiedHolder>> {
  const [containers, users] = await Promise.all([
    findContainers(ports),
    findUsers(sources, ports),
  ]);
  return new Map(
    ports.filter((port) => containers.has(port) || users.has(port))
      .map((port) => [port, { ...users.get(port), ...containers.get(port) }]),
  );
}

/**
 * The exit code of lsof is 1 as soon as one thing was not found. An empty
 * answer may mean that it had no permission.
 */
async function byLsof(
  sources: LinuxSources,
): Promise<Lookup<readonly Listener[]>> {
  const result = await runFirst(sources.lsof, LSOF_LISTENERS, sources);
  const output = outputOf("lsof", result);
  if (!output.ok) return output;
  const found = parseLsof(output.value);
  return found.ok && found.value.length === 0
    ? { ok: false, reason: "lsof showed nothing" }
    : found;
}

async function readKernel(
  sources: LinuxSources,
): Promise<readonly KernelSocket[] | undefined> {
  const files = [`${sources.proc}/net/tcp`, `${sources.proc}/net/tcp6`];
  const result = await runFirst(sources.cat, files, sources);
  return result.kind === "done" ? parseProcNet(result.stdout) : undefined;
}

async function byDescriptors(
  sources: LinuxSources,
  rows: readonly KernelSocket[],
): Promise<readonly Listener[] | undefined> {
  const script = 'exec ls -lnq "$1"/[0-9]*/fd';
  const args = ["-c", script, "devsvc", sources.proc];
  const result = await runTool("/bin/sh", args, sources);
  if (result.kind !== "done") return undefined;
  const owners = parseSocketOwners(result.stdout);
  if (owners.size === 0) return undefined;
  return rows.map(({ address, port, inode }) => ({
    address,
    port,
    pids: owners.get(inode) ?? [],
  }));
}

/**
 * fuser names every process with a socket of that local port, also a client;
 * its answer counts only where every such socket listens.
 */
async function byFuser(
  sources: LinuxSources,
  kernel: readonly KernelSocket[],
): Promise<readonly Listener[]> {
  const rows = kernel.filter((socket) => socket.listening);
  const busy = new Set(
    kernel.filter((socket) => !socket.listening).map((socket) => socket.port),
  );
  const ports = [...new Set(rows.map((row) => row.port))]
    .filter((port) => !busy.has(port)).slice(0, FUSER_PORTS);
  const answers = await Promise.all(ports.map(async (port) => {
    const result = await runFirst(sources.fuser, [`${port}/tcp`], sources);
    return result.kind === "done" ? parseFuser(result.stdout) : [];
  }));
  return rows.map((row) => ({
    ...unowned(row),
    pids: answers[ports.indexOf(row.port)] ?? [],
  }));
}

function unowned({ address, port }: KernelSocket): Listener {
  return { address, port, pids: [] };
}

async function findUsers(
  sources: LinuxSources,
  ports: readonly number[],
): Promise<ReadonlyMap<number, UnidentifiedHolder>> {
  const users = new Map<number, UnidentifiedHolder>();
  for (const { port, uid, listening } of await readKernel(sources) ?? []) {
    if (!listening || !ports.includes(port) || users.has(port)) continue;
    users.set(port, { user: await nameUser(uid) });
  }
  return users;
}

/** A user of another namespace or directory may have no name here. */
async function nameUser(uid: number): Promise<string> {
  const result = await runFirst(["id", "/usr/bin/id"], ["-nu", String(uid)]);
  const name = result.kind === "done" && result.code === 0
    ? result.stdout.trim()
    : "";
  return name === "" ? `uid ${uid}` : name;
}
