/**
 * Stopping one service, and the proof that it is stopped: its tree is gone and
 * nothing listens on its port.
 *
 * @module
 */

import type { NamedProcess, StopFailure } from "../core/events.ts";
import type {
  Diagnosis,
  Identity,
  Lease,
  ProcessEntry,
  Service,
  StopManner,
  StopSignal,
  World,
} from "../core/model.ts";
import { rootOf } from "../core/roots.ts";
import { findAlive, mainOf, parentsOf } from "../core/tree.ts";
import type { ActContext } from "./context.ts";
import { pauseForHint, STOP_CADENCE, waitFor } from "./clock.ts";
import { readHeirs } from "./heirs.ts";
import { removeLease } from "./lease.ts";
import { watchLinger } from "./linger.ts";
import { type Members, type Pack, readMembers } from "./pack.ts";
import { proveReleased, readHeld, type Spared, sparedBy } from "./released.ts";
import { awaitReturn } from "./returned.ts";
import { signalAll, type Signalled } from "./signal_all.ts";
import { runStopCommand } from "./stop_command.ts";

/** How long the OS may take to bury what was killed, in milliseconds. */
const BURIAL_TIMEOUT = 5_000;

/** How long a second ask may take at the most, in milliseconds. */
const HURRY_TIME = 1_000;

/** How often the heirs of a dead owner are looked for. */
const HEIR_ROUNDS = 3;

/**
 * Stops a service and proves it: asks, waits, forces, waits, looks.
 *
 * @param diagnosis The service and who holds its port.
 * @param world What the diagnosis was made from.
 * @param context What acting needs to know.
 * @returns Why it is not proven, or `undefined` if it is.
 */
export async function stopService(
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const { service } = diagnosis;
  const begun = performance.now();
  const pack = await packOf(diagnosis, world, context);
  // Where strangers are to be stopped, all of them are.
  const spared = pack.roots.length > 0
    ? NOBODY_SPARED
    : sparedBy(service, pack.known, world);
  const first = await endPack(pack, service.stop, context) ??
    await proveReleased(service, spared, context);
  const failure = first?.kind === "held"
    ? await endHeirs(first, { pack, diagnosis, spared }, context)
    : first ?? await awaitReturn(
      {
        holders: pack.roots.length > 0 ? diagnosis.holders : [],
        before: world.processes.ok ? world.processes.value : new Map(),
      },
      () => readHeld(service, spared, context),
      context,
    );
  if (failure) {
    context.emit({ kind: "not-stopped", service: service.name, failure });
    return failure;
  }
  await removeLease(context.dir, service.name);
  const elapsed = performance.now() - begun;
  context.emit({ kind: "stopped", service: service.name, elapsed });
  return undefined;
}

/**
 * Ends those who live on with the port of a dead process, and what they leave
 * in their turn.
 */
async function endHeirs(
  held: StopFailure & { readonly kind: "held" },
  about: {
    readonly pack: Pack;
    readonly diagnosis: Diagnosis;
    readonly spared: Spared;
  },
  context: ActContext,
): Promise<StopFailure | undefined> {
  const { pack, diagnosis, spared } = about;
  const { service, known } = pack;
  const tried: NamedProcess[] = [];
  let failure: StopFailure | undefined = held;
  for (let round = 0; round < HEIR_ROUNDS; round++) {
    if (failure?.kind !== "held" || service.port === undefined) return failure;
    // Heirs that the plan leaves alone are no roots.
    const anybody = diagnosis.state === "ghost" && pack.roots.length > 0;
    const roots = await readHeirs(
      service.port,
      { known, anybody },
      context.platform,
    );
    if (roots.length === 0) break;
    tried.push(...roots.map(toNamed));
    failure = await endPack({ ...pack, roots }, service.stop, context) ??
      await proveReleased(service, spared, context);
  }
  return failure?.kind === "held" && tried.length > 0
    ? { ...failure, tried }
    : failure;
}

/**
 * Ends what is left of a run whose leader is gone, without asking first, and
 * tells who else listens on its port: the run may have ended because of them.
 *
 * @param service The service.
 * @param lease The lease of the run.
 * @param context What acting needs to know.
 */
export async function sweepTree(
  service: Service,
  lease: Lease,
  context: ActContext,
): Promise<void> {
  const pack: Pack = { service, lease, roots: [], known: new Map() };
  await endPack(pack, { signal: "SIGKILL", timeout: 0 }, {
    ...context,
    signal: new AbortController().signal,
    emit: () => {},
  });
  const held = await readHeld(service, NOBODY_SPARED, context);
  if (held?.kind !== "held" || held.holders.length === 0) return;
  const { name, port = 0 } = service;
  const { holders } = held;
  context.emit({ kind: "held", service: name, port, holders });
}

const NOBODY_SPARED: Spared = { holders: [], unseen: false };

async function packOf(
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<Pack> {
  const { service, lease } = diagnosis;
  const members = new Set(diagnosis.tree.map(({ pid }) => pid));
  const strangers = diagnosis.holders.filter(({ pid }) => !members.has(pid));
  return {
    service,
    ...(lease ? { lease } : {}),
    roots: await rootsOf(strangers, diagnosis, world, context),
    // A leader that ended since the look no longer leads to the others.
    known: new Map(diagnosis.tree.map((entry) => [entry.pid, entry])),
  };
}

/** A holder of this project is met at its root, any other where it stands. */
async function rootsOf(
  holders: readonly Identity[],
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<readonly Identity[]> {
  if (holders.length === 0 || !world.processes.ok) return [];
  if (diagnosis.state !== "untracked") return holders;
  const table = world.processes.value;
  const parents = holders.flatMap(({ pid }) =>
    parentsOf(pid, table).map((parent) => parent.pid)
  );
  const details = await context.platform.details([...new Set(parents)]);
  // The root may have ended since the look: the holder is a root all the same.
  return holders.flatMap((holder) => {
    const entry = findAlive(holder, table);
    return entry ? [rootOf(entry, table, details, world), holder] : [holder];
  });
}

async function endPack(
  pack: Pack,
  stop: StopManner,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const first = await readMembers(pack, context);
  if (!first.ok) return { kind: "lookup", reason: first.reason };
  if (first.value.members.length === 0) return undefined;
  if (context.signal.aborted) return { kind: "cancelled" };
  const { service } = pack;
  context.emit({
    kind: "stopping",
    service: service.name,
    processes: concernsOf(first.value.members, pack).map(toNamed),
  });
  const answer = await ask(first.value, stop, pack, context);
  if (answer.kind === "deaf") return await kill(pack, context);
  if (answer.kind !== "alive") return answer.failure;
  const waited = await hurry(answer, stop, pack, context);
  if (waited.kind !== "alive") return waited.failure;
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
    if (asked === "cancelled") {
      return { kind: "failed", failure: { kind: "cancelled" } };
    }
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
): Promise<StopFailure | undefined> {
  let denied: readonly ProcessEntry[] = [];
  const waited = await waitUntilGone(pack, BURIAL_TIMEOUT, {
    ...context,
    // Half a kill is worse than none: this part is not interrupted.
    signal: new AbortController().signal,
  }, async (living) => {
    denied = (await signal(living, "SIGKILL", pack, context)).denied;
  });
  if (waited.kind !== "alive") return waited.failure;
  const processes = waited.members.map(toNamed);
  return denied.length === waited.members.length
    ? { kind: "denied", processes }
    : { kind: "survivors", processes };
}

/** Members live on. */
interface Alive extends Members {
  readonly kind: "alive";
}

type Burial =
  | { readonly kind: "gone"; readonly failure?: undefined }
  | { readonly kind: "failed"; readonly failure: StopFailure }
  | Alive;

async function waitUntilGone(
  pack: Pack,
  timeout: number,
  context: ActContext,
  onAlive?: (living: Members) => Promise<void>,
): Promise<Burial> {
  let living: Members = { members: [], table: new Map() };
  const waited = await waitFor<Burial>(async () => {
    const look = await readMembers(pack, context);
    if (!look.ok) {
      const failure: StopFailure = { kind: "lookup", reason: look.reason };
      return { kind: "failed", failure };
    }
    living = look.value;
    if (living.members.length === 0) return { kind: "gone" };
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
    ? { kind: "failed", failure: { kind: "cancelled" } }
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

function toNamed({ pid, name }: ProcessEntry): NamedProcess {
  return { pid, name };
}
