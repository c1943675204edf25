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
  Lookup,
  ProcessEntry,
  ProcessTable,
  Service,
  StopSignal,
  World,
} from "../core/model.ts";
import { orphansOf } from "../core/ghost.ts";
import { rootOf } from "../core/roots.ts";
import { findAlive, parentsOf, treeOf, withDescendants } from "../core/tree.ts";
import type { ActContext } from "./context.ts";
import { STOP_CADENCE, waitFor } from "./clock.ts";
import { readHeirs } from "./heirs.ts";
import { removeLease } from "./lease.ts";
import { proveReleased, readHeld, type Spared, sparedBy } from "./released.ts";
import { awaitReturn } from "./returned.ts";
import { signalAll, type Signalled } from "./signal_all.ts";

/** How long the OS may take to bury what was killed, in milliseconds. */
const BURIAL_TIMEOUT = 5_000;

/** How long a second ask may take at the most, in milliseconds. */
const HURRY_TIME = 1_000;

/** How often processes that are replaced all the time are looked for at once. */
const LOOKS_MAX = 5;

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
    ? { holders: [], unseen: false }
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
 * Ends what is left of a run whose leader is gone, without asking first.
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
}

/** All that is to end: it grows while its members fork. */
interface Pack {
  readonly service: Service;
  readonly lease?: Lease;
  /** Roots of processes that devsvc did not start. */
  readonly roots: readonly Identity[];
  /** Every member that was ever seen. */
  readonly known: Map<number, ProcessEntry>;
}

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
  stop: Service["stop"],
  context: ActContext,
): Promise<StopFailure | undefined> {
  const first = await readMembers(pack, context);
  if (!first.ok) return { kind: "lookup", reason: first.reason };
  if (first.value.length === 0) return undefined;
  if (context.signal.aborted) return { kind: "cancelled" };
  const { service } = pack;
  context.emit({
    kind: "stopping",
    service: service.name,
    processes: namesOf(first.value, pack),
  });
  if (stop.signal !== "SIGKILL") {
    const { deaf } = await signal(first.value, stop.signal, pack, context);
    if (deaf) return await kill(pack, context);
    const asked = new Set(first.value.map(({ start }) => start));
    const given = await waitUntilGone(
      pack,
      stop.timeout,
      context,
      async (members) => {
        // Who hid behind the others, or was forked since, is asked as well.
        const late = members.filter(({ start }) => !asked.has(start));
        for (const { start } of late) asked.add(start);
        if (late.length > 0) await signal(late, stop.signal, pack, context);
      },
    );
    if (given.kind !== "alive") return given.failure;
    const waited = await hurry(given.members, stop, pack, context);
    if (waited.kind !== "alive") return waited.failure;
    context.emit({
      kind: "escalating",
      service: service.name,
      processes: namesOf(waited.members, pack),
      waited: stop.timeout,
    });
  }
  return await kill(pack, context);
}

function signal(
  members: readonly ProcessEntry[],
  name: StopSignal,
  { lease }: Pack,
  { platform }: ActContext,
): Promise<Signalled> {
  return signalAll(members, name, lease, platform);
}

/**
 * Asks once more by SIGINT whoever did not end in its time, as a second Ctrl-C
 * does: uvicorn then gives up on connections that are still open, Postgres on
 * its clients, gunicorn on its workers. Not sooner: who only knows SIGTERM ends
 * at once by it, and was promised its time.
 */
async function hurry(
  members: readonly ProcessEntry[],
  stop: Service["stop"],
  pack: Pack,
  context: ActContext,
): Promise<Burial> {
  const canHurry = context.platform.groups === "group" &&
    (stop.signal === "SIGTERM" || stop.signal === "SIGINT");
  if (!canHurry) return { kind: "alive", members };
  await signal(members, "SIGINT", pack, context);
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
  }, async (members) => {
    denied = (await signal(members, "SIGKILL", pack, context)).denied;
  });
  if (waited.kind !== "alive") return waited.failure;
  const processes = waited.members.map(toNamed);
  return denied.length === waited.members.length
    ? { kind: "denied", processes }
    : { kind: "survivors", processes };
}

type Burial =
  | { readonly kind: "gone"; readonly failure?: undefined }
  | { readonly kind: "failed"; readonly failure: StopFailure }
  | { readonly kind: "alive"; readonly members: readonly ProcessEntry[] };

async function waitUntilGone(
  pack: Pack,
  timeout: number,
  context: ActContext,
  onAlive?: (members: readonly ProcessEntry[]) => Promise<void>,
): Promise<Burial> {
  let members: readonly ProcessEntry[] = [];
  const waited = await waitFor<Burial>(async () => {
    const look = await readMembers(pack, context);
    if (!look.ok) {
      const failure: StopFailure = { kind: "lookup", reason: look.reason };
      return { kind: "failed", failure };
    }
    members = look.value;
    if (members.length === 0) return { kind: "gone" };
    await onAlive?.(members);
    return undefined;
  }, { timeout, cadence: STOP_CADENCE, signal: context.signal });
  if (waited.kind === "done") return waited.value;
  return waited.kind === "aborted"
    ? { kind: "failed", failure: { kind: "cancelled" } }
    : { kind: "alive", members };
}

/**
 * Reads the living members, parents before children.
 *
 * The marks cost a look into every environment, so they are read when the rest
 * is gone: only then can somebody be left whom nothing else shows. They count
 * for the table read before them, never for a later one: by then a number may be
 * a stranger's. Where that table shows none of them, both are read again.
 */
async function readMembers(
  pack: Pack,
  { platform }: ActContext,
): Promise<Lookup<readonly ProcessEntry[]>> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const lookup = await platform.processTable();
    if (!lookup.ok) return lookup;
    const visible = membersIn(pack, [], lookup.value);
    if (visible.length > 0 || !pack.lease) return { ok: true, value: visible };
    const carriers = await platform.carriers();
    if (!carriers.ok) return carriers;
    const marked = carriers.value.get(pack.lease.run) ?? [];
    const hidden = membersIn(pack, marked, lookup.value);
    if (hidden.length > 0 || marked.length === 0) {
      return { ok: true, value: hidden };
    }
  }
  return {
    ok: false,
    reason: "its processes change faster than they are seen",
  };
}

function membersIn(
  pack: Pack,
  marked: readonly number[],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const { lease } = pack;
  const tree = lease
    ? treeOf(lease, [...marked, ...orphansOf(lease, table)], table)
    : [];
  const others = [...pack.roots, ...pack.known.values()]
    .flatMap((identity) => findAlive(identity, table) ?? []);
  const found = new Map(
    [...tree, ...withDescendants(others, table)]
      .map((entry) => [entry.pid, entry]),
  );
  for (const entry of found.values()) pack.known.set(entry.pid, entry);
  return [...found.values()];
}

/** Who is waited for: a leader that only waits itself is nobody's concern. */
function namesOf(
  members: readonly ProcessEntry[],
  { lease }: Pack,
): readonly NamedProcess[] {
  const others = members.filter(({ pid, start }) =>
    pid !== lease?.pid || start !== lease.start
  );
  return (others.length > 0 ? others : members).map(toNamed);
}

function toNamed({ pid, name }: ProcessEntry): NamedProcess {
  return { pid, name };
}
