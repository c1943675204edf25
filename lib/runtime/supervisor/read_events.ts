/**
 * What the supervisor sees of a service: its run record and the marks beside it, and
 * whether its wrapper lives.
 *
 * @module
 */

import type {
  SupervisedState,
  SupervisionEvent,
} from "../../core/supervision.ts";
import { RECENT } from "../../core/supervision.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import type { ActContext } from "../act_context.ts";
import { isStopping, readEnding, readRunRecord } from "../state/run_record.ts";
import type { StateDir } from "../state/state_dir.ts";

/**
 * Reads what is new about a service.
 *
 * @returns What was seen, in the order in which it happened.
 */
export async function readEvents(
  service: Service,
  state: SupervisedState,
  context: Pick<ActContext, "dir" | "platform" | "clock">,
): Promise<readonly SupervisionEvent[]> {
  const reading = readRunRecord(context.dir, service.name);
  if (reading.kind !== "valid") return [{ kind: "record-removed" }];
  const { record } = reading;
  const { run, readyAt, restarts = 0 } = record;
  const isNew = state.run !== run;
  const isOver = state.phase === "ended" || state.phase === "pausing";
  const events: SupervisionEvent[] = [];
  if (isNew) events.push({ kind: "spawned", run, restarts });
  if (readyAt !== undefined && (isNew || state.readyAt === undefined)) {
    events.push({ kind: "ready", run, at: Date.parse(readyAt) });
  }
  const ends = isNew || !isOver ? await readEnd(record, isNew, context) : [];
  // Looked for after the end: who stops a run marks it before it ends.
  if (await isStopping(context.dir, record)) {
    events.push({ kind: "stop-requested", run });
  }
  // Whoever takes the run record away does so before the marks; and what was proven
  // meanwhile has not ended before it was ready.
  if (ends.length > 0 && !isUnchanged(record, context.dir)) {
    return await readEvents(service, state, context);
  }
  return [...events, ...ends];
}

function isUnchanged(
  { service, run, readyAt }: RunRecord,
  dir: StateDir,
): boolean {
  const reading = readRunRecord(dir, service);
  return reading.kind === "valid" && reading.record.run === run &&
    reading.record.readyAt === readyAt;
}

async function readEnd(
  record: RunRecord,
  isNew: boolean,
  { dir, platform, clock }: Pick<ActContext, "dir" | "platform" | "clock">,
): Promise<readonly SupervisionEvent[]> {
  const { run, pid, start } = record;
  const told = async (): Promise<readonly SupervisionEvent[]> => {
    const exit = await readEnding(dir, record);
    if (!exit) return [];
    const isOld = isNew && clock.now() - exit.at > RECENT;
    return [{ kind: "exited", run, exit, isOld }];
  };
  const early = await told();
  if (early.length > 0) return early;
  if (!isNew && platform.mayExist(pid)) return [];
  const identity = await platform.identity(pid);
  const isGone = identity.ok && identity.value?.start !== start;
  if (!isGone) return [];
  // The wrapper may have written it down since, as the last thing it did.
  const late = await told();
  if (late.length > 0) return late;
  // It ended on any day since it began, unless it was seen alive.
  const isOld = isNew && clock.now() - Date.parse(record.startedAt) > RECENT;
  return [{ kind: "exited", run, isOld }];
}
