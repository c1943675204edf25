/**
 * The proof that a service is ready: every check passes, and its own processes
 * own the port, looked at before and after the checks.
 *
 * @module
 */

import { mismatchedPortsOf } from "../../core/listeners.ts";
import type { NamedProcess, Pending } from "../../core/events.ts";
import { listenersOn } from "../../core/listeners.ts";
import type {
  Listener,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  Service,
} from "../../core/model.ts";
import { findAlive, mainOf, treeOf } from "../../core/process_tree.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ActContext } from "../act_context.ts";
import {
  type CheckTarget,
  checkTargetOf,
  firstFailure,
  isAnswered,
} from "./probes.ts";

/** What one look at a service on its way says. */
export type Readiness =
  | {
    readonly kind: "ready";
    /** Its main process, where that was seen. */
    readonly pid?: number;
  }
  /** Its process is gone. */
  | { readonly kind: "gone" }
  | { readonly kind: "pending"; readonly pending: Pending };

/** Looks once whether a service is ready. */
export async function provePending(
  service: Service,
  record: RunRecord,
  context: ActContext,
  portMismatch: () => Promise<readonly number[] | "gone">,
): Promise<Readiness> {
  const { platform, signal } = context;
  const target = checkTargetOf(service, context.dir, record.logOffset);
  if (service.port === undefined) {
    const isAlive = await isWrapperAlive(record, platform);
    if (isAlive !== "alive") return isAlive;
    return await runChecks(service, target, context);
  }
  // Who listens costs two tools; that nobody answers costs next to nothing.
  if (!await isAnswered(service.port, context, signal)) {
    // A number says little, but costs nothing; who has it is seen now and then.
    const took = platform.mayExist(record.pid) ? await portMismatch() : "gone";
    if (took === "gone") return { kind: "gone" };
    return waitingFor(portOrMismatch(service.port, took));
  }
  const before = await readOwners(service.port, record, platform);
  if (before.kind !== "owned") return before.readiness;
  const checked = await runChecks(
    service,
    { ...target, addresses: before.addresses },
    context,
  );
  if (checked.kind !== "ready") return checked;
  const after = await readOwners(service.port, record, platform);
  return after.kind === "owned"
    ? { kind: "ready", pid: after.main }
    : after.readiness;
}

function waitingFor(pending: Pending): Readiness {
  return { kind: "pending", pending };
}

function portOrMismatch(port: number, took: readonly number[]): Pending {
  return took.length > 0
    ? { kind: "port-mismatch", port, mismatchedPorts: took, holders: [] }
    : { kind: "port", port };
}

async function runChecks(
  service: Service,
  target: CheckTarget,
  context: ActContext,
): Promise<Readiness> {
  const failure = await firstFailure(
    service.ready,
    target,
    context,
    context.signal,
  );
  return failure
    ? waitingFor({ kind: "check", ...failure })
    : { kind: "ready" };
}

async function isWrapperAlive(
  record: RunRecord,
  platform: Platform,
): Promise<"alive" | Readiness> {
  const identity = await platform.identity(record.pid);
  if (!identity.ok) {
    return waitingFor({ kind: "lookup", reason: identity.reason });
  }
  return identity.value?.start === record.start ? "alive" : { kind: "gone" };
}

type Owners =
  | {
    readonly kind: "owned";
    readonly addresses: readonly string[];
    /** The main process of the service. */
    readonly main: number;
  }
  | { readonly kind: "not"; readonly readiness: Readiness };

/** Every socket on the port must belong to the tree of the service. */
async function readOwners(
  port: number,
  record: RunRecord,
  platform: Platform,
): Promise<Owners> {
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  for (const lookup of [listeners, processes]) {
    if (!lookup.ok) return not({ kind: "lookup", reason: lookup.reason });
  }
  if (!listeners.ok || !processes.ok) return not({ kind: "port", port });
  const table = processes.value;
  if (!findAlive(record, table)) {
    return { kind: "not", readiness: { kind: "gone" } };
  }
  const rows = listenersOn(port, listeners);
  const tookOf = (tree: readonly ProcessEntry[]) =>
    mismatchedPortsOf(port, tree, listeners.value);
  if (rows.length === 0) {
    return not(portOrMismatch(port, tookOf(treeOf(record, [], table))));
  }
  const unidentifiedHolders = await readOtherHolders(
    rows,
    record,
    table,
    platform,
  );
  if (!unidentifiedHolders) {
    return {
      kind: "owned",
      addresses: rows.map(({ address }) => address),
      main: mainOf(treeOf(record, [], table), record)?.pid ?? record.pid,
    };
  }
  const { holders, tree } = unidentifiedHolders;
  const took = tookOf(tree);
  return not(
    took.length > 0
      ? { kind: "port-mismatch", port, mismatchedPorts: took, holders }
      : { kind: "owner", port, holders },
  );
}

function not(pending: Pending): Owners {
  return { kind: "not", readiness: waitingFor(pending) };
}

/** Those who hold the port and are none of the service, and who is. */
interface OtherHolders {
  readonly holders: readonly NamedProcess[];
  readonly tree: readonly ProcessEntry[];
}

async function readOtherHolders(
  rows: readonly Listener[],
  record: RunRecord,
  table: ProcessTable,
  platform: Platform,
): Promise<OtherHolders | undefined> {
  if (!strangersTo(treeOf(record, [], table), rows, table)) return undefined;
  // One more look, at the marks, before a process is called a stranger.
  const processesByRunId = await platform.processesByRunId();
  const withRunId = processesByRunId.ok
    ? processesByRunId.value.get(record.run) ?? []
    : [];
  const tree = treeOf(record, withRunId, table);
  const holders = strangersTo(tree, rows, table);
  return holders ? { holders, tree } : undefined;
}

function strangersTo(
  tree: readonly ProcessEntry[],
  rows: readonly Listener[],
  table: ProcessTable,
): readonly NamedProcess[] | undefined {
  const members = new Set(tree.map(({ pid }) => pid));
  const unidentifiedHolders = rows.flatMap(({ pids }) => pids)
    .filter((pid) => !members.has(pid));
  const isUnseen = rows.some(({ pids }) => pids.length === 0);
  if (unidentifiedHolders.length === 0 && !isUnseen) return undefined;
  return [...new Set(unidentifiedHolders)].map((pid) => ({
    pid,
    name: table.get(pid)?.name ?? "?",
  }));
}
