/**
 * Finds the listening sockets of Linux without `ss`: by what the kernel shows
 * in `/proc/net`, with owners from lsof, from the sockets of each process, or
 * from fuser.
 *
 * @module
 */

import type { Listener, Lookup } from "../../core/model.ts";
import type { ListenerSources } from "./sources.ts";
import { joinListeners } from "../parse/fields.ts";
import { parseFuser } from "../parse/fuser.ts";
import { LSOF_LISTENERS, parseLsof } from "../parse/lsof.ts";
import {
  type KernelSocket,
  parseProcNet,
  parseSocketOwners,
} from "../parse/proc_net.ts";
import { explainTool, runFirst, runTool } from "../tool.ts";

/** More ports than that are not asked about one by one. */
const FUSER_PORTS = 32;

/**
 * Finds every listening TCP socket where `ss` told nothing.
 *
 * @returns The listeners, with no owner where none is shown; not ok where
 * neither a tool nor the kernel tells.
 */
export async function findOtherwise(
  sources: ListenerSources,
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
 * The exit code of lsof is 1 as soon as one thing was not found. An empty
 * answer may mean that it was not permitted to look.
 */
async function byLsof(
  sources: ListenerSources,
): Promise<Lookup<readonly Listener[]>> {
  const result = await runFirst(sources.lsof, LSOF_LISTENERS, sources);
  if (result.kind !== "done") {
    return { ok: false, reason: explainTool("lsof", result) };
  }
  const found = parseLsof(result.stdout);
  return found.ok && found.value.length === 0
    ? { ok: false, reason: "lsof showed nothing" }
    : found;
}

async function readKernel(
  sources: ListenerSources,
): Promise<readonly KernelSocket[] | undefined> {
  const files = [`${sources.proc}/net/tcp`, `${sources.proc}/net/tcp6`];
  const result = await runFirst(sources.cat, files, sources);
  return result.kind === "done" ? parseProcNet(result.stdout) : undefined;
}

async function byDescriptors(
  sources: ListenerSources,
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
 * fuser names everyone with a socket of that local port, a client too; it is
 * believed only where every such socket listens.
 */
async function byFuser(
  sources: ListenerSources,
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
