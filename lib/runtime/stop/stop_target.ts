/**
 * All the processes that are to end when a service is stopped.
 *
 * @module
 */

import { orphansOf } from "../../core/process_tree.ts";
import type {
  Identity,
  Lookup,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  Service,
} from "../../core/model.ts";
import { findAlive, treeOf, withDescendants } from "../../core/process_tree.ts";
import type { ActContext } from "../act_context.ts";

/** How often processes that are replaced all the time are looked for at once. */
const QUERIES_MAX = 5;

/** Who held the port before and was not to be stopped: they may stay. */
export interface IgnoredHolders {
  /** Those that the OS names. */
  readonly holders: readonly Identity[];
  /** There were others, whom it does not name. */
  readonly unseen: boolean;
}

/** Nobody may stay. */
export const NO_IGNORED_HOLDERS: IgnoredHolders = {
  holders: [],
  unseen: false,
};

/** All that is to end: it grows while its members fork. */
export interface StopTarget {
  /** The service. */
  readonly service: Service;
  /** The run record of its run, if devsvc started it. */
  readonly record?: RunRecord;
  /** Roots of processes that devsvc did not start. */
  readonly roots: readonly Identity[];
  /** Every member that was ever seen. */
  readonly known: Map<number, ProcessEntry>;
  /** Who may hold the port afterwards. */
  readonly ignoredHolders: IgnoredHolders;
}

/** The living members, and where they were seen. */
export interface Members {
  /** They, parents before children. */
  readonly members: readonly ProcessEntry[];
  /** The processes that they were found among. */
  readonly table: ProcessTable;
}

/**
 * Reads the living members, parents before children.
 *
 * The marks cost a look into every environment, so they are read when the rest
 * is gone: only then can somebody be left whom nothing else shows. They count
 * for the table read before them, never for a later one: by then a number may be
 * a stranger's. Where that table shows none of them, both are read again.
 *
 * @param onUnseen Is called as soon as a table shows none, before the marks are
 * read: what is looked at next can be looked at beside them.
 * @returns The members; none if all are gone.
 */
export async function readMembers(
  target: StopTarget,
  { platform }: ActContext,
  onUnseen?: () => void,
): Promise<Lookup<Members>> {
  for (let look = 0; look < QUERIES_MAX; look++) {
    const lookup = await platform.processTable();
    if (!lookup.ok) return lookup;
    const table = lookup.value;
    const visible = membersIn(target, [], table);
    if (visible.length === 0) onUnseen?.();
    if (visible.length > 0 || !target.record) {
      return { ok: true, value: { members: visible, table } };
    }
    const processesByRunId = await platform.processesByRunId();
    if (!processesByRunId.ok) return processesByRunId;
    const withRunId = processesByRunId.value.get(target.record.run) ?? [];
    const hidden = membersIn(target, withRunId, table);
    if (hidden.length > 0 || withRunId.length === 0) {
      return { ok: true, value: { members: hidden, table } };
    }
  }
  return {
    ok: false,
    reason: "its processes change faster than they are seen",
  };
}

function membersIn(
  target: StopTarget,
  withRunId: readonly number[],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const { record } = target;
  const tree = record
    ? treeOf(record, [...withRunId, ...orphansOf(record, table)], table)
    : [];
  const others = [...target.roots, ...target.known.values()]
    .flatMap((identity) => findAlive(identity, table) ?? []);
  const found = new Map(
    [...tree, ...withDescendants(others, table)]
      .map((entry) => [entry.pid, entry]),
  );
  for (const entry of found.values()) target.known.set(entry.pid, entry);
  return [...found.values()];
}
