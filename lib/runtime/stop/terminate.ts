/**
 * Ending all the processes of a pack, and the proof: they are gone and nothing
 * listens on the port.
 *
 * @module
 */

import type { NamedProcess, StopFailure } from "../../core/events.ts";
import type {
  Identity,
  Lease,
  ProcessEntry,
  StopManner,
  StopSignal,
} from "../../core/model.ts";
import { mainOf } from "../../core/process_tree.ts";
import { pauseForHint, STOP_CADENCE, waitFor } from "../poll.ts";
import type { ActContext } from "../act_context.ts";
import { watchLinger } from "./still_running.ts";
import { type Members, type Pack, readMembers } from "./stop_target.ts";
import { proveReleased, readHeld } from "./port_release.ts";
import { signalAll, type Signalled } from "./signal_all.ts";
import { runStopCommand } from "./stop_command.ts";

/** How long the OS may take to bury what was killed, in milliseconds. */
const BURIAL_TIMEOUT = 5_000;

/**
 * How long a second ask may take at the most, in milliseconds: uvicorn with a
 * reloader, whose processes end one after the other, needs more than one second
 * where each of them stands still for a moment.
 */
const HURRY_TIME = 2_000;

/**
 * Ends a pack and proves it: asks, waits, forces, waits, looks.
 *
 * @param pack All that is to end.
 * @param stop How it is asked to.
 * @param context What acting needs to know.
 * @returns Why it is not proven, or `undefined` if it is.
 */
export async function endPack(
  pack: Pack,
  stop: StopManner,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const end = await endMembers(pack, stop, context);
  return end.failure ?? await proveReleased(pack, context, end.held);
}

/** How the members of a pack ended. */
export type End = Gone | Failed;

/**
 * Ends all members of a pack, and looks at the port at the most once.
 *
 * @param pack All that is to end.
 * @param stop How it is asked to.
 * @param context What acting needs to know.
 * @returns That they are gone, or why that is not proven.
 */
export async function endMembers(
  pack: Pack,
  stop: StopManner,
  context: ActContext,
): Promise<End> {
  const first = await readMembers(pack, context);
  if (!first.ok) return failed({ kind: "lookup", reason: first.reason });
  if (first.value.members.length === 0) return { kind: "gone" };
  if (context.signal.aborted) return failed({ kind: "cancelled" });
  const { service } = pack;
  context.emit({
    kind: "stopping",
    service: service.name,
    processes: concernsOf(first.value.members, pack).map(toNamed),
  });
  const answer = await ask(first.value, stop, pack, context);
  if (answer.kind === "deaf") return await kill(pack, context);
  if (answer.kind !== "alive") return answer;
  const waited = await hurry(answer, stop, pack, context);
  if (waited.kind !== "alive") return waited;
  context.emit({
    kind: "escalating",
    service: service.name,
    processes: concernsOf(waited.members, pack).map(toNamed),
    waited: stop.timeout,
  });
  return await kill(pack, context);
}

/** Nobody can be asked, or none is to be. */
interface Deaf {
  readonly kind: "deaf";
}

/** Asks by the command where there is one, else by the signal, and waits. */
async function ask(
  seen: Members,
  stop: StopManner,
  pack: Pack,
  context: ActContext,
): Promise<Burial | Deaf> {
  const { service, lease, roots } = pack;
  const { members } = seen;
  const end = performance.now() + stop.timeout;
  const left = () => Math.max(0, end - performance.now());
  const { command } = stop;
  // It knows how to stop what devsvc started; of others it may know nothing.
  if (command !== undefined && lease && roots.length === 0) {
    // The number of a dead leader may be a stranger's by now.
    const isLed = members.some((member) => isLeader(member, lease));
    const main = isLed ? mainOf(members, lease) : undefined;
    const about = { service, lease, main };
    const asked = await runStopCommand(command, about, stop.timeout, context);
    if (asked === "cancelled") return failed({ kind: "cancelled" });
    if (asked !== "failed") {
      const tell = watchLinger(service.name, [], context);
      return await waitUntilGone(pack, left(), context, (living) => {
        tell(concernsOf(living.members, pack));
        return Promise.resolve();
      });
    }
  }
  if (stop.signal === "SIGKILL") return { kind: "deaf" };
  const { deaf } = await signal(seen, stop.signal, pack, context);
  if (deaf) return { kind: "deaf" };
  const asked = new Set(members.map(({ start }) => start));
  // Most are gone at once: the first look is to see it.
  await pauseForHint(
    () => !isAnyoneThere(seen, context),
    Math.min(STOP_CADENCE.first, left()),
    context.signal,
  );
  const tell = watchLinger(
    service.name,
    concernsOf(members, pack),
    context,
  );
  return await waitUntilGone(pack, left(), context, async (living) => {
    tell(concernsOf(living.members, pack));
    // Who hid behind the others, or was forked since, is asked as well.
    const late = living.members.filter(({ start }) => !asked.has(start));
    for (const { start } of late) asked.add(start);
    if (late.length === 0) return;
    await signal({ ...living, members: late }, stop.signal, pack, context);
  });
}

function signal(
  { members, table }: Members,
  name: StopSignal,
  { lease }: Pack,
  { platform }: ActContext,
): Promise<Signalled> {
  return signalAll(members, name, lease, table, platform);
}

/**
 * Asks once more by SIGINT whoever did not end in its time, as a second Ctrl-C
 * does: uvicorn then gives up on connections that are still open, Postgres on
 * its clients, gunicorn on its workers. Not sooner: who only knows SIGTERM ends
 * at once by it, and was promised its time.
 */
async function hurry(
  seen: Alive,
  stop: StopManner,
  pack: Pack,
  context: ActContext,
): Promise<Burial> {
  const canHurry = context.platform.groups === "group" &&
    (stop.signal === "SIGTERM" || stop.signal === "SIGINT");
  if (!canHurry) return seen;
  await signal(seen, "SIGINT", pack, context);
  const timeout = Math.min(HURRY_TIME, stop.timeout);
  return await waitUntilGone(pack, timeout, context);
}

/** Kills again and again, for what forks meanwhile must go too. */
async function kill(
  pack: Pack,
  context: ActContext,
): Promise<End> {
  let denied: readonly ProcessEntry[] = [];
  const waited = await waitUntilGone(pack, BURIAL_TIMEOUT, {
    ...context,
    // Half a kill is worse than none: this part is not interrupted.
    signal: new AbortController().signal,
  }, async (living) => {
    denied = (await signal(living, "SIGKILL", pack, context)).denied;
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

type Burial = End | Alive;

function failed(failure: StopFailure): Failed {
  return { kind: "failed", failure };
}

async function waitUntilGone(
  pack: Pack,
  timeout: number,
  context: ActContext,
  onAlive?: (living: Members) => Promise<void>,
): Promise<Burial> {
  let living: Members = { members: [], table: new Map() };
  const waited = await waitFor<Burial>(async () => {
    let held: Gone["held"];
    const look = await readMembers(pack, context, () => {
      held = readHeld(pack, context);
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
    cadence: STOP_CADENCE,
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

/** Who is waited for: a leader that only waits itself is nobody's concern. */
function concernsOf(
  members: readonly ProcessEntry[],
  { lease }: Pack,
): readonly ProcessEntry[] {
  const others = members.filter((member) => !isLeader(member, lease));
  return others.length > 0 ? others : members;
}

function isLeader(
  { pid, start }: Identity,
  lease: Lease | undefined,
): boolean {
  return pid === lease?.pid && start === lease.start;
}

/**
 * Names a process in an event.
 *
 * @param entry The process.
 * @returns Its id and its name.
 */
export function toNamed({ pid, name }: ProcessEntry): NamedProcess {
  return { pid, name };
}
