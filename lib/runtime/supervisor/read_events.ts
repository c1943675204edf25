/**
 * What the keeper sees of a service: its lease and the marks beside it, and
 * whether its leader lives.
 *
 * @module
 */

import type { Kept, Sight } from "../../core/supervision.ts";
import { RECENT } from "../../core/ownership.ts";
import type { Lease, Service } from "../../core/model.ts";
import type { ActContext } from "../act_context.ts";
import { isStopping, readEnding, readLease } from "../state/run_record.ts";
import type { StateDir } from "../state/state_dir.ts";

/**
 * Reads what is new about a service.
 *
 * @param service The service.
 * @param kept What is known of it.
 * @param context Where to look.
 * @returns What was seen, in the order in which it happened.
 */
export async function readSights(
  service: Service,
  kept: Kept,
  context: Pick<ActContext, "dir" | "platform">,
): Promise<readonly Sight[]> {
  const reading = readLease(context.dir, service.name);
  if (reading.kind !== "valid") return [{ kind: "vanish" }];
  const { lease } = reading;
  const { run, readyAt, restarts = 0 } = lease;
  const isNew = kept.run !== run;
  const isOver = kept.phase === "ended" || kept.phase === "pausing";
  const sights: Sight[] = [];
  if (isNew) sights.push({ kind: "spawn", run, restarts });
  if (readyAt !== undefined && (isNew || kept.readyAt === undefined)) {
    sights.push({ kind: "prove", run, at: Date.parse(readyAt) });
  }
  const ends = isNew || !isOver ? await readEnd(lease, isNew, context) : [];
  // Looked for after the end: who stops a run marks it before it ends.
  if (await isStopping(context.dir, lease)) sights.push({ kind: "ask", run });
  // Whoever takes the lease away does so before the marks; and what was proven
  // meanwhile has not ended before it was ready.
  if (ends.length > 0 && !isUnchanged(lease, context.dir)) {
    return await readSights(service, kept, context);
  }
  return [...sights, ...ends];
}

function isUnchanged(
  { service, run, readyAt }: Lease,
  dir: StateDir,
): boolean {
  const reading = readLease(dir, service);
  return reading.kind === "valid" && reading.lease.run === run &&
    reading.lease.readyAt === readyAt;
}

async function readEnd(
  lease: Lease,
  isNew: boolean,
  { dir, platform }: Pick<ActContext, "dir" | "platform">,
): Promise<readonly Sight[]> {
  const { run, pid, start } = lease;
  const told = async (): Promise<readonly Sight[]> => {
    const exit = await readEnding(dir, lease);
    if (!exit) return [];
    const isOld = isNew && Date.now() - exit.at > RECENT;
    return [{ kind: "end", run, exit, isOld }];
  };
  const early = await told();
  if (early.length > 0) return early;
  if (!isNew && platform.mayExist(pid)) return [];
  const identity = await platform.identity(pid);
  const isGone = identity.ok && identity.value?.start !== start;
  if (!isGone) return [];
  // The leader may have written it down since, as the last thing it did.
  const late = await told();
  if (late.length > 0) return late;
  // It ended on any day since it began, unless it was seen alive.
  const isOld = isNew && Date.now() - Date.parse(lease.startedAt) > RECENT;
  return [{ kind: "end", run, isOld }];
}
