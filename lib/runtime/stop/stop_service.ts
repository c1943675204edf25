/**
 * Stopping one service, and the proof: its tree is gone and nothing listens on
 * its port.
 */

import type { NamedProcess, StopFailure } from "../../core/events.ts";
import type { Diagnosis, RunRecord, Service, World } from "../../core/model.ts";
import { lastSignOfLife } from "../../core/leftovers.ts";
import type { ActContext } from "../act_context.ts";
import { readEnding, removeRunRecord } from "../state/run_record.ts";
import {
  detectRespawn,
  findPortHolders,
  readInheritedHolders,
} from "./port_release.ts";
import {
  NO_IGNORED_HOLDERS,
  type StopTarget,
  stopTargetOf,
} from "./stop_target.ts";
import { terminate, terminateMembers, toNamed } from "./terminate.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** How often the holders of inherited sockets are looked up and ended. */
const INHERITED_ROUNDS = 3;

/**
 * Stops a service and proves it.
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
    ? await terminateInheritedHolders(first, target, diagnosis, context)
    : first ?? await detectRespawn(target, diagnosis.holders, world, context);
  if (failure) {
    context.emit({ kind: "not-stopped", service: service.name, failure });
    return failure;
  }
  try {
    removeRunRecord(context.dir, service.name);
  } catch (error) {
    const reason = reasonOf(error);
    context.emit({ kind: "record-failed", service: service.name, reason });
  }
  const elapsed = context.clock.elapsed() - begun;
  context.emit({ kind: "stopped", service: service.name, elapsed });
  return undefined;
}

/**
 * Ends the holders of sockets that were inherited from a dead process, and
 * those that inherit from them in turn.
 */
async function terminateInheritedHolders(
  held: StopFailure & { readonly kind: "held" },
  target: StopTarget,
  { state }: Diagnosis,
  context: ActContext,
): Promise<StopFailure | undefined> {
  const { service } = target;
  // Roots of a stale owner are there only where the plan stops its holders.
  const fromAny = state === "stale-owner" && target.roots.length > 0;
  const tried: NamedProcess[] = [];
  let failure: StopFailure | undefined = held;
  for (let round = 0; round < INHERITED_ROUNDS; round++) {
    if (failure?.kind !== "held") return failure;
    const roots = await readInheritedHolders(target, fromAny, context);
    if (roots.length === 0) break;
    tried.push(...roots.map(toNamed));
    failure = await terminate({ ...target, roots }, service.stop, context);
  }
  return failure?.kind === "held" && tried.length > 0
    ? { ...failure, tried }
    : failure;
}

/** What was left of a run. */
export interface Swept {
  /** The processes that were ended. */
  readonly ended: readonly NamedProcess[];
  /** Others that listen on its port. */
  readonly holders: readonly NamedProcess[];
}

/**
 * Kills what is left of a run whose wrapper is gone, and reports another
 * process that listens on its port: the run may have ended because of it.
 */
export async function sweepTree(
  service: Service,
  record: RunRecord,
  context: ActContext,
): Promise<Swept> {
  const target: StopTarget = {
    service,
    record,
    livedUntil: lastSignOfLife(record, readEnding(context.dir, record)?.at),
    sessions: new Set(),
    roots: [],
    known: new Map(),
    ignoredHolders: NO_IGNORED_HOLDERS,
  };
  let ended: readonly NamedProcess[] = [];
  const end = await terminateMembers(
    target,
    { signal: "SIGKILL", timeout: 0 },
    {
      ...context,
      signal: new AbortController().signal,
      emit: (event) => {
        if (event.kind === "stopping") ended = event.processes;
      },
    },
  );
  const begun = end.kind === "gone" ? end.portCheck : undefined;
  const held = await (begun ?? findPortHolders(target, context));
  const holders = held?.kind === "held" ? held.holders : [];
  if (holders.length > 0) {
    const { name, port = 0 } = service;
    context.emit({ kind: "held", service: name, port, holders });
  }
  return { ended, holders };
}
