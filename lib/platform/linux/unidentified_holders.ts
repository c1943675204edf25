/**
 * Finds out about holders that Linux does not show: the kernel tells everyone
 * the user of every socket (`man 5 proc_pid_net`), Docker tells its containers.
 *
 * @module
 */

import type { UnidentifiedHolder } from "../../core/model.ts";
import { findContainers } from "../containers.ts";
import type { ListenerSources } from "./sources.ts";
import { parseProcNet } from "../parse/proc_net.ts";
import { runFirst } from "../tool.ts";

/** Finds who holds ports without showing a process. */
export async function findUnidentifiedHolders(
  sources: ListenerSources,
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

async function findUsers(
  sources: ListenerSources,
  ports: readonly number[],
): Promise<ReadonlyMap<number, UnidentifiedHolder>> {
  const files = [`${sources.proc}/net/tcp`, `${sources.proc}/net/tcp6`];
  const result = await runFirst(sources.cat, files, sources);
  const sockets = result.kind === "done" ? parseProcNet(result.stdout) : [];
  const users = new Map<number, UnidentifiedHolder>();
  for (const { port, uid, listening } of sockets ?? []) {
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
