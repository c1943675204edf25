/**
 * Ending the processes of a stop target, and the proof: they are gone and
 * nothing listens on the port.
 */

import type { NamedProcess, StopFailure } from "../../core/events.ts";
import type {
  Identity,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  StopManner,
  StopSignal,
} from "../../core/model.ts";
import { isProtected, mainOf, parentsOf } from "../../core/process_tree.ts";
import type { Platform, SignalOutcome } from "../../platform/platform.ts";
import type { ActContext } from "../act_context.ts";
import { pauseForHint, STOP_BACKOFF, waitFor } from "../poll.ts";
import { findPortHolders, provePortReleased } from "./port_release.ts";
import { runStopCommand, type StopCommandResult } from "./stop_command.ts";
import { type Members, readMembers, type StopTarget } from "./stop_target.ts";

/** How long the OS may take to reap killed processes, in milliseconds. */
const REAP_TIMEOUT = 5_000;

/**
 * The share of the timeout after which SIGINT is sent once more. What is left of
 * it is for the processes to end: the time of a stop means what it says.
 */
const SECOND_SIGINT_AT = 0.9;

/**
 * Ends a stop target and proves it: asks, waits, kills, checks the port.
 *
 * @returns Why it is not proven, or `undefined` if it is.
 */
export async function terminate(
  target: StopTarget,
  stop: StopManner,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const end = await terminateMembers(target, stop, context);
  return end.failure ?? await provePortReleased(target, context, end.portCheck);
}

/** How the members of a stop target ended. */
export type End = Gone | Failed;

/** No member is left. */
interface Gone {
  readonly kind: "gone";
  readonly failure?: undefined;
  /** A check of the port that was begun already. */
  readonly portCheck?: Promise<StopFailure | undefined>;
}

/** It is unknown what is left, or the user interrupted. */
interface Failed {
  readonly kind: "failed";
  readonly failure: StopFailure;
  readonly portCheck?: undefined;
}

/** Members are still alive. */
interface Alive extends Members {
  readonly kind: "alive";
}

function failed(failure: StopFailure): Failed {
  return { kind: "failed", failure };
}

/** Ends all members of a stop target, whatever happens on the port. */
export async function terminateMembers(
  target: StopTarget,
  stop: StopManner,
  context: ActContext,
): Promise<End> {
  const first = await readMembers(target, context);
  if (!first.ok) return failed({ kind: "lookup", reason: first.reason });
  const { members } = first.value;
  if (members.length === 0) return { kind: "gone" };
  if (context.signal.aborted) return failed({ kind: "cancelled" });
  const service = target.service.name;
  const processes = userVisibleProcesses(members, target);
  context.emit({ kind: "stopping", service, processes });
  const begun = context.clock.elapsed();
  const asked = await ask(first.value, stop, target, context);
  if (asked.kind === "unsignalable") return await kill(target, context);
  if (asked.kind !== "alive") return asked;
  const rest = begun + stop.timeout - context.clock.elapsed();
  const left = await interruptAgain(asked, stop, rest, target, context);
  if (left.kind !== "alive") return left;
  context.emit({
    kind: "escalating",
    service,
    processes: userVisibleProcesses(left.members, target),
    waited: stop.timeout,
  });
  return await kill(target, context);
}

/** No member can be asked to stop, or none is to be. */
interface Unsignalable {
  readonly kind: "unsignalable";
}

/** Asks by the stop command where there is one, else by the signal. */
async function ask(
  seen: Members,
  stop: StopManner,
  target: StopTarget,
  context: ActContext,
): Promise<End | Alive | Unsignalable> {
  const share = isInterruptible(stop, context) ? SECOND_SIGINT_AT : 1;
  const end = context.clock.elapsed() + stop.timeout * share;
  const left = () => Math.max(0, end - context.clock.elapsed());
  const result = await askByCommand(seen, stop, target, context);
  if (result === "cancelled") return failed({ kind: "cancelled" });
  if (result !== "failed") {
    const report = reportStillRunning(target, [], context);
    return await waitUntilGone(target, left(), context, ({ members }) => {
      report(members);
      return Promise.resolve();
    });
  }
  if (stop.signal === "SIGKILL") return { kind: "unsignalable" };
  const first = await signalAll(seen, stop.signal, target, context);
  if (first.unsignalable) return { kind: "unsignalable" };
  const reached = new Set(first.reached.map(keyOf));
  const asked = new Set(seen.members.map(keyOf));
  // Most are gone at once: the first check is to see it.
  await pauseForHint(
    context.clock,
    () => !mayBeAlive(seen, context),
    Math.min(STOP_BACKOFF.first, left()),
    context.signal,
  );
  const report = reportStillRunning(target, seen.members, context);
  return await waitUntilGone(target, left(), context, async (living) => {
    report(living.members);
    // Members that were hidden behind others, or forked since, are asked, too.
    const members = living.members.filter((one) => !asked.has(keyOf(one)));
    // Whoever was suspended after the signal had reached it.
    await continueSuspended(
      living.members.filter((one) => reached.has(keyOf(one))),
      living,
      context,
    );
    for (const member of members) asked.add(keyOf(member));
    if (members.length === 0) return;
    const { reached: more } = await signalAll(
      { ...living, members },
      stop.signal,
      target,
      context,
    );
    for (const member of more) reached.add(keyOf(member));
  });
}

/** Runs the stop command, which is made for what devsvc started alone. */
async function askByCommand(
  seen: Members,
  { command, timeout }: StopManner,
  { service, record, roots }: StopTarget,
  context: ActContext,
): Promise<StopCommandResult> {
  if (command === undefined || !record || roots.length > 0) return "failed";
  const { members } = seen;
  // A suspended service would not answer it.
  await continueSuspended(members, seen, context);
  // The number of a dead wrapper may be another process's by now.
  const hasWrapper = members.some((member) => isWrapper(member, record));
  const main = hasWrapper ? mainOf(members, record) : undefined;
  const run = { service, record, main };
  return await runStopCommand(command, run, timeout, context);
}

/**
 * Sends SIGINT once more, as a second Ctrl-C does: uvicorn then gives up on
 * connections that are still open, Postgres on its clients, gunicorn on its
 * workers. Not before the timeout is almost over: a program that only handles
 * SIGTERM would end at once.
 *
 * @param rest What is left of the timeout, in milliseconds.
 */
async function interruptAgain(
  seen: Alive,
  stop: StopManner,
  rest: number,
  target: StopTarget,
  context: ActContext,
): Promise<End | Alive> {
  if (!isInterruptible(stop, context)) return seen;
  await signalAll(seen, "SIGINT", target, context);
  return await waitUntilGone(target, rest, context);
}

function isInterruptible(
  { signal }: StopManner,
  { platform }: ActContext,
): boolean {
  return platform.groups === "group" &&
    (signal === "SIGTERM" || signal === "SIGINT");
}

/** Two processes may begin at the same instant. */
function keyOf({ pid, start }: Identity): string {
  return `${pid} ${start}`;
}

/** Kills repeatedly, for members may fork meanwhile. */
async function kill(
  target: StopTarget,
  context: ActContext,
): Promise<End> {
  let denied: readonly ProcessEntry[] = [];
  const waited = await waitUntilGone(target, REAP_TIMEOUT, {
    ...context,
    // Not interrupted: some members would be killed and others not.
    signal: new AbortController().signal,
  }, async (living) => {
    denied = (await signalAll(living, "SIGKILL", target, context)).denied;
  });
  if (waited.kind !== "alive") return waited;
  const processes = waited.members.map(toNamed);
  const isDenied = denied.length === waited.members.length;
  return failed({ kind: isDenied ? "denied" : "survivors", processes });
}

async function waitUntilGone(
  target: StopTarget,
  timeout: number,
  context: ActContext,
  onAlive?: (living: Members) => Promise<void>,
): Promise<End | Alive> {
  let living: Members = { members: [], table: new Map() };
  const waited = await waitFor<End>(context.clock, async () => {
    let portCheck: Gone["portCheck"];
    const seen = await readMembers(target, context, () => {
      portCheck = findPortHolders(target, context);
    });
    if (!seen.ok) return failed({ kind: "lookup", reason: seen.reason });
    living = seen.value;
    if (living.members.length === 0) {
      return { kind: "gone", ...(portCheck ? { portCheck } : {}) };
    }
    await onAlive?.(living);
    return undefined;
  }, {
    timeout,
    backoff: STOP_BACKOFF,
    signal: context.signal,
    hint: () => !mayBeAlive(living, context),
  });
  if (waited.kind === "done") return waited.value;
  return waited.kind === "aborted"
    ? failed({ kind: "cancelled" })
    : { kind: "alive", ...living };
}

/** Asks by number: that costs nothing, where a table of all processes does. */
function mayBeAlive(
  { members }: Members,
  { platform }: ActContext,
): boolean {
  return members.some(({ pid }) => platform.mayExist(pid));
}

/** The result of signalling all members. */
interface Signalled {
  /** The members for which the OS refused the signal. */
  readonly denied: readonly ProcessEntry[];
  /** The members to which it was sent. */
  readonly reached: readonly ProcessEntry[];
  /** No member can receive the signal: there is nothing to wait for. */
  readonly unsignalable: boolean;
}

/**
 * Signals every member once: the group of the wrapper in one call, or each
 * tree where the platform has no groups. Protected processes are left out.
 */
async function signalAll(
  { members, table }: Members,
  signal: StopSignal,
  { record }: StopTarget,
  { platform }: ActContext,
): Promise<Signalled> {
  if (platform.groups === "tree") {
    return await signalTrees(members, signal, platform);
  }
  const allowed = members.filter((entry) =>
    !isProtected(entry, platform.self, table)
  );
  const wrapper = allowed.find((entry) =>
    entry.pid === record?.pid && entry.group === entry.pid
  );
  const isWholeGroup = wrapper && allowed.length === members.length;
  const ofGroup = isWholeGroup
    ? await platform.signal(wrapper, signal, "group")
    : undefined;
  const outcomes: [ProcessEntry, SignalOutcome][] = [];
  for (const entry of allowed) {
    const outcome = ofGroup !== undefined && entry.group === wrapper?.pid
      ? ofGroup
      : await platform.signal(entry, signal, "process");
    outcomes.push([entry, outcome]);
  }
  const summary = summarize(outcomes);
  if (signal !== "SIGKILL") {
    await continueSuspended(summary.reached, { table }, { platform });
  }
  return summary;
}

/**
 * Lets suspended members go on (SIGSTOP, Ctrl-Z): until then no other signal but
 * SIGKILL reaches their handlers (`man 7 signal`).
 */
async function continueSuspended(
  members: readonly ProcessEntry[],
  { table }: Pick<Members, "table">,
  { platform }: Pick<ActContext, "platform">,
): Promise<void> {
  for (const entry of members) {
    if (!entry.suspended || isProtected(entry, platform.self, table)) continue;
    await platform.signal(entry, "SIGCONT", "process");
  }
}

/** Signals the root of each tree; the platform itself leaves out protected ones. */
async function signalTrees(
  members: readonly ProcessEntry[],
  signal: StopSignal,
  platform: Platform,
): Promise<Signalled> {
  const table: ProcessTable = new Map(members.map((row) => [row.pid, row]));
  const ofRoots = new Map<ProcessEntry, SignalOutcome>();
  const outcomes: [ProcessEntry, SignalOutcome][] = [];
  for (const entry of members) {
    const root = parentsOf(entry.pid, table).at(-1) ?? entry;
    const outcome = ofRoots.get(root) ??
      await platform.signal(root, signal, "group");
    ofRoots.set(root, outcome);
    outcomes.push([entry, outcome]);
  }
  return summarize(outcomes);
}

function summarize(
  outcomes: readonly (readonly [ProcessEntry, SignalOutcome])[],
): Signalled {
  return {
    reached: outcomes.flatMap(([entry, outcome]) =>
      outcome === "sent" ? [entry] : []
    ),
    denied: outcomes.flatMap(([entry, outcome]) =>
      outcome === "denied" ? [entry] : []
    ),
    unsignalable: outcomes.some(([, outcome]) => outcome === "unsignalable") &&
      !outcomes.some(([, outcome]) => outcome === "sent"),
  };
}

/** After how long a wait is worth a line that stays, in milliseconds. */
export const LONG_WAIT = 2_000;

/**
 * Reports the members that are still running whenever they change, and once
 * after {@linkcode LONG_WAIT}.
 *
 * @param reported The members that were named already.
 * @returns Takes the members of each check.
 */
export function reportStillRunning(
  target: StopTarget,
  reported: readonly ProcessEntry[],
  { emit, clock }: Pick<ActContext, "emit" | "clock">,
): (members: readonly ProcessEntry[]) => void {
  const begun = clock.elapsed();
  let last = pidsOf(userVisibleProcesses(reported, target));
  let wasLong = false;
  return (members) => {
    const processes = userVisibleProcesses(members, target);
    const isLong = !wasLong && clock.elapsed() - begun >= LONG_WAIT;
    const pids = pidsOf(processes);
    if (pids === last && !isLong) return;
    last = pids;
    wasLong ||= isLong;
    const service = target.service.name;
    emit({ kind: "still-running", service, processes, isLong });
  };
}

function pidsOf(processes: readonly NamedProcess[]): string {
  return processes.map(({ pid }) => pid).toSorted((a, b) => a - b).join();
}

/** Lists the members but for the wrapper, unless it is the only one. */
function userVisibleProcesses(
  members: readonly ProcessEntry[],
  { record }: StopTarget,
): readonly NamedProcess[] {
  const others = members.filter((member) => !isWrapper(member, record));
  return (others.length > 0 ? others : members).map(toNamed);
}

/** Tells whether a process is the wrapper of a run. */
function isWrapper(
  { pid, start }: Identity,
  record: RunRecord | undefined,
): boolean {
  return pid === record?.pid && start === record.start;
}

/** Takes from a process what events carry. */
export function toNamed({ pid, name }: ProcessEntry): NamedProcess {
  return { pid, name };
}
