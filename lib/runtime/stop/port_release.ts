/**
 * The proof that a port is released: nothing listens on it, IPv4 and IPv6.
 *
 * @module
 */

import type { StopFailure } from "../../core/events.ts";
import { listenersOn } from "../../core/listeners.ts";
import type {
  ProcessEntry,
  ProcessTable,
  Service,
  World,
} from "../../core/model.ts";
import { findAlive } from "../../core/process_tree.ts";
import { STOP_BACKOFF, waitFor } from "../poll.ts";
import type { ActContext } from "../act_context.ts";
import type { IgnoredHolders, StopTarget } from "./stop_target.ts";

/** How long the OS may take to release a port, in milliseconds. */
const RELEASE_TIMEOUT = 2_000;

/** Tells who holds the port of a service and is none of those to be stopped. */
export function ignoredHoldersOf(
  { port }: Service,
  members: ReadonlyMap<number, ProcessEntry>,
  world: World,
): IgnoredHolders {
  const table = world.processes.ok ? world.processes.value : new Map();
  const rows = listenersOn(port, world.listeners);
  const pids = rows.flatMap((row) => row.pids)
    .filter((pid) => !members.has(pid));
  return {
    holders: pids.flatMap((pid) => table.get(pid) ?? []),
    unseen: rows.some((row) => row.pids.length === 0),
  };
}

/**
 * Waits until nobody but who may stay listens on the port of a service.
 *
 * @returns Who listens, or why it cannot be told; `undefined` if nobody does.
 */
export async function provePortReleased(
  target: StopTarget,
  context: ActContext,
  begun?: Promise<StopFailure | undefined>,
): Promise<StopFailure | undefined> {
  if (target.service.port === undefined) return undefined;
  let look = begun;
  let last: StopFailure = { kind: "lookup", reason: "" };
  const waited = await waitFor(context.clock, async () => {
    const failure = await (look ?? findPortHolders(target, context));
    look = undefined;
    if (failure) last = failure;
    return failure ? undefined : true;
  }, { timeout: RELEASE_TIMEOUT, backoff: STOP_BACKOFF });
  return waited.kind === "done" ? undefined : last;
}

/**
 * Looks once who listens on the port of a service.
 *
 * @returns Who listens, or why it cannot be told; `undefined` if nobody does.
 */
export async function findPortHolders(
  { service: { port }, ignoredHolders }: Pick<
    StopTarget,
    "service" | "ignoredHolders"
  >,
  { platform }: ActContext,
): Promise<StopFailure | undefined> {
  if (port === undefined) return undefined;
  const listeners = await platform.listeners();
  if (!listeners.ok) return { kind: "lookup", reason: listeners.reason };
  const rows = listenersOn(port, listeners);
  if (rows.length === 0) {
    const probe = await platform.probe(port);
    if (probe === "unknown") return { kind: "lookup", reason: "probe" };
    return probe === "used" ? { kind: "held", holders: [] } : undefined;
  }
  const processes = await platform.processTable();
  const table: ProcessTable = processes.ok ? processes.value : new Map();
  const isIgnored = (pid: number) =>
    ignoredHolders.holders.some((holder) =>
      findAlive(holder, table)?.pid === pid
    );
  const pids = [...new Set(rows.flatMap((row) => row.pids))]
    .filter((pid) => !isIgnored(pid));
  const isUnseen = rows.some((row) => row.pids.length === 0) &&
    !ignoredHolders.unseen;
  if (pids.length === 0 && !isUnseen) return undefined;
  return {
    kind: "held",
    holders: pids.map((pid) => ({ pid, name: table.get(pid)?.name ?? "?" })),
  };
}
