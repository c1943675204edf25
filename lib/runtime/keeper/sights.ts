/**
 * What the keeper sees of a service: its lease and the marks beside it, and
 * whether its leader lives.
 *
 * @module
 */

import type { Kept, Sight } from "../../core/lifecycle.ts";
import { RECENT } from "../../core/own.ts";
import type { Lease, Service } from "../../core/model.ts";
import type { ActContext } from "../context.ts";
import { isStopping, readEnding, readLease } from "../lease.ts";

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
  if (await isStopping(context.dir, lease)) sights.push({ kind: "ask", run });
  if (isNew || !isOver) sights.push(...await readEnd(lease, isNew, context));
  return sights;
}

async function readEnd(
  lease: Lease,
  isNew: boolean,
  { dir, platform }: Pick<ActContext, "dir" | "platform">,
): Promise<readonly Sight[]> {
  const { run, pid, start } = lease;
  const exit = await readEnding(dir, lease);
  if (exit) {
    const isOld = isNew && Date.now() - exit.at > RECENT;
    return [{ kind: "end", run, exit, isOld }];
  }
  if (!isNew && platform.mayExist(pid)) return [];
  const identity = await platform.identity(pid);
  const isGone = identity.ok && identity.value?.start !== start;
  if (!isGone) return [];
  // It ended on any day since it began, unless it was seen alive.
  const isOld = isNew && Date.now() - Date.parse(lease.startedAt) > RECENT;
  return [{ kind: "end", run, isOld }];
}
