/**
 * Signals all members of a service, each reached once.
 *
 * @module
 */

import type {
  Identity,
  ProcessEntry,
  ProcessTable,
  StopSignal,
} from "../../core/model.ts";
import { isProtected } from "../../core/process_tree.ts";
import { parentsOf } from "../../core/process_tree.ts";
import type { Platform, SignalOutcome } from "../../platform/platform.ts";

/** What became of signalling. */
export interface Signalled {
  /** The members for which the OS refused. */
  readonly denied: readonly ProcessEntry[];
  /** Nobody was asked, since none of them can be: there is no answer to wait for. */
  readonly unsignalable: boolean;
}

/**
 * Signals every member: the group of the wrapper at one stroke, or, where there
 * are no groups, each tree.
 *
 * devsvc and those that it runs under are never signalled.
 */
export async function signalAll(
  members: readonly ProcessEntry[],
  signal: StopSignal,
  wrapper: Identity | undefined,
  table: ProcessTable,
  platform: Platform,
): Promise<Signalled> {
  if (platform.groups === "tree") {
    return await signalTrees(members, signal, platform);
  }
  const mayDie = members.filter((entry) =>
    !isProtected(entry, platform.self, table)
  );
  const head = mayDie.find((entry) =>
    entry.pid === wrapper?.pid && entry.group === entry.pid
  );
  const isWhole = mayDie.length === members.length;
  const group = head && isWhole ? head.pid : undefined;
  const whole = head && group !== undefined
    ? await platform.signal(head, signal, "group")
    : undefined;
  const outcomes: [ProcessEntry, SignalOutcome][] = [];
  for (const entry of mayDie) {
    const isReached = whole !== undefined && entry.group === group;
    const outcome = isReached
      ? whole
      : await platform.signal(entry, signal, "process");
    outcomes.push([entry, outcome]);
  }
  return sumUp(outcomes);
}

/**
 * Signals each member that is nobody's child among them, with all below it;
 * the platform itself looks whom devsvc runs under, in the look it takes anyway.
 */
async function signalTrees(
  members: readonly ProcessEntry[],
  signal: StopSignal,
  platform: Platform,
): Promise<Signalled> {
  const table: ProcessTable = new Map(members.map((row) => [row.pid, row]));
  const outcomes: [ProcessEntry, SignalOutcome][] = [];
  for (const entry of members) {
    if (parentsOf(entry.pid, table).length > 0) continue;
    outcomes.push([entry, await platform.signal(entry, signal, "group")]);
  }
  const topmost = sumUp(outcomes);
  const isBelow = (entry: ProcessEntry) =>
    parentsOf(entry.pid, table).some((head) => topmost.denied.includes(head));
  return {
    ...topmost,
    denied: members.filter((entry) =>
      topmost.denied.includes(entry) || isBelow(entry)
    ),
  };
}

function sumUp(
  outcomes: readonly (readonly [ProcessEntry, SignalOutcome])[],
): Signalled {
  return {
    denied: outcomes.flatMap(([entry, outcome]) =>
      outcome === "denied" ? [entry] : []
    ),
    unsignalable: outcomes.some(([, outcome]) => outcome === "unsignalable") &&
      !outcomes.some(([, outcome]) => outcome === "sent"),
  };
}
