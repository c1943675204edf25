/**
 * Ending all the processes of a stop target, and the proof: they are gone and nothing
 * listens on the port.
 *
 * @module
 */

import type { NamedProcess, StopFailure } from "../../core/events.ts";
import type {
  Identity,
  ProcessEntry,
  RunRecord,
  StopManner,
  StopSignal,
} from "../../core/model.ts";
import { mainOf } from "../../core/process_tree.ts";
import { pauseForHint, STOP_BACKOFF, waitFor } from "../poll.ts";
import type { ActContext } from "../act_context.ts";
import { reportStillRunning } from "./still_running.ts";
import { type Members, readMembers, type StopTarget } from "./stop_target.ts";
import { findPortHolders, provePortReleased } from "./port_release.ts";
import { signalAll, type Signalled } from "./signal_all.ts";
import { runStopCommand } from "./stop_command.ts";

/** How long the OS may take to bury what was killed, in milliseconds. */
const REAP_TIMEOUT = 5_000;

/**
 * How long a second ask may take at the most, in milliseconds: uvicorn with a
 * reloader, whose processes end one after the other, needs more than one second
 * where each of them stands still for a moment.
 */
const SECOND_SIGINT_TIME = 2_000;

/**
 * Ends a stop target and proves it: asks, waits, forces, waits, looks.
 *
 * @returns Why it is not proven, or `undefined` if it is.
 */
export async function terminate(
  target: StopTarget,
  stop: StopManner,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const end = await terminateMembers(target, stop, context);
  return end.failure ?? await provePortReleased(target, context, end.held);
}

/** How the members of a stop target ended. */
export type End = Gone | Failed;

/**
 * Ends all members of a stop target, and looks at the port at the most once.
 */
export async function terminateMembers(
  target: StopTarget,
  stop: StopManner,
  context: ActContext,
): Promise<End> {
  const first = await readMembers(target, context);
  if (!first.ok) return failed({ kind: "lookup", reason: first.reason });
  if (first.value.members.length === 0) return { kind: "gone" };
  if (context.signal.aborted) return failed({ kind: "cancelled" });
  const { service } = target;
  context.emit({
    kind: "stopping",
    service: service.name,
    processes: userVisibleProcesses(first.value.members, target).map(toNamed),
  });
  const answer = await ask(first.value, stop, target, context);
  if (answer.kind === "unsignalable") return await kill(target, context);
  if (answer.kind !== "alive") return answer;
  const waited = await interruptAgain(answer, stop, target, context);
  if (waited.kind !== "alive") return waited;
  context.emit({
    kind: "escalating",
    service: service.name,
    processes: userVisibleProcesses(waited.members, target).map(toNamed),
    waited: stop.timeout,
  });
  return await kill(target, context);
}

/** Nobody can be asked, or none is to be. */
interface Unsignalable {
  readonly kind: "unsignalable";
}

/** Asks by the command where there is one, else by the signal, and waits. */
async function ask(
  seen: Members,
  stop: StopManner,
  target: StopTarget,
  context: ActContext,
): Promise<Termination | Unsignalable> {
  const { service, record, roots } = target;
  const { members } = seen;
  const end = context.clock.elapsed() + stop.timeout;
  const left = () => Math.max(0, end - context.clock.elapsed());
  const { command } = stop;
  // It knows how to stop what devsvc started; of others it may know nothing.
  if (command !== undefined && record && roots.length === 0) {
    // The number of a dead wrapper may be a stranger's by now.
    const hasWrapper = members.some((member) => isWrapper(member, record));
    const main = hasWrapper ? mainOf(members, record) : undefined;
    const about = { service, record, main };
    const asked = await runStopCommand(command, about, stop.timeout, context);
    if (asked === "cancelled") return failed({ kind: "cancelled" });
    if (asked !== "failed") {
      const tell = reportStillRunning(service.name, [], context);
      return await waitUntilGone(target, left(), context, (living) => {
        tell(userVisibleProcesses(living.members, target));
        return Promise.resolve();
      });
    }
  }
  if (stop.signal === "SIGKILL") return { kind: "unsignalable" };
  const { unsignalable } = await signal(seen, stop.signal, target, context);
  if (unsignalable) return { kind: "unsignalable" };
  const asked = new Set(members.map(({ start }) => start));
  // Most are gone at once: the first look is to see it.
  await pauseForHint(
    context.clock,
    () => !isAnyoneThere(seen, context),
    Math.min(STOP_BACKOFF.first, left()),
    context.signal,
  );
  const tell = reportStillRunning(
    service.name,
    userVisibleProcesses(members, target),
    context,
  );
  return await waitUntilGone(target, left(), context, async (living) => {
    tell(userVisibleProcesses(living.members, target));
    // Who hid behind the others, or was forked since, is asked as well.
    const late = living.members.filter(({ start }) => !asked.has(start));
    for (const { start } of late) asked.add(start);
    if (late.length === 0) return;
    await signal({ ...living, members: late }, stop.signal, target, context);
  });
}

function signal(
  { members, table }: Members,
  name: StopSignal,
  { record }: StopTarget,
  { platform }: ActContext,
): Promise<Signalled> {
  return signalAll(members, name, record, table, platform);
}

/**
 * Asks once more by SIGINT whoever did not end in its time, as a second Ctrl-C
 * does: uvicorn then gives up on connections that are still open, Postgres on
 * its clients, gunicorn on its workers. Not sooner: who only knows SIGTERM ends
 * at once by it, and was promised its time.
 */
async function interruptAgain(
  seen: Alive,
  stop: StopManner,
  target: StopTarget,
  context: ActContext,
): Promise<Termination> {
  const canInterrupt = context.platform.groups === "group" &&
    (stop.signal === "SIGTERM" || stop.signal === "SIGINT");
  if (!canInterrupt) return seen;
  await signal(seen, "SIGINT", target, context);
  const timeout = Math.min(SECOND_SIGINT_TIME, stop.timeout);
  return await waitUntilGone(target, timeout, context);
}

/** Kills again and again, for what forks meanwhile must go too. */
async function kill(
  target: StopTarget,
  context: ActContext,
): Promise<End> {
  let denied: readonly ProcessEntry[] = [];
  const waited = await waitUntilGone(target, REAP_TIMEOUT, {
    ...context,
    // Half a kill is worse than none: this part is not interrupted.
    signal: new AbortController().signal,
  }, async (living) => {
    denied = (await signal(living, "SIGKILL", target, context)).denied;
  });
  if (waited.kind !== "alive") return waited;
  const processes = waited.members.map(toNamed);
  const isDenied = denied.length === waited.members.length;
  return failed({ kind: isDenied ? "denied" : "survivors", processes });
}

/** Nobody is left. */
interface Gone {
  readonly kind: "gone";
  readonly failure?: undefined;
  /** Who listens all the same, where that was looked at already. */
  readonly held?: Promise<StopFailure | undefined>;
}

/** It cannot be told, or was given up. */
interface Failed {
  readonly kind: "failed";
  readonly failure: StopFailure;
}

/** Members live on. */
interface Alive extends Members {
  readonly kind: "alive";
}

type Termination = End | Alive;

function failed(failure: StopFailure): Failed {
  return { kind: "failed", failure };
}

async function waitUntilGone(
  target: StopTarget,
  timeout: number,
  context: ActContext,
  onAlive?: (living: Members) => Promise<void>,
): Promise<Termination> {
  let living: Members = { members: [], table: new Map() };
  const waited = await waitFor<Termination>(context.clock, async () => {
    let held: Gone["held"];
    const look = await readMembers(target, context, () => {
      held = findPortHolders(target, context);
    });
    if (!look.ok) return failed({ kind: "lookup", reason: look.reason });
    living = look.value;
    if (living.members.length === 0) {
      return { kind: "gone", ...(held ? { held } : {}) };
    }
    await onAlive?.(living);
    return undefined;
  }, {
    timeout,
    backoff: STOP_BACKOFF,
    signal: context.signal,
    hint: () => !isAnyoneThere(living, context),
  });
  if (waited.kind === "done") return waited.value;
  return waited.kind === "aborted"
    ? failed({ kind: "cancelled" })
    : { kind: "alive", ...living };
}

/** A number costs the OS nothing to tell, beside a table of all processes. */
function isAnyoneThere(
  { members }: Members,
  { platform }: ActContext,
): boolean {
  return members.some(({ pid }) => platform.mayExist(pid));
}

/** Who is waited for: a wrapper that only waits itself is nobody's concern. */
function userVisibleProcesses(
  members: readonly ProcessEntry[],
  { record }: StopTarget,
): readonly ProcessEntry[] {
  const others = members.filter((member) => !isWrapper(member, record));
  return others.length > 0 ? others : members;
}

function isWrapper(
  { pid, start }: Identity,
  record: RunRecord | undefined,
): boolean {
  return pid === record?.pid && start === record.start;
}

/** Names a process in an event. */
export function toNamed({ pid, name }: ProcessEntry): NamedProcess {
  return { pid, name };
}
