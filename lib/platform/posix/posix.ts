/**
 * What Linux and macOS do alike: signals that reach exactly the process that
 * is meant.
 *
 * @module
 */

import type {
  Identity,
  Lookup,
  ProcessTable,
  StopSignal,
} from "../../core/model.ts";
import type { SignalOutcome, SignalScope } from "../platform.ts";

/**
 * Looks at a few processes now.
 *
 * A process that does not exist is left out. One that may exist but is not
 * shown makes the answer not ok.
 */
export type ReadProcesses = (
  pids: readonly number[],
) => Promise<Lookup<ProcessTable>>;

/**
 * Finds the identity of a living process.
 *
 * @returns The identity; `undefined` where there is no process, or a dead one.
 */
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
  if (entry === undefined || entry.zombie) {
    return { ok: true, value: undefined };
  }
  return { ok: true, value: { pid, start: entry.start } };
}

/** devsvc itself, and its way to signal. */
export interface Signals {
  /** The process id of devsvc. */
  readonly self: number;
  /** Signals a process, or the group of a negative id. */
  readonly kill: (pid: number, signal: Deno.Signal) => void;
}

/** The signals of this machine. */
export const SYSTEM_SIGNALS: Signals = { self: Deno.pid, kill: Deno.kill };

/**
 * Signals a process, or the group that it leads, if it still is the one meant.
 *
 * Init, devsvc itself and a group that devsvc is a member of are `denied`. A
 * process that leads no group is `unknown` for the scope `group`: its number
 * may be the group of strangers.
 */
export async function signalExactly(
  read: ReadProcesses,
  target: Identity,
  signal: StopSignal,
  scope: SignalScope,
  { self, kill }: Signals = SYSTEM_SIGNALS,
): Promise<SignalOutcome> {
  const { pid, start } = target;
  if (!Number.isSafeInteger(pid) || pid <= 1 || pid === self) {
    return "denied";
  }
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
  try {
    kill(scope === "group" ? -pid : pid, signal);
    return "sent";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "gone";
    if (error instanceof Deno.errors.PermissionDenied) return "denied";
    return "unknown";
  }
}
