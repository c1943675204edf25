/**
 * Stopping one service, and the proof that it is stopped: its tree is gone and
 * nothing listens on its port.
 *
 * @module
 */

import type { NamedProcess, StopFailure } from "../../core/events.ts";
import type {
  Diagnosis,
  Identity,
  Lease,
  Service,
  World,
} from "../../core/model.ts";
import { rootOf } from "../../core/service_root.ts";
import { findAlive, parentsOf } from "../../core/process_tree.ts";
import type { ActContext } from "../act_context.ts";
import { endMembers, endPack, toNamed } from "./terminate.ts";
import { readHeirs } from "./inherited_holders.ts";
import { removeLease } from "../state/run_record.ts";
import { NOBODY_SPARED, type Pack } from "./stop_target.ts";
import { readHeld, sparedBy } from "./port_release.ts";
import { awaitReturn } from "./detect_respawn.ts";

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
  const first = await endPack(pack, service.stop, context);
  const failure = first?.kind === "held"
    ? await endHeirs(first, { pack, diagnosis }, context)
    : first ?? await awaitReturn(
      {
        holders: pack.roots.length > 0 ? diagnosis.holders : [],
        before: world.processes.ok ? world.processes.value : new Map(),
      },
      () => readHeld(pack, context),
      context,
    );
  if (failure) {
    context.emit({ kind: "not-stopped", service: service.name, failure });
    return failure;
  }
  removeLease(context.dir, service.name);
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
  },
  context: ActContext,
): Promise<StopFailure | undefined> {
  const { pack, diagnosis } = about;
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
    failure = await endPack({ ...pack, roots }, service.stop, context);
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
  const pack: Pack = {
    service,
    lease,
    roots: [],
    known: new Map(),
    spared: NOBODY_SPARED,
  };
  const end = await endMembers(pack, { signal: "SIGKILL", timeout: 0 }, {
    ...context,
    signal: new AbortController().signal,
    emit: () => {},
  });
  const begun = end.kind === "gone" ? end.held : undefined;
  const held = await (begun ?? readHeld(pack, context));
  if (held?.kind !== "held" || held.holders.length === 0) return;
  const { name, port = 0 } = service;
  const { holders } = held;
  context.emit({ kind: "held", service: name, port, holders });
}

async function packOf(
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<Pack> {
  const { service, lease } = diagnosis;
  const members = new Set(diagnosis.tree.map(({ pid }) => pid));
  const strangers = diagnosis.holders.filter(({ pid }) => !members.has(pid));
  const roots = await rootsOf(strangers, diagnosis, world, context);
  // A leader that ended since the look no longer leads to the others.
  const known = new Map(diagnosis.tree.map((entry) => [entry.pid, entry]));
  return {
    service,
    ...(lease ? { lease } : {}),
    roots,
    known,
    // Where strangers are to be stopped, all of them are.
    spared: roots.length > 0 ? NOBODY_SPARED : sparedBy(service, known, world),
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
