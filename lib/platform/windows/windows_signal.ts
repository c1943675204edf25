/**
 * Stops processes of Windows: exactly those that are meant.
 *
 * @module
 */

import type {
  Identity,
  Lookup,
  ProcessEntry,
  ProcessTable,
  StopSignal,
} from "../../core/model.ts";
import { isProtected } from "../../core/protect.ts";
import { findAlive, withDescendants } from "../../core/process_tree.ts";
import type { SignalOutcome, SignalScope } from "../platform.ts";
import { type Signals, SYSTEM_SIGNALS } from "../posix/posix.ts";
import { runTool } from "../tool.ts";

/** The number of `System`; 0 stands for the processor that has nothing to do. */
const SYSTEM_PID = 4;

/** What signalling needs of Windows. */
export interface Signaller {
  /** Looks at all processes now. */
  readonly read: () => Promise<Lookup<ProcessTable>>;
  /** The path of `taskkill.exe`. */
  readonly taskkill: string;
  /** devsvc itself, and its way to end a process; those of this machine. */
  readonly signals?: Signals;
  /** Runs a tool; the tools of this machine if absent. */
  readonly runTool?: typeof runTool;
}

/**
 * Signals a process, or it and all that descends from it, if it still is the
 * one meant.
 *
 * `System`, devsvc, what devsvc runs under and what holds ports for others are
 * `denied`, and left alone where they are among the descendants.
 *
 * Windows has no signals: SIGKILL ends, all others ask. Windows of programs
 * can be asked to close, but programs of the console cannot; those are `unsignalable`.
 */
export async function signalExactly(
  signaller: Signaller,
  target: Identity,
  signal: StopSignal,
  scope: SignalScope,
): Promise<SignalOutcome> {
  const { pid, start } = target;
  const { signals = SYSTEM_SIGNALS } = signaller;
  if (!Number.isSafeInteger(pid) || pid <= SYSTEM_PID || pid === signals.self) {
    return "denied";
  }
  if (start === "") return "unknown";
  const seen = await signaller.read();
  if (!seen.ok) return "unknown";
  const entry = findAlive(target, seen.value);
  if (entry === undefined) return "gone";
  const members = reach(entry, scope, seen.value, signals);
  if (!members.includes(entry)) return "denied";
  return signal === "SIGKILL"
    ? endAll(members, signals)
    : await askAll(signaller, members);
}

/**
 * Tells whom a signal reaches, parents before children.
 *
 * It is told here and not left to `taskkill /T`, which does not look at starts:
 * a child whose dead parent had the number of a member before it is a stranger
 * (https://github.com/jenkinsci/winp/issues/6).
 */
function reach(
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

/** `TerminateProcess`, at once after the look: no tool is started meanwhile. */
function endAll(
  members: readonly ProcessEntry[],
  signals: Signals,
): SignalOutcome {
  const outcomes = new Set(members.map(({ pid }) => end(pid, signals)));
  const worst = ["sent", "denied", "unknown"] as const;
  return worst.find((outcome) => outcomes.has(outcome)) ?? "gone";
}

function end(pid: number, { kill }: Signals): SignalOutcome {
  try {
    kill(pid, "SIGKILL");
    return "sent";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "gone";
    // Also where it is about to end: the next look tells.
    if (error instanceof Deno.errors.PermissionDenied) return "denied";
    return "unknown";
  }
}

/**
 * Without /F, `taskkill` asks windows to close. Its codes and texts say too
 * little to tell why it could not (128 is also "access denied",
 * https://github.com/buildbot/buildbot/issues/6140), only 0 is sure.
 */
async function askAll(
  { taskkill, runTool: run = runTool }: Signaller,
  members: readonly ProcessEntry[],
): Promise<SignalOutcome> {
  const args = members.flatMap(({ pid }) => ["/PID", String(pid)]);
  const result = await run(taskkill, args);
  return result.kind === "done" && result.code === 0 ? "sent" : "unsignalable";
}
