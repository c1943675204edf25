/**
 * Act: does what a plan says, and nothing else.
 *
 * @module
 */

import type { StartFailure, StopFailure } from "../core/events.ts";
import type { Diagnosis, World } from "../core/model.ts";
import type { Plan } from "../core/plan.ts";
import type { ActContext } from "./act_context.ts";
import { requestStop } from "./state/run_record.ts";

/** What became of a plan, by the name of the service. */
export interface Outcome {
  /** Services that were not started, and why. */
  readonly startFailures: ReadonlyMap<string, StartFailure>;
  /** Services that are not proven to be stopped, and why. */
  readonly stopFailures: ReadonlyMap<string, StopFailure>;
}

/**
 * Carries out a plan: first all that is to be stopped, dependents first; then
 * each service as soon as what it depends on is ready.
 *
 * @returns What failed; nothing failed if both maps are empty.
 */
export async function execute(
  plan: Plan,
  world: World,
  context: ActContext,
): Promise<Outcome> {
  const stopFailures = new Map<string, StopFailure>();
  // Before the first of them ends, or it would be taken for a crash. What has
  // crashed may be about to be started again.
  const records = [
    ...plan.stops.flat().map(({ record }) => record),
    ...plan.steps.filter(({ kind }) => kind === "none")
      .map(({ diagnosis }) => diagnosis.lost),
  ];
  for (const record of records) if (record) requestStop(context.dir, record);
  // Each half is loaded where there is something for it to do.
  if (plan.stops.length > 0) {
    const { stopService } = await import("./stop/stop_service.ts");
    for (const level of plan.stops) {
      await Promise.all(level.map(async (diagnosis) => {
        const failure = await stopService(diagnosis, world, context);
        if (failure) stopFailures.set(diagnosis.service.name, failure);
      }));
    }
  }
  const startFailures = plan.starts.length > 0
    ? await startAll(plan, stopFailures, context)
    : new Map<string, StartFailure>();
  return { startFailures, stopFailures };
}

async function startAll(
  plan: Plan,
  stopFailures: ReadonlyMap<string, StopFailure>,
  context: ActContext,
): Promise<ReadonlyMap<string, StartFailure>> {
  const start = await import("./start/start_service.ts");
  const failures = new Map<string, StartFailure>();
  const runs = new Map<string, Promise<void>>();
  const begin = async (diagnosis: Diagnosis): Promise<void> => {
    const { name, dependsOn } = diagnosis.service;
    await Promise.all(dependsOn.map((dependency) => runs.get(dependency)));
    const failure = blockedBy(dependsOn, failures) ??
      (stopFailures.has(name) ? NOT_STOPPED : undefined);
    if (failure) context.emit({ kind: "failed", service: name, failure });
    const outcome = failure ?? await bringUp(start, diagnosis, plan, context);
    if (outcome) failures.set(name, outcome);
  };
  // Level by level, so that what a service waits for is always there already.
  for (const level of plan.starts) {
    for (const diagnosis of level) {
      runs.set(diagnosis.service.name, begin(diagnosis));
    }
  }
  await Promise.all(runs.values());
  return failures;
}

const NOT_STOPPED: StartFailure = { kind: "not-stopped" };

function blockedBy(
  dependsOn: readonly string[],
  failures: ReadonlyMap<string, StartFailure>,
): StartFailure | undefined {
  const names = dependsOn.filter((name) => failures.has(name));
  if (names.length === 0) return undefined;
  const isCancelled = names.every((name) =>
    failures.get(name)?.kind === "cancelled"
  );
  return isCancelled ? { kind: "cancelled" } : { kind: "dependency", names };
}

function bringUp(
  { awaitService, startService }: typeof import("./start/start_service.ts"),
  diagnosis: Diagnosis,
  plan: Plan,
  context: ActContext,
): Promise<StartFailure | undefined> {
  const isUnderWay = plan.steps.some((step) =>
    step.kind === "await" && step.diagnosis === diagnosis
  );
  return isUnderWay && diagnosis.record
    ? awaitService(diagnosis.service, diagnosis.record, context)
    : startService(diagnosis.service, context);
}
