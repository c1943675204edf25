/**
 * What happened to a service, as its run record, the marker files beside it and
 * its wrapper show it; and a watch that reports when they change.
 */

import type {
  SupervisedState,
  SupervisionEvent,
} from "../../core/supervision.ts";
import { isRecent } from "../../core/ownership.ts";
import { isOfOtherNamespace } from "../../core/pid_namespace.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import type { ActContext } from "../act_context.ts";
import {
  isStopRequested,
  readEnding,
  readRunRecord,
} from "../state/run_record.ts";
import type { StateDir } from "../state/state_dir.ts";

type EventContext = Pick<ActContext, "dir" | "platform" | "clock">;

/**
 * Reads what happened to a service since a state.
 *
 * @returns The events in the order in which they happened.
 */
export async function readEvents(
  service: Service,
  state: SupervisedState,
  context: EventContext,
): Promise<readonly SupervisionEvent[]> {
  const reading = readRunRecord(
    context.dir,
    service.name,
    context.clock.now(),
  );
  if (reading.kind !== "valid") return [{ kind: "record-removed" }];
  const { record } = reading;
  const { run, readyAt, restarts = 0 } = record;
  const isNew = state.run !== run;
  const hasEnded = state.phase === "ended" || state.phase === "backing-off";
  const events: SupervisionEvent[] = [];
  if (isNew) events.push({ kind: "spawned", run, restarts });
  if (readyAt !== undefined && (isNew || state.readyAt === undefined)) {
    events.push({ kind: "ready", run, at: Date.parse(readyAt) });
  }
  const exits = isNew || !hasEnded
    ? await readExit(record, isNew, context)
    : [];
  // Read after the exit: a command requests the stop before it ends a run.
  if (isStopRequested(context.dir, record)) {
    events.push({ kind: "stop-requested", run });
  }
  // The run record is removed before its marker files, and it may have been proven
  // ready before it ended: such an exit is only valid with an unchanged record.
  if (exits.length > 0 && !isUnchanged(record, context.dir)) {
    return await readEvents(service, state, context);
  }
  return [...events, ...exits];
}

function isUnchanged(
  { service, run, readyAt }: RunRecord,
  dir: StateDir,
): boolean {
  const reading = readRunRecord(dir, service);
  return reading.kind === "valid" && reading.record.run === run &&
    reading.record.readyAt === readyAt;
}

async function readExit(
  record: RunRecord,
  isNew: boolean,
  { dir, platform, clock }: EventContext,
): Promise<readonly SupervisionEvent[]> {
  const { run, pid, start } = record;
  const recorded = (): readonly SupervisionEvent[] => {
    const exit = readEnding(dir, record);
    if (!exit) return [];
    const isOld = isNew && !isRecent(exit.at, clock.now());
    return [{ kind: "exited", run, exit, isOld }];
  };
  const early = recorded();
  if (early.length > 0) return early;
  if (!isNew && platform.mayExist(pid)) return [];
  const identity = await platform.identity(pid);
  const isGone = identity.ok && identity.value?.start !== start;
  if (!isGone || await isElsewhere(record, platform)) return [];
  // A wrapper records the exit as the last thing that it does.
  const late = recorded();
  if (late.length > 0) return late;
  // A run that this supervisor never saw alive may have ended at any time.
  const isOld = isNew && !isRecent(Date.parse(record.startedAt), clock.now());
  return [{ kind: "exited", run, isOld }];
}

/** Tells whether its process ids say nothing here. */
async function isElsewhere(
  record: RunRecord,
  platform: EventContext["platform"],
): Promise<boolean> {
  if (record.pidNamespace === undefined) return false;
  const table = await platform.processTable();
  return !table.ok || isOfOtherNamespace(record, table.value);
}

/** A watch of the run records. */
export interface RunRecordWatch extends Disposable {
  /** Returns whether changes are reported; else the folder must be polled. */
  isActive(): boolean;
}

/**
 * Watches the run records and their marker files.
 *
 * @param onChange Called for each change; one write may cause several calls.
 */
export function watchRunRecords(
  { fs, runs }: StateDir,
  onChange: () => void,
): RunRecordWatch {
  let watcher: Deno.FsWatcher | undefined;
  try {
    watcher = fs.watchFs(runs, { recursive: false });
  } catch {
    // There is no folder, or the user has no watches left (`man 7 inotify`).
  }
  const listen = async (changes: Deno.FsWatcher) => {
    for await (const { kind } of changes) {
      if (kind !== "access") onChange();
    }
  };
  const end = () => {
    watcher = undefined;
  };
  if (watcher) listen(watcher).then(end, end);
  return {
    isActive: () => watcher !== undefined,
    [Symbol.dispose]: () => watcher?.close(),
  };
}
