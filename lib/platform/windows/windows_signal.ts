import type {
  Identity,
  Lookup,
  ProcessEntry,
  ProcessTable,
} from "../../core/model.ts";
import {
  findAlive,
  isProtected,
  withDescendants,
} from "../../core/process_tree.ts";
import type { SentSignal, SignalOutcome, SignalScope } from "../platform.ts";
import { runTool } from "../tool.ts";
import { RIGHTS } from "./kernel.ts";
import { startOf } from "./process_list.ts";
import { type FindKernel, readProcessTable } from "./windows_processes.ts";

/** The process id of `System`; 0 is that of the idle process. */
const SYSTEM_PID = 4;

/** What signals need of Windows. */
export interface Signaller {
  /** The process id of devsvc. */
  readonly self: number;
  /** Reads all processes now. */
  readonly read: () => Lookup<ProcessTable> | Promise<Lookup<ProcessTable>>;
  /** Ends a process at once, if it still is the one meant. */
  readonly terminate: (entry: Identity) => SignalOutcome;
  /** Asks processes to end, parents before children, the target first. */
  readonly ask: (
    members: readonly ProcessEntry[],
    table: ProcessTable,
  ) => Promise<SignalOutcome>;
}

/**
 * Signals a process, or it and all its descendants, if it still is the one
 * meant.
 *
 * `System`, devsvc, its ancestors and what holds ports for others are `denied`;
 * among the descendants they are skipped.
 *
 * Windows has no signals: SIGKILL terminates, all others are Ctrl-C in the console
 * of the service, or ask a program to close its windows. Where neither reaches
 * anybody, the processes are `unsignalable`.
 */
export async function signalExactly(
  signaller: Signaller,
  target: Identity,
  signal: SentSignal,
  scope: SignalScope,
): Promise<SignalOutcome> {
  const { pid, start } = target;
  const { self } = signaller;
  if (!Number.isSafeInteger(pid) || pid <= SYSTEM_PID || pid === self) {
    return "denied";
  }
  if (start === "") return "unknown";
  // Windows suspends threads, not processes, and no query shows it.
  if (signal === "SIGCONT") return "unsignalable";
  const seen = await signaller.read();
  if (!seen.ok) return "unknown";
  const entry = findAlive(target, seen.value);
  if (entry === undefined) return "gone";
  const members = membersOf(entry, scope, seen.value, self);
  if (!members.includes(entry)) return "denied";
  if (signal === "SIGKILL") return worstOf(members.map(signaller.terminate));
  // It serves the console, in which it is not itself, and ends with it.
  if (/^conhost\.exe$/i.test(entry.name)) return "unsignalable";
  return await signaller.ask(members, seen.value);
}

/**
 * The processes that a signal reaches, parents before children.
 *
 * `taskkill /T` would not compare start times: a process whose dead parent had
 * the id of a member is no descendant
 * (https://github.com/jenkinsci/winp/issues/6).
 */
function membersOf(
  target: ProcessEntry,
  scope: SignalScope,
  table: ProcessTable,
  self: number,
): readonly ProcessEntry[] {
  const members = scope === "group"
    ? withDescendants([target], table)
    : [target];
  return members.filter((entry) =>
    entry.pid > SYSTEM_PID && entry.start !== "" &&
    !isProtected(entry, self, table)
  );
}

function worstOf(outcomes: readonly SignalOutcome[]): SignalOutcome {
  const worst = ["sent", "denied", "unknown"] as const;
  return worst.find((outcome) => outcomes.includes(outcome)) ?? "gone";
}

/**
 * Ends a process by one handle, which keeps its number from being given to
 * another one between the look and the end.
 */
export function terminate(
  find: FindKernel,
  { pid, start }: Identity,
): SignalOutcome {
  const kernel = find();
  if (!kernel.ok) return "unknown";
  using held = kernel.value.open(pid, RIGHTS.terminate);
  if (!held) {
    const table = readProcessTable(find);
    if (!table.ok) return "unknown";
    return findAlive({ pid, start }, table.value) ? "denied" : "gone";
  }
  const times = held.times();
  if (!times) return "unknown";
  if (startOf(times.created) !== start || times.hasEnded) return "gone";
  if (held.terminate()) return "sent";
  // It may have ended by itself since.
  return held.times()?.hasEnded ? "gone" : "denied";
}

/**
 * Without /F, `taskkill` asks windows to close. Only its code 0 is reliable:
 * 128 is also "access denied" (https://github.com/buildbot/buildbot/issues/6140).
 */
export async function askByTaskkill(
  taskkill: string,
  members: readonly ProcessEntry[],
): Promise<SignalOutcome> {
  const args = members.flatMap(({ pid }) => ["/PID", String(pid)]);
  const result = await runTool(taskkill, args);
  return result.kind === "done" && result.code === 0 ? "sent" : "unsignalable";
}
