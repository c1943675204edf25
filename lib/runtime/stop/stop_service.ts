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
  RunRecord,
  Service,
  World,
} from "../../core/model.ts";
import { rootOf } from "../../core/process_tree.ts";
import { findAlive, parentsOf } from "../../core/process_tree.ts";
import type { ActContext } from "../act_context.ts";
import { terminate, terminateMembers, toNamed } from "./terminate.ts";
import { readInheritedHolders } from "./inherited_holders.ts";
import { removeRunRecord } from "../state/run_record.ts";
import { NO_IGNORED_HOLDERS, type StopTarget } from "./stop_target.ts";
import { findPortHolders, ignoredHoldersOf } from "./port_release.ts";
import { detectRespawn } from "./detect_respawn.ts";

/** How often the holders of sockets inherited from a dead owner are looked for. */
const INHERITED_ROUNDS = 3;

/**
 * Stops a service and proves it: asks, waits, forces, waits, looks.
 *
 * @returns Why it is not proven, or `undefined` if it is.
 */
export async function stopService(
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const { service } = diagnosis;
  const begun = context.clock.elapsed();
  const target = await stopTargetOf(diagnosis, world, context);
  const first = await terminate(target, service.stop, context);
  const failure = first?.kind === "held"
    ? await terminateInheritedHolders(first, { target, diagnosis }, context)
    : first ?? await detectRespawn(
      {
        holders: target.roots.length > 0 ? diagnosis.holders : [],
        before: world.processes.ok ? world.processes.value : new Map(),
      },
      () => findPortHolders(target, context),
      context,
    );
  if (failure) {
    context.emit({ kind: "not-stopped", service: service.name, failure });
    return failure;
  }
  removeRunRecord(context.dir, service.name);
  const elapsed = context.clock.elapsed() - begun;
  context.emit({ kind: "stopped", service: service.name, elapsed });
  return undefined;
}

/**
 * Ends those who live on with the port of a dead process, and what they leave
 * in their turn.
 */
async function terminateInheritedHolders(
  held: StopFailure & { readonly kind: "held" },
  about: {
    readonly target: StopTarget;
    readonly diagnosis: Diagnosis;
  },
  context: ActContext,
): Promise<StopFailure | undefined> {
  const { target, diagnosis } = about;
  const { service, known } = target;
  const tried: NamedProcess[] = [];
  let failure: StopFailure | undefined = held;
  for (let round = 0; round < INHERITED_ROUNDS; round++) {
    if (failure?.kind !== "held" || service.port === undefined) return failure;
    // Inherited-socket holders that the plan leaves alone are no roots.
    const anybody = diagnosis.state === "stale-owner" &&
      target.roots.length > 0;
    const roots = await readInheritedHolders(
      service.port,
      { known, anybody },
      context.platform,
    );
    if (roots.length === 0) break;
    tried.push(...roots.map(toNamed));
    failure = await terminate({ ...target, roots }, service.stop, context);
  }
  return failure?.kind === "held" && tried.length > 0
    ? { ...failure, tried }
    : failure;
}

/**
 * Ends what is left of a run whose leader is gone, without asking first, and
 * tells who else listens on its port: the run may have ended because of them.
 */
export async function sweepTree(
  service: Service,
  record: RunRecord,
  context: ActContext,
): Promise<void> {
  const target: StopTarget = {
    service,
    record,
    roots: [],
    known: new Map(),
    ignoredHolders: NO_IGNORED_HOLDERS,
  };
  const end = await terminateMembers(
    target,
    { signal: "SIGKILL", timeout: 0 },
    {
      ...context,
      signal: new AbortController().signal,
      emit: () => {},
    },
  );
  const begun = end.kind === "gone" ? end.held : undefined;
  const held = await (begun ?? findPortHolders(target, context));
  if (held?.kind !== "held" || held.holders.length === 0) return;
  const { name, port = 0 } = service;
  const { holders } = held;
  context.emit({ kind: "held", service: name, port, holders });
}

async function stopTargetOf(
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<StopTarget> {
  const { service, record } = diagnosis;
  const members = new Set(diagnosis.tree.map(({ pid }) => pid));
  const unidentifiedHolders = diagnosis.holders.filter(({ pid }) =>
    !members.has(pid)
  );
  const roots = await rootsOf(unidentifiedHolders, diagnosis, world, context);
  // A wrapper that ended since the look no longer leads to the others.
  const known = new Map(diagnosis.tree.map((entry) => [entry.pid, entry]));
  return {
    service,
    ...(record ? { record } : {}),
    roots,
    known,
    // Where strangers are to be stopped, all of them are.
    ignoredHolders: roots.length > 0
      ? NO_IGNORED_HOLDERS
      : ignoredHoldersOf(service, known, world),
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
