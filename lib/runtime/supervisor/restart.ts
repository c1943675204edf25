/**
 * Restarting a service without a command: only the run that the supervisor
 * decided about, and only on a port that no other process holds.
 */

import { diagnose } from "../../core/diagnose.ts";
import type { Service } from "../../core/model.ts";
import { isOwn, isUp } from "../../core/ownership.ts";
import { planStart } from "../../core/plan.ts";
import type { ActContext } from "../act_context.ts";
import type { PendingRestart } from "../state/status_file.ts";
import { isStopRequested, readRunRecord } from "../state/run_record.ts";
import { observe } from "../observe.ts";
import { untilPortClosed } from "../port_closing.ts";
import {
  type Attempt,
  launchService,
  untilReady,
} from "../start/start_service.ts";
import { stopService } from "../stop/stop_service.ts";

/** A restart that the supervisor decided on. */
export interface RestartRequest {
  /** Why the service is restarted. */
  readonly cause:
    | "exited"
    | "unhealthy"
    /** Its stop for a restart was cut short: the supervisor was killed. */
    | "interrupted";
  /** The run that it replaces. */
  readonly run: string | undefined;
  /** How many restarts in a row there are with this one. */
  readonly restarts: number;
  /** The environment of the replaced run, where it is known. */
  readonly env?: Readonly<Record<string, string>>;
  /** Records that the service is stopped and not started yet, until it is. */
  readonly onPending: (
    restart: Omit<PendingRestart, "configHash"> | undefined,
  ) => void;
}

/** The result of a restart. */
export type RestartResult =
  | "started"
  /** There is nothing to restart any more: a command acted in between. */
  | "superseded"
  /** The port is held by another process, or the start failed. */
  | "blocked";

/**
 * Restarts a service and waits until it is ready.
 *
 * The lock of the project is held for the stop and the launch only, so that no
 * command waits for a service that does not become ready.
 */
export async function restartService(
  service: Service,
  request: RestartRequest,
  context: ActContext,
): Promise<RestartResult> {
  // Without the lock of the project: it may take a minute.
  await untilPortClosed(service, context);
  const launches: (Attempt | RestartResult)[] = [];
  await context.exclusively?.(async () => {
    try {
      launches.push(await relaunch(service, request, context));
    } finally {
      request.onPending(undefined);
    }
  });
  const [launched = "superseded"] = launches;
  if (typeof launched === "string") return launched;
  await untilReady(launched, context);
  return "started";
}

async function relaunch(
  service: Service,
  request: RestartRequest,
  context: ActContext,
): Promise<Attempt | RestartResult> {
  const { project } = context;
  if (!isValid(service, request, context)) return "superseded";
  const world = await observe(project, [service], context, {
    checks: context,
  });
  const [diagnosis] = diagnose([service], world);
  if (!diagnosis || isUp(diagnosis)) return "superseded";
  const { steps: [step] } = planStart([diagnosis], {
    requested: new Set([service.name]),
    policy: "fail",
    // Only processes of the service itself are stopped for it.
    restart: isOwn(diagnosis),
  });
  if (step?.kind !== "start" && step?.kind !== "restart") {
    context.emit({
      kind: "refused",
      service: service.name,
      state: diagnosis.state,
      holders: diagnosis.holders,
    });
    return "blocked";
  }
  // A signal that ends the supervisor must not leave the service stopped.
  const unaborted = { ...context, signal: new AbortController().signal };
  if (step.kind === "restart") {
    const { run, restarts } = request;
    if (run !== undefined) request.onPending({ run, restarts });
    if (await stopService(diagnosis, world, unaborted)) return "blocked";
  }
  const launched = await launchService(service, unaborted, request);
  return "kind" in launched ? "blocked" : launched;
}

/** Whether the run is still the one that the supervisor decided about. */
function isValid(
  { name }: Service,
  { cause, run }: RestartRequest,
  { dir }: ActContext,
): boolean {
  const reading = readRunRecord(dir, name);
  // Without a run record the interrupted stop was complete.
  if (reading.kind === "none") return cause === "interrupted";
  return reading.kind === "valid" && reading.record.run === run &&
    !isStopRequested(dir, reading.record);
}
