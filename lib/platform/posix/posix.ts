/**
 * What Linux and macOS share: identities, and signals that reach exactly the
 * process that is meant.
 */

import type { Identity, Lookup, ProcessTable } from "../../core/model.ts";
import { mayExist, sendSignal, type Signals, SYSTEM_SIGNALS } from "../kill.ts";
import type { SentSignal, SignalOutcome, SignalScope } from "../platform.ts";

/**
 * Reads a few processes now. One that does not exist is left out; the answer is
 * not ok where one may exist but is not shown.
 */
export type ReadProcesses = (
  pids: readonly number[],
) => Promise<Lookup<ProcessTable>>;

/** Fails a read that does not show a process which may exist. */
export function requireShown(
  pids: readonly number[],
  table: Lookup<ProcessTable>,
  where: string,
): Lookup<ProcessTable> {
  if (!table.ok) return table;
  const hidden = pids.find((pid) => !table.value.has(pid) && mayExist(pid));
  return hidden === undefined
    ? table
    : { ok: false, reason: `process ${hidden} is not shown ${where}` };
}

/** Finds the identity of a living process. */
export async function readIdentity(
  read: ReadProcesses,
  pid: number,
): Promise<Lookup<Identity | undefined>> {
  if (!Number.isSafeInteger(pid) || pid < 1) {
    return { ok: true, value: undefined };
  }
  const seen = await read([pid]);
  if (!seen.ok) return seen;
  const entry = seen.value.get(pid);
  const isAlive = entry !== undefined && !entry.zombie;
  return { ok: true, value: isAlive ? { pid, start: entry.start } : undefined };
}

/**
 * Signals a process, or the group that it leads, if it still is the one meant.
 *
 * Init, devsvc itself and a group that devsvc is a member of are `denied`. A
 * process that leads no group is `unknown` for the scope `group`: its number
 * may be that of another group.
 */
export async function signalExactly(
  read: ReadProcesses,
  target: Identity,
  signal: SentSignal,
  scope: SignalScope,
  { self, kill }: Signals = SYSTEM_SIGNALS,
): Promise<SignalOutcome> {
  const { pid, start } = target;
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === self) return "denied";
  if (start === "") return "unknown";
  const seen = await read([pid, self]);
  if (!seen.ok) return "unknown";
  const entry = seen.value.get(pid);
  if (entry === undefined || entry.zombie || entry.start !== start) {
    return "gone";
  }
  if (scope === "group") {
    if (entry.group !== pid) return "unknown";
    if (seen.value.get(self)?.group === pid) return "denied";
  }
  return sendSignal(scope === "group" ? -pid : pid, signal, kill);
}
