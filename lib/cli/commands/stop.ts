/** `devsvc stop`: what is this project's is stopped, and proven to be. */

import { type Plan, planStop } from "../../core/plan.ts";
import { markOf } from "../../report/style.ts";
import type { Outcome } from "../../runtime/execute.ts";
import type { CliContext } from "../cli_context.ts";
import { type Command, definePlanCommand, type PlanFlags } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import {
  endCancelled,
  obstacleLines,
  planLines,
  type PlannedCommand,
  runPlan,
} from "../run_plan.ts";
import { reportResult, runInProject, type Session } from "../session.ts";
import { takeSnapshot } from "../snapshot.ts";

/** Defines `devsvc stop`. */
export const stop: Command = definePlanCommand({
  brief: {
    en: "Stop the services and prove that they are stopped",
    fr: "Arrête les services et prouve qu'ils sont arrêtés",
  },
  action: stopServices,
});

/** Runs `devsvc stop`. */
function stopServices(
  context: CliContext,
  flags: PlanFlags,
  names: readonly string[],
): Promise<number> {
  return runInProject(
    context,
    flags,
    names,
    (session) => bringDown(session, flags),
  );
}

/**
 * Stops services and reports the result.
 *
 * @param goesOn After an interruption the caller goes on, and reports itself.
 * @returns The exit code.
 */
export async function bringDown(
  session: Session,
  flags: PlanFlags,
  goesOn = false,
): Promise<number> {
  const planned = { ...plannedCommand(session, flags), goesOn };
  const { services } = planned;
  const result = await runPlan(planned);
  if (result.kind === "cancelled") return await endCancelled(planned, false);
  if (result.kind === "executed" && result.interrupted) {
    return await endCancelled(planned, true);
  }
  const { plan } = result;
  const hasObstacle = plan.obstacles.length > 0;
  const diagnoses = async () =>
    (await takeSnapshot(session, services)).diagnoses;
  if (result.kind !== "executed") {
    return await reportResult(session, {
      command: "stop",
      code: hasObstacle ? EXIT.conflict : EXIT.ok,
      plan,
      dryRun: true,
      diagnoses,
      text: () => planLines(session, plan),
    });
  }
  const { outcome } = result;
  const failures = outcome.stopFailures;
  return await reportResult(session, {
    command: "stop",
    code: failures.size > 0
      ? EXIT.failed
      : hasObstacle
      ? EXIT.conflict
      : EXIT.ok,
    plan,
    failures,
    diagnoses,
    text: () => summary(session, plan, outcome),
  });
}

function plannedCommand(session: Session, flags: PlanFlags): PlannedCommand {
  const { terminal } = session.context;
  const isForced = flags.force || flags.onConflict === "restart";
  const mayAsk = !isForced && flags.onConflict === "ask" && !session.json &&
    terminal.isInteractive;
  return {
    session,
    command: "stop",
    services: session.services,
    dryRun: flags.dryRun,
    allOrNothing: false,
    plan: (diagnoses, answer) =>
      planStop(diagnoses, { force: isForced || answer === "stop" }),
    choices: (plan) =>
      mayAsk && isSettledByForce(plan) ? ["stop", "cancel"] : [],
  };
}

function isSettledByForce({ steps, obstacles }: Plan): boolean {
  const forced = planStop(steps.map(({ diagnosis }) => diagnosis), {
    force: true,
  });
  return forced.obstacles.length < obstacles.length;
}

async function summary(
  session: Session,
  plan: Plan,
  { stopFailures }: Outcome,
): Promise<readonly string[]> {
  const { view } = session;
  const words = view.messages.outcome;
  const stopped = plan.stops.flat();
  const failed = stopped.filter(({ service }) => stopFailures.has(service.name))
    .map(({ service }) => service.label);
  const refused = await obstacleLines(
    session,
    plan.obstacles,
    session.host.clock.now(),
    true,
  );
  const result = failed.length > 0
    ? `${markOf("bad", view.style)} ${words.notStopped(failed)}`
    : stopped.length > 0
    ? `${markOf("ok", view.style)} ${words.stopped(stopped.length)}`
    : plan.obstacles.length === 0
    ? `${markOf("ok", view.style)} ${words.nothingRan}`
    : undefined;
  return [
    ...(result === undefined ? [] : ["", result]),
    ...(refused.length > 0 ? ["", words.refused, ...refused] : []),
  ];
}
