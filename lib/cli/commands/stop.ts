/**
 * `devsvc stop`: what is this project's is stopped, and proven to be.
 *
 * @module
 */

import { type Plan, planStop } from "../../core/plan.ts";
import { markOf } from "../../report/style.ts";
import type { Outcome } from "../../runtime/execute.ts";
import {
  endCancelled,
  obstacleLines,
  planLines,
  type PlannedCommand,
  runPlan,
} from "../run_plan.ts";
import type { ActFlags, CliContext } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { look, print, runInProject, type Session } from "../session.ts";

/**
 * Runs `devsvc stop`.
 *
 * @param names The services to stop; all if none is named.
 */
export function stop(
  this: CliContext,
  flags: ActFlags,
  ...names: readonly string[]
): Promise<void> {
  return runInProject(
    this,
    flags,
    names,
    (session) => bringDown(session, flags),
  );
}

/** Stops services and says what became of it. */
export async function bringDown(
  session: Session,
  flags: ActFlags,
  goesOn = false,
): Promise<number> {
  const planned = { ...plannedCommand(session, flags), goesOn };
  const ended = await runPlan(planned);
  switch (ended.kind) {
    case "cancelled":
      return await endCancelled(planned, false);
    case "planned":
    case "conflict":
      return await tellPlan(planned, ended.plan);
    case "acted":
      return ended.interrupted
        ? await endCancelled(planned, true)
        : await tellOutcome(planned, ended.plan, ended.outcome);
  }
}

function plannedCommand(session: Session, flags: ActFlags): PlannedCommand {
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

async function tellPlan(planned: PlannedCommand, plan: Plan): Promise<number> {
  const { session, services } = planned;
  const code = plan.obstacles.length > 0 ? EXIT.conflict : EXIT.ok;
  if (session.json) {
    const { reportJson } = await import("../../report/json.ts");
    const { diagnoses } = await look(session, services);
    session.context.terminal.write(
      reportJson({ command: "stop", code, plan, dryRun: true, diagnoses }),
    );
  } else print(session, planLines(session, plan));
  return code;
}

async function tellOutcome(
  { session, services }: PlannedCommand,
  plan: Plan,
  outcome: Outcome,
): Promise<number> {
  const failures = outcome.stopFailures;
  const code = failures.size > 0
    ? EXIT.failed
    : plan.obstacles.length > 0
    ? EXIT.conflict
    : EXIT.ok;
  if (session.json) {
    const { reportJson } = await import("../../report/json.ts");
    const { diagnoses } = await look(session, services);
    session.context.terminal.write(
      reportJson({ command: "stop", code, plan, failures, diagnoses }),
    );
  } else print(session, await summary(session, plan, outcome));
  return code;
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
    Date.now(),
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
