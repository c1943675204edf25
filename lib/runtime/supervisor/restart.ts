/**
 * Starting a service again by itself: only where it is still what the supervisor
 * took it for, and only on a port that nobody else holds.
 *
 * @module
 */

import { diagnose } from "../../core/diagnose.ts";
import type { Service } from "../../core/model.ts";
import { isOwn } from "../../core/supervision.ts";
import { planStart } from "../../core/plan.ts";
import type { ActContext } from "../act_context.ts";
import type { PendingRestart } from "./status_file.ts";
import { isStopping, readRunRecord } from "../state/run_record.ts";
import { observe } from "../observe.ts";
import {
  type Attempt,
  launchService,
  untilReady,
} from "../start/start_service.ts";
import { stopService } from "../stop/stop_service.ts";

/** Why a service is started again. */
export type RestartCause =
  /** It ended by itself. */
  | "ended"
  /** Its checks fail. */
  | "unhealthy"
  /** It was being stopped for this when an earlier supervisor was killed. */
  | "stopped";

/** What is started again. */
export interface RestartRequest {
  /** Why. */
  readonly cause: RestartCause;
  /** The run that it replaces. */
  readonly run: string | undefined;
  /** How often in a row it was started again, this time included. */
  readonly restarts: number;
  /** The environment that the run was started with, where known. */
  readonly env?: Readonly<Record<string, string>>;
  /** Writes down what is stopped and not yet started, before and after. */
  readonly mark: (pendingRestart: PendingRestart | undefined) => void;
}

/** What became of it. */
export type RestartResult =
  | "started"
  /** Somebody else has acted meanwhile. */
  | "left"
  /** Something stands in the way. */
  | "blocked";

/**
 * Starts a service again, and waits until it is ready.
 *
 * The lock of the project is held only as long as something is changed, so
 * that a command never waits for a service that does not become ready.
 */
export async function restartService(
  service: Service,
  again: RestartRequest,
  context: ActContext,
): Promise<RestartResult> {
  let attempt: Attempt | RestartResult = "left";
  await context.exclusively?.(async () => {
    try {
      attempt = await launchAgain(service, again, context);
    } finally {
      again.mark(undefined);
    }
  });
  const launched: Attempt | RestartResult = attempt;
  if (typeof launched === "string") return launched;
  await untilReady(launched, context);
  return "started";
}

async function launchAgain(
  service: Service,
  again: RestartRequest,
  context: ActContext,
): Promise<Attempt | RestartResult> {
  const { project } = context;
  if (!await isMeant(service, again, context)) return "left";
  const world = await observe(project, [service], context);
  const [diagnosis] = diagnose([service], world);
  if (!diagnosis) return "left";
  if (diagnosis.state === "running") return "left";
  const { steps: [step] } = planStart([diagnosis], {
    requested: new Set([service.name]),
    policy: "fail",
    // What it left behind is its own; nobody else is ever stopped for it.
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
  // Who ends the supervisor in between would leave the service stopped.
  const whole = { ...context, signal: new AbortController().signal };
  if (step.kind === "restart") {
    const { run, restarts } = again;
    if (run !== undefined) again.mark({ run, restarts });
    if (await stopService(diagnosis, world, whole)) return "blocked";
  }
  const launched = await launchService(service, whole, again);
  return "kind" in launched ? "blocked" : launched;
}

async function isMeant(
  { name }: Service,
  { cause, run }: RestartRequest,
  { dir }: ActContext,
): Promise<boolean> {
  const reading = readRunRecord(dir, name);
  // Without a run record it had been stopped already.
  if (reading.kind !== "valid") {
    return cause === "stopped" && reading.kind === "none";
  }
  return reading.record.run === run && !await isStopping(dir, reading.record);
}
