/**
 * Starting a service again by itself: only where it is still what the keeper
 * took it for, and only on a port that nobody else holds.
 *
 * @module
 */

import { diagnose } from "../../core/diagnose.ts";
import type { Service } from "../../core/model.ts";
import { isOwn } from "../../core/ownership.ts";
import { planStart } from "../../core/plan.ts";
import type { ActContext } from "../act_context.ts";
import type { Unfinished } from "./status_file.ts";
import { isStopping, readLease } from "../state/run_record.ts";
import { observe } from "../observe.ts";
import {
  type Attempt,
  launchService,
  untilReady,
} from "../start/start_service.ts";
import { stopService } from "../stop/stop_service.ts";

/** Why a service is started again. */
export type Cause =
  /** It ended by itself. */
  | "ended"
  /** Its checks fail. */
  | "unhealthy"
  /** It was being stopped for this when an earlier keeper was killed. */
  | "stopped";

/** What is started again. */
export interface Again {
  /** Why. */
  readonly cause: Cause;
  /** The run that it replaces. */
  readonly run: string | undefined;
  /** How often in a row it was started again, this time included. */
  readonly restarts: number;
  /** The environment that the run was started with, where known. */
  readonly env?: Readonly<Record<string, string>>;
  /** Writes down what is stopped and not yet started, before and after. */
  readonly mark: (unfinished: Unfinished | undefined) => Promise<void>;
}

/** What became of it. */
export type Return =
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
 *
 * @param service The service.
 * @param again What is started again.
 * @param context What acting needs to know.
 * @returns What became of it.
 */
export async function startAgain(
  service: Service,
  again: Again,
  context: ActContext,
): Promise<Return> {
  let attempt: Attempt | Return = "left";
  await context.exclusively?.(async () => {
    try {
      attempt = await launchAgain(service, again, context);
    } finally {
      await again.mark(undefined);
    }
  });
  const launched: Attempt | Return = attempt;
  if (typeof launched === "string") return launched;
  await untilReady(launched, context);
  return "started";
}

async function launchAgain(
  service: Service,
  again: Again,
  context: ActContext,
): Promise<Attempt | Return> {
  const { project, platform } = context;
  if (!await isMeant(service, again, context)) return "left";
  const world = await observe(project, [service], platform);
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
  // Who ends the keeper in between would leave the service stopped.
  const whole = { ...context, signal: new AbortController().signal };
  if (step.kind === "restart") {
    const { run, restarts } = again;
    if (run !== undefined) await again.mark({ run, restarts });
    if (await stopService(diagnosis, world, whole)) return "blocked";
  }
  const launched = await launchService(service, whole, again);
  return "kind" in launched ? "blocked" : launched;
}

async function isMeant(
  { name }: Service,
  { cause, run }: Again,
  { dir }: ActContext,
): Promise<boolean> {
  const reading = readLease(dir, name);
  // Without a lease it had been stopped already.
  if (reading.kind !== "valid") {
    return cause === "stopped" && reading.kind === "none";
  }
  return reading.lease.run === run && !await isStopping(dir, reading.lease);
}
