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
  const [containers, sockets] = await Promise.all([
    findContainers(ports),
    readKernel(sources),
  ]);
  const found = new Map<number, UnidentifiedHolder>();
  for (const port of ports) {
    const rows = (sockets ?? []).filter((socket) => socket.port === port);
    const holder = {
      ...await explainSockets(sources, rows),
      ...containers.get(port),
    };
    if (Object.keys(holder).length > 0) found.set(port, holder);
  }
  return found;
}

/**
 * Says who holds a port by its sockets. One without an inode has no owner: it is
 * closed, and the kernel keeps it for a while (TIME_WAIT, FIN_WAIT2, LAST_ACK).
 */
async function explainSockets(
  sources: LinuxSources,
  rows: readonly KernelSocket[],
): Promise<UnidentifiedHolder> {
  const listener = rows.find(({ listening }) => listening);
  if (listener) return { user: await nameUser(listener.uid) };
  const owned = rows.filter(({ inode }) => inode !== NO_INODE);
  const [first] = owned;
  if (first) {
    const owners = await readSocketOwners(sources) ?? new Map();
    const connected = owned.flatMap(({ inode }) => owners.get(inode) ?? []);
    return connected.length > 0
      ? { connected: [...new Set(connected)] }
      : { user: await nameUser(first.uid) };
  }
  if (rows.length === 0) return {};
  const left = rows.flatMap(({ left = [] }) => left);
  // The others have no timer that ends them for certain.
  return left.length < rows.length
    ? { closing: {} }
    : { closing: { left: Math.max(...left) } };
}

/** The inode of a socket that no process has open. */
const NO_INODE = "0";

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
  const owners = await readSocketOwners(sources);
  return owners && rows.map(({ address, port, inode }) => ({
    address,
    port,
    pids: owners.get(inode) ?? [],
  }));
}

async function readSocketOwners(
  sources: LinuxSources,
): Promise<ReadonlyMap<string, readonly number[]> | undefined> {
  const script = 'exec ls -lnq "$1"/[0-9]*/fd';
  const args = ["-c", script, "devsvc", sources.proc];
  const result = await runTool("/bin/sh", args, sources);
  if (result.kind !== "done") return undefined;
  const owners = parseSocketOwners(result.stdout);
  return owners.size === 0 ? undefined : owners;
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

/** A user of another namespace or directory may have no name here. */
async function nameUser(uid: number): Promise<string> {
  const result = await runFirst(["id", "/usr/bin/id"], ["-nu", String(uid)]);
  const name = result.kind === "done" && result.code === 0
    ? result.stdout.trim()
    : "";
  return name === "" ? `uid ${uid}` : name;
}
