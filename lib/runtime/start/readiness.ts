/**
 * The proof that a service is ready: every check passes, and its own processes
 * own the port, before and after the checks.
 */

import type { NamedProcess, Pending, ShownCheck } from "../../core/events.ts";
import { listenersOn } from "../../core/listeners.ts";
import { mismatchedPortsOf, portsOf } from "../../core/port_mismatch.ts";
import type {
  Listener,
  ProcessEntry,
  ProcessTable,
  ReadyCheck,
  RunRecord,
  Service,
} from "../../core/model.ts";
import { findAlive, mainOf, treeOf } from "../../core/process_tree.ts";
import { pidsOfRun } from "../../core/tagged_runs.ts";
import type { Host } from "../../platform/host.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ActContext } from "../act_context.ts";
import {
  CHECK_DEADLINE,
  type CheckTarget,
  checkTargetOf,
  firstFailure,
  isAnswered,
  loopbacksOf,
} from "./probes.ts";

/** Whether a starting service is ready. */
export type Readiness =
  | {
    readonly kind: "ready";
    /** Its main process, where it is known. */
    readonly pid?: number;
  }
  /** Its wrapper has ended. */
  | { readonly kind: "gone" }
  | { readonly kind: "pending"; readonly pending: Pending };

/**
 * Makes a function that checks once whether a starting service is ready.
 *
 * @param onWait Called with the check that has no answer yet, once it is asked.
 */
export function readinessCheck(
  service: Service,
  record: RunRecord,
  context: ActContext,
  onWait?: (check: ShownCheck) => void,
): () => Promise<Readiness> {
  const target = checkTargetOf(service, context.dir, record.logOffset);
  const { port } = service;
  const checks = { ask: checkWithin(service, context, onWait), target };
  if (port === undefined) {
    return () => checkWithoutPort(record, checks, context);
  }
  const readMismatch = watchPortMismatch(port, service, record, context);
  return async () => {
    // Who listens costs two tools; a refused connection costs 0.05 ms.
    if (await isAnswered(port, context, context.signal)) {
      return await checkOwnPort(port, record, checks, context);
    }
    // A number says little, but costs nothing.
    if (!context.platform.mayExist(record.pid)) return { kind: "gone" };
    const found = await readMismatch();
    if (found === "gone") return { kind: "gone" };
    if (found.kind !== "elsewhere") {
      return pendingOf(silentPort(port, found.ports));
    }
    // Its own checks may do without a connection.
    return service.ready.some(isOnPort)
      ? pendingOf({ kind: "address", port, addresses: found.addresses })
      : await checkOwnPort(port, record, checks, context);
  };
}

/** Whether a check connects to the port. */
function isOnPort({ kind }: ReadyCheck): boolean {
  return kind === "http" || kind === "tcp";
}

/** The checks of a service. */
interface Checks {
  /** Makes them once. */
  readonly ask: (target: CheckTarget) => Promise<Readiness>;
  /** What they need, but for the addresses that it listens on. */
  readonly target: CheckTarget;
}

async function checkWithoutPort(
  record: RunRecord,
  { ask, target }: Checks,
  context: ActContext,
): Promise<Readiness> {
  const identity = await context.platform.identity(record.pid);
  if (!identity.ok) {
    return pendingOf({ kind: "lookup", reason: identity.reason });
  }
  if (identity.value?.start !== record.start) return { kind: "gone" };
  return await ask(target);
}

async function checkOwnPort(
  port: number,
  record: RunRecord,
  { ask, target }: Checks,
  context: ActContext,
): Promise<Readiness> {
  const before = await readOwners(port, record, context);
  if (before.kind !== "owned") return before;
  const { addresses } = before;
  const checked = await ask({ ...target, addresses });
  if (checked.kind !== "ready") return checked;
  const after = await readOwners(port, record, context);
  return after.kind === "owned" ? { kind: "ready", pid: after.main } : after;
}

/**
 * Makes the function that runs the checks once: an attempt may take what is left
 * of the time in which the service must be ready, which begins now.
 */
function checkWithin(
  { ready, readyTimeout, readyAttempt = Infinity }: Service,
  context: ActContext,
  onWait: ((check: ShownCheck) => void) | undefined,
): Checks["ask"] {
  const { clock, signal } = context;
  const end = clock.elapsed() + readyTimeout;
  return async (target) => {
    // The last attempt still gets the time of any answer.
    const left = Math.max(end - clock.elapsed(), CHECK_DEADLINE);
    const timeout = Math.min(left, readyAttempt);
    const failure = await firstFailure(ready, target, context, {
      signal,
      timeout,
      onWait,
    });
    return failure
      ? pendingOf({ kind: "check", ...failure })
      : { kind: "ready" };
  };
}

function pendingOf(pending: Pending): Extract<Readiness, { kind: "pending" }> {
  return { kind: "pending", pending };
}

function silentPort(
  port: number,
  mismatchedPorts: readonly number[],
): Pending {
  return mismatchedPorts.length > 0
    ? { kind: "port-mismatch", port, mismatchedPorts, holders: [] }
    : { kind: "port", port };
}

/** The service owns every socket on its port. */
interface Owned {
  readonly kind: "owned";
  readonly addresses: readonly string[];
  /** The main process of the service. */
  readonly main: number;
}

/** Reads whether every socket on the port belongs to the service. */
async function readOwners(
  port: number,
  record: RunRecord,
  context: MismatchContext,
): Promise<Owned | Exclude<Readiness, { kind: "ready" }>> {
  const { platform } = context;
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!listeners.ok) {
    return pendingOf({ kind: "lookup", reason: listeners.reason });
  }
  if (!processes.ok) {
    return pendingOf({ kind: "lookup", reason: processes.reason });
  }
  const table = processes.value;
  if (!findAlive(record, table)) return { kind: "gone" };
  const rows = listenersOn(port, listeners);
  const tree = await readTree(rows, record, table, platform);
  if (rows.length > 0 && ownsAll(tree, rows)) {
    const addresses = rows.map(({ address }) => address);
    const main = mainOf(tree, record)?.pid ?? record.pid;
    return { kind: "owned", addresses, main };
  }
  const mismatchedPorts = await findMismatchedPorts(
    port,
    tree,
    listeners.value,
    context,
  );
  if (rows.length === 0) return pendingOf(silentPort(port, mismatchedPorts));
  const holders = otherHolders(rows, tree, table);
  return pendingOf(
    mismatchedPorts.length > 0
      ? { kind: "port-mismatch", port, mismatchedPorts, holders }
      : { kind: "owner", port, holders },
  );
}

/** Run ids are slow to read: only where a socket seems to be another process's. */
async function readTree(
  rows: readonly Listener[],
  record: RunRecord,
  table: ProcessTable,
  platform: Platform,
): Promise<readonly ProcessEntry[]> {
  const tree = treeOf(record, [], table);
  if (ownsAll(tree, rows)) return tree;
  const taggedProcesses = await platform.taggedProcesses();
  return treeOf(record, pidsOfRun(record.run, { taggedProcesses }), table);
}

function ownsAll(
  tree: readonly ProcessEntry[],
  rows: readonly Listener[],
): boolean {
  const members = new Set(tree.map(({ pid }) => pid));
  return rows.every(({ pids }) =>
    pids.length > 0 && pids.every((pid) => members.has(pid))
  );
}

function otherHolders(
  rows: readonly Listener[],
  tree: readonly ProcessEntry[],
  table: ProcessTable,
): readonly NamedProcess[] {
  const members = new Set(tree.map(({ pid }) => pid));
  return [...new Set(rows.flatMap(({ pids }) => pids))]
    .filter((pid) => !members.has(pid))
    .map((pid) => ({ pid, name: table.get(pid)?.name ?? "?" }));
}

/** The shortest pause between two reads of the ports, in milliseconds. */
export const MISMATCH_PAUSE = 500;

/** By how much a pause is longer than the read before it, at least. */
const PAUSE_PER_READ = 4;

/** Where a starting service listens that its port is silent of. */
type Mismatch =
  | { readonly kind: "ports"; readonly ports: readonly number[] }
  /** It listens on its own port, but not on the loopback of this machine. */
  | { readonly kind: "elsewhere"; readonly addresses: readonly string[] };

const NO_MISMATCH: Mismatch = { kind: "ports", ports: [] };

/**
 * Watches where a starting service listens instead of its own port.
 *
 * A read takes two tools, so most answers repeat the last one; the first read
 * is due only after a pause, when a quick service is ready already.
 *
 * @returns Gives the ports or addresses, or `gone` where the wrapper has ended;
 * no ports where there are none, or where the OS cannot tell.
 */
export function watchPortMismatch(
  port: number,
  { readyTimeout }: Service,
  record: RunRecord,
  context: MismatchContext & Pick<Host, "clock">,
): () => Promise<Mismatch | "gone"> {
  const { clock } = context;
  let due = clock.elapsed() + Math.min(MISMATCH_PAUSE, readyTimeout / 2);
  let last: Mismatch | "gone" = NO_MISMATCH;
  return async () => {
    const begun = clock.elapsed();
    if (begun < due) return last;
    last = await readMismatch(port, record, context);
    const cost = clock.elapsed() - begun;
    due = clock.elapsed() + Math.max(MISMATCH_PAUSE, cost * PAUSE_PER_READ);
    return last;
  };
}

async function readMismatch(
  port: number,
  record: RunRecord,
  context: MismatchContext,
): Promise<Mismatch | "gone"> {
  const { platform } = context;
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!listeners.ok || !processes.ok) return NO_MISMATCH;
  if (!findAlive(record, processes.value)) return "gone";
  const rows = listenersOn(port, listeners);
  const tree = await readTree(rows, record, processes.value, platform);
  const addresses = rows.map(({ address }) => address);
  if (
    rows.length > 0 && ownsAll(tree, rows) &&
    loopbacksOf(addresses).length === 0
  ) return { kind: "elsewhere", addresses };
  const ports = await findMismatchedPorts(
    port,
    tree,
    listeners.value,
    context,
  );
  return { kind: "ports", ports };
}

/** What a search for the port of a service uses. */
type MismatchContext =
  & Pick<Host, "platform">
  & Partial<Pick<ActContext, "project">>;

/** Reads who lets a debugger in only where a port mismatch would be told. */
async function findMismatchedPorts(
  port: number,
  tree: readonly ProcessEntry[],
  listeners: readonly Listener[],
  { platform, project }: MismatchContext,
): Promise<readonly number[]> {
  const otherPorts = project && portsOf(project.services);
  const found = mismatchedPortsOf(port, tree, listeners, { otherPorts });
  if (found.length === 0) return found;
  const { readDebugPorts } = await import("../debug_ports.ts");
  const owners = tree.map(({ pid }) => pid)
    .filter((pid) =>
      listeners.some((row) =>
        found.includes(row.port) && row.pids.includes(pid)
      )
    );
  const debugPorts = await readDebugPorts(owners, platform);
  return found.filter((one) => !debugPorts.has(one));
}
