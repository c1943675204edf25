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
import { sendSignal, type Signals, SYSTEM_SIGNALS } from "../kill.ts";
import type { SentSignal, SignalOutcome, SignalScope } from "../platform.ts";
import { runTool } from "../tool.ts";

/** The process id of `System`; 0 is that of the idle process. */
const SYSTEM_PID = 4;

/** What signals need of Windows. */
export interface Signaller {
  /** Reads all processes now. */
  readonly read: () => Promise<Lookup<ProcessTable>>;
  /** The path of `taskkill.exe`. */
  readonly taskkill: string;
  /** How devsvc signals; by the OS if absent. */
  readonly signals?: Signals;
  /** Runs `taskkill`; the tool itself if absent. */
  readonly runTool?: typeof runTool;
}

/**
 * Signals a process, or it and all its descendants, if it still is the one
 * meant.
 *
 * `System`, devsvc, its ancestors and what holds ports for others are `denied`;
 * among the descendants they are skipped.
 *
 * Windows has no signals: SIGKILL terminates, all others ask a program to close
 * its windows. Console programs have none: they are `unsignalable`.
 */
export async function signalExactly(
  signaller: Signaller,
  target: Identity,
  signal: SentSignal,
  scope: SignalScope,
): Promise<SignalOutcome> {
  const { pid, start } = target;
  const { signals = SYSTEM_SIGNALS } = signaller;
  if (!Number.isSafeInteger(pid) || pid <= SYSTEM_PID || pid === signals.self) {
    return "denied";
  }
  if (start === "") return "unknown";
  // Windows suspends threads, not processes, and no query shows it.
  if (signal === "SIGCONT") return "unsignalable";
  const seen = await signaller.read();
  if (!seen.ok) return "unknown";
  const entry = findAlive(target, seen.value);
  if (entry === undefined) return "gone";
  const members = membersOf(entry, scope, seen.value, signals);
  if (!members.includes(entry)) return "denied";
  return signal === "SIGKILL"
    ? terminate(members, signals)
    : await closeWindows(signaller, members);
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
  { self }: Signals,
): readonly ProcessEntry[] {
  const members = scope === "group"
    ? withDescendants([target], table)
    : [target];
  return members.filter((entry) =>
    entry.pid > SYSTEM_PID && entry.start !== "" &&
    !isProtected(entry, self, table)
  );
}

/** By `TerminateProcess`, right after the query: no tool runs in between. */
function terminate(
  members: readonly ProcessEntry[],
  { kill }: Signals,
): SignalOutcome {
  const outcomes = new Set(
    members.map(({ pid }) => sendSignal(pid, "SIGKILL", kill)),
  );
  const worst = ["sent", "denied", "unknown"] as const;
  return worst.find((outcome) => outcomes.has(outcome)) ?? "gone";
}

/**
 * Without /F, `taskkill` asks windows to close. Only its code 0 is reliable:
 * 128 is also "access denied" (https://github.com/buildbot/buildbot/issues/6140).
 */
async function closeWindows(
  { taskkill, runTool: run = runTool }: Signaller,
  members: readonly ProcessEntry[],
): Promise<SignalOutcome> {
  const args = members.flatMap(({ pid }) => ["/PID", String(pid)]);
  const result = await run(taskkill, args);
  return result.kind === "done" && result.code === 0 ? "sent" : "unsignalable";
}
