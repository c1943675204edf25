/** Executing a plan. */

import type { StartFailure, StopFailure } from "../core/events.ts";
import type { Diagnosis, World } from "../core/model.ts";
import type { Plan } from "../core/plan.ts";
import type { ActContext } from "./act_context.ts";
import { requestStop } from "./state/run_record.ts";

/** The failures of a plan, by the name of the service. */
export interface Outcome {
  /** Why services were not started. */
  readonly startFailures: ReadonlyMap<string, StartFailure>;
  /** Why services are not proven to be stopped. */
  readonly stopFailures: ReadonlyMap<string, StopFailure>;
}

/**
 * Executes a plan: stops services, dependents first, then starts each service once
 * its dependencies are ready.
 *
 * @returns The failures; both maps are empty where all went well.
 */
export async function execute(
  plan: Plan,
  world: World,
  context: ActContext,
): Promise<Outcome> {
  const stopFailures = new Map<string, StopFailure>();
  // Before the first of them ends, or the supervisor would take that for a crash.
  // It may also be about to restart one that has crashed.
  const records = [
    ...plan.stops.flat()
      .flatMap(({ record, otherRuns = [] }) => [record, ...otherRuns]),
    ...plan.steps.filter(({ kind }) => kind === "none")
      .map(({ diagnosis }) => diagnosis.lost),
  ];
  const untold = new Set<string>();
  for (const record of records) {
    if (record && !requestStop(context.dir, record)) untold.add(record.service);
  }
  const isRefused = context.dir.origin().kind === "refused";
  const endangered = [
    ...plan.stops.flat(),
    ...plan.steps.map(({ diagnosis }) => diagnosis)
      .filter(({ lost }) => lost !== undefined),
  ].map(({ service }) => service)
    .filter(({ name, restart }) =>
      restart.when !== "never" && (isRefused || untold.has(name))
    );
  const isSupervised = endangered.length > 0 &&
    !await (await import("./supervisor/end_supervisor.ts"))
      .endSupervisor(context);
  // Each half is loaded only where it is needed.
  if (plan.stops.length > 0) {
    const { stopService } = await import("./stop/stop_service.ts");
    for (const level of plan.stops) {
      await Promise.all(level.map(async (diagnosis) => {
        const { service } = diagnosis;
        const failure = await stopService(diagnosis, world, context);
        if (failure) stopFailures.set(service.name, failure);
        else if (isSupervised && endangered.includes(service)) {
          const restarted = { kind: "supervised" } as const;
          context.emit({
            kind: "not-stopped",
            service: service.name,
            failure: restarted,
          });
          stopFailures.set(service.name, restarted);
        }
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
    const outcome = failure ?? await startOne(start, diagnosis, plan, context);
    if (outcome) failures.set(name, outcome);
  };
  // Level by level, so that the promises of the dependencies exist.
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

function startOne(
  { awaitService, startService }: typeof import("./start/start_service.ts"),
  diagnosis: Diagnosis,
  plan: Plan,
  context: ActContext,
): Promise<StartFailure | undefined> {
  const isStarting = plan.steps.some((step) =>
    step.kind === "await" && step.diagnosis === diagnosis
  );
  return isStarting && diagnosis.record
    ? awaitService(diagnosis.service, diagnosis.record, context)
    : startService(diagnosis.service, context);
}
