/**
 * The proof that a port is released and stays so: nothing listens on it, IPv4
 * and IPv6, and no supervisor starts again what was stopped.
 */

import type { StopFailure } from "../../core/events.ts";
import { listenersOn } from "../../core/listeners.ts";
import type {
  Holder,
  ProcessEntry,
  ProcessTable,
  World,
} from "../../core/model.ts";
import {
  deadOwnersOf,
  findAlive,
  inheritedSocketHolders,
  isProtected,
  parentsOf,
} from "../../core/process_tree.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ActContext } from "../act_context.ts";
import { type Backoff, STOP_BACKOFF, waitFor } from "../poll.ts";
import type { StopTarget } from "./stop_target.ts";

/** How long the OS may take to release a port, in milliseconds. */
const RELEASE_TIMEOUT = 2_000;

/**
 * Waits until no process but the ignored holders listens on the port.
 *
 * @param begun A first check that was begun already.
 * @returns The holders, or why they are unknown; `undefined` if there are none.
 */
export async function provePortReleased(
  target: StopTarget,
  context: ActContext,
  begun?: Promise<StopFailure | undefined>,
): Promise<StopFailure | undefined> {
  if (target.service.port === undefined) return undefined;
  let check = begun;
  let last: StopFailure = { kind: "lookup", reason: "" };
  const waited = await waitFor(context.clock, async () => {
    const failure = await (check ?? findPortHolders(target, context));
    check = undefined;
    if (failure) last = failure;
    return failure ? undefined : true;
  }, { timeout: RELEASE_TIMEOUT, backoff: STOP_BACKOFF });
  return waited.kind === "done" ? undefined : last;
}

/**
 * Finds the processes that listen on the port, but for the ignored holders.
 *
 * @returns The holders, or why they are unknown; `undefined` if there are none.
 */
export async function findPortHolders(
  { service: { port }, ignoredHolders }: StopTarget,
  { platform }: ActContext,
): Promise<StopFailure | undefined> {
  if (port === undefined) return undefined;
  const listeners = await platform.listeners();
  if (!listeners.ok) return { kind: "lookup", reason: listeners.reason };
  const rows = listenersOn(port, listeners);
  if (rows.length === 0) {
    const probe = await platform.probe(port);
    if (probe === "unknown") return { kind: "lookup", reason: "probe" };
    if (probe !== "used") return undefined;
    const { isUnlistened } = await import("../port_closing.ts");
    return await isUnlistened(port, platform)
      ? undefined
      : { kind: "held", holders: [] };
  }
  const processes = await platform.processTable();
  const table: ProcessTable = processes.ok ? processes.value : new Map();
  const ignored = new Set(
    ignoredHolders.holders.map((holder) => findAlive(holder, table)?.pid),
  );
  const pids = [...new Set(rows.flatMap((row) => row.pids))]
    .filter((pid) => !ignored.has(pid));
  const hasHidden = rows.some((row) => row.pids.length === 0) &&
    !ignoredHolders.hasHidden;
  if (pids.length === 0 && !hasHidden) return undefined;
  return {
    kind: "held",
    holders: pids.map((pid) => ({ pid, name: table.get(pid)?.name ?? "?" })),
  };
}

/**
 * Finds the processes that inherited the port from a dead owner.
 *
 * @param fromAny Whether the owner may be any process; else it must have been a
 * member, and only processes younger than it count.
 * @returns Parents before children, none of them protected; none where the OS
 * cannot tell.
 */
export async function readInheritedHolders(
  { service: { port }, known }: StopTarget,
  fromAny: boolean,
  { platform }: ActContext,
): Promise<readonly ProcessEntry[]> {
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!processes.ok) return [];
  const table = processes.value;
  const dead = deadOwnersOf(listenersOn(port, listeners), table);
  if (dead.length === 0) return [];
  const details = await platform.details([...table.keys()]);
  return dead.flatMap((pid) => {
    const member = known.get(pid);
    return inheritedSocketHolders(pid, table, details).filter((entry) =>
      member ? entry.order >= member.order : fromAny
    );
  }).filter((entry) => !isProtected(entry, platform.self, table));
}

/**
 * How long the port must stay free, in milliseconds: systemd waits for 100 ms
 * before it restarts a service (`RestartSec`, `man 5 systemd.service`), and a
 * server needs some time until it listens.
 */
const QUIET_TIME = 1_000;

/** A probe listens for an instant: a server that starts must rarely meet it. */
const QUIET_BACKOFF: Backoff = { first: 100, last: 300, factor: 1.5 };

/**
 * Waits whether a supervisor that is not part of the service starts again what
 * devsvc did not start and has stopped.
 *
 * @param holders The processes that held the port.
 * @param before The world before the stop.
 * @returns The new holders; `undefined` if there are none.
 */
export async function detectRespawn(
  target: StopTarget,
  holders: readonly Holder[],
  { processes: before }: Pick<World, "processes">,
  context: ActContext,
): Promise<StopFailure | undefined> {
  if (target.roots.length === 0 || holders.length === 0) return undefined;
  const table = before.ok ? before.value : new Map();
  const waited = await waitFor(
    context.clock,
    async () =>
      await readSuccessors(holders, table, context.platform) ??
        await findPortHolders(target, context),
    { timeout: QUIET_TIME, backoff: QUIET_BACKOFF, signal: context.signal },
  );
  return waited.kind === "done" ? waited.value : undefined;
}

/** A new child of the same parent with the same command: it may not listen yet. */
async function readSuccessors(
  holders: readonly Holder[],
  before: ProcessTable,
  platform: Platform,
): Promise<StopFailure | undefined> {
  const processes = await platform.processTable();
  if (!processes.ok) return undefined;
  const table = processes.value;
  const children = holders.flatMap((holder) => {
    const [parent] = parentsOf(holder.pid, before);
    if (!parent || !findAlive(parent, table)) return [];
    return [...table.values()].filter((entry) =>
      entry.ppid === parent.pid && entry.name === holder.name &&
      !entry.zombie && !findAlive(entry, before)
    );
  });
  if (children.length === 0) return undefined;
  const details = await platform.details(children.map(({ pid }) => pid));
  const commands = holders.filter(({ args }) => args.length > 0)
    .map(({ args }) => args.join("\0"));
  const successors = children.filter(({ pid }) =>
    commands.includes(details.get(pid)?.args.join("\0") ?? "")
  );
  return successors.length === 0 ? undefined : {
    kind: "held",
    holders: successors.map(({ pid, name }) => ({ pid, name })),
  };
}
