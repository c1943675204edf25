/**
 * `devsvc start`: the services run once each, proven ready; and `devsvc
 * restart`: they are stopped before, in the same plan.
 */

import type { StartFailure, StopFailure } from "../../core/events.ts";
import {
  type ConflictPolicy,
  needsAnswer,
  type Plan,
  planStart,
} from "../../core/plan.ts";
import { mainOf } from "../../core/process_tree.ts";
import { markOf, paint } from "../../report/style.ts";
import type { Outcome } from "../../runtime/execute.ts";
import type { CliContext } from "../cli_context.ts";
import { type Command, definePlanCommand, type PlanFlags } from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import {
  endCancelled,
  obstacleLines,
  planLines,
  type PlannedCommand,
  type PlanResult,
  runPlan,
} from "../run_plan.ts";
import {
  reportResult,
  runInProject,
  servicesWithDependencies,
  type Session,
} from "../session.ts";
import { takeSnapshot } from "../snapshot.ts";
import type { Choice } from "../terminal/question.ts";

/** Defines `devsvc start`. */
export const start: Command = definePlanCommand({
  brief: {
    en: "Start the services and wait until they are proven ready",
    fr: "Démarre les services et attend la preuve qu'ils sont prêts",
  },
  action: startServices,
});

/** Defines `devsvc restart`. */
export const restart: Command = definePlanCommand({
  brief: {
    en: "Stop the services, then start them",
    fr: "Arrête les services, puis les redémarre",
  },
  action: restartServices,
});

/** Runs `devsvc start`. */
function startServices(
  context: CliContext,
  flags: PlanFlags,
  names: readonly string[],
): Promise<number> {
  return runInProject(
    context,
    flags,
    names,
    async (session) =>
      (await bringUp(session, flags, { command: "start" })).code,
  );
}

/** Runs `devsvc restart`. */
function restartServices(
  context: CliContext,
  flags: PlanFlags,
  names: readonly string[],
): Promise<number> {
  return runInProject(
    context,
    flags,
    names,
    async (session) =>
      (await bringUp(session, flags, { command: "restart" })).code,
  );
}

/** What became of bringing services up. */
export interface BroughtUp {
  /** The exit code. */
  readonly code: number;
  /** The plan was executed: services were started, or ran already. */
  readonly wasExecuted: boolean;
}

/** For which command services are brought up. */
export interface BringUpFor {
  /** Its name: `up` leaves alone what runs, and asks nothing about it. */
  readonly command: "start" | "restart" | "up";
  /** After an interruption the command goes on, and reports itself. */
  readonly goesOn?: boolean;
}

/** Starts services, or stops and starts them, and reports the result. */
export async function bringUp(
  session: Session,
  flags: PlanFlags,
  purpose: BringUpFor,
): Promise<BroughtUp> {
  const planned = plannedCommand(session, flags, purpose);
  const result = await runPlan(planned);
  const wasExecuted = result.kind === "executed";
  return { code: await reportPlan(planned, result), wasExecuted };
}

async function reportPlan(
  planned: PlannedCommand,
  result: PlanResult,
): Promise<number> {
  const { session, services, command } = planned;
  const diagnoses = async () =>
    (await takeSnapshot(session, services)).diagnoses;
  switch (result.kind) {
    case "cancelled":
      return await endCancelled(planned, false);
    case "planned": {
      const { plan } = result;
      return await reportResult(session, {
        command,
        code: plan.obstacles.length > 0 ? EXIT.conflict : EXIT.ok,
        plan,
        dryRun: true,
        diagnoses,
        text: () => planLines(session, plan),
      });
    }
    case "conflict": {
      const { plan, snapshot } = result;
      return await reportResult(session, {
        command,
        code: EXIT.conflict,
        plan,
        diagnoses,
        text: async () => [
          ...await obstacleLines(
            session,
            plan.obstacles,
            snapshot.world.now,
            false,
          ),
          "",
          session.view.messages.outcome.conflict,
        ],
      });
    }
    case "executed": {
      if (result.interrupted) return await endCancelled(planned, true);
      const { plan } = result;
      const failures = failuresOf(result.outcome);
      return await reportResult(session, {
        command,
        code: failures.size > 0 ? EXIT.failed : EXIT.ok,
        plan,
        failures,
        diagnoses,
        text: () => summary(planned, plan, failures),
      });
    }
  }
}

function plannedCommand(
  session: Session,
  flags: PlanFlags,
  { command, goesOn = false }: BringUpFor,
): PlannedCommand {
  const requested = new Set(session.services.map(({ name }) => name));
  const onConflict = flags.force ? "restart" : flags.onConflict;
  const mayAsk = onConflict === "ask" && !session.json &&
    session.context.terminal.isInteractive;
  // `up` follows what runs already, and asks nothing about it.
  const asked = command === "up" ? new Set<string>() : requested;
  return {
    session,
    command,
    services: servicesWithDependencies(session),
    dryRun: flags.dryRun,
    allOrNothing: true,
    goesOn,
    plan: (diagnoses, answer) =>
      planStart(diagnoses, {
        requested,
        policy: answer ? policyOf(answer) : unasked(onConflict),
        restart: command === "restart",
      }),
    choices: (plan) =>
      mayAsk && needsAnswer(plan, asked) ? choicesFor(plan) : [],
  };
}

function unasked(onConflict: PlanFlags["onConflict"]): ConflictPolicy {
  return onConflict === "ask" ? "fail" : onConflict;
}

function policyOf(choice: Choice): ConflictPolicy {
  return choice === "keep" ? "keep" : "restart";
}

/** To keep is offered only where something is healthy and something is not. */
function choicesFor(plan: Plan): readonly Choice[] {
  const isKept = plan.steps.some(({ kind, diagnosis }) =>
    kind === "keep" ||
    (diagnosis.state === "untracked" && diagnosis.health === "healthy")
  );
  const isLeft = plan.steps.some(({ kind, diagnosis }) =>
    kind === "start" || kind === "await" || diagnosis.state === "unhealthy" ||
    diagnosis.state === "orphan"
  );
  return isKept && isLeft
    ? ["restart", "cancel", "keep"]
    : ["restart", "cancel"];
}

type Failures = ReadonlyMap<string, StartFailure | StopFailure>;

function failuresOf(outcome: Outcome): Failures {
  return new Map<string, StartFailure | StopFailure>([
    ...outcome.startFailures,
    ...outcome.stopFailures,
  ]);
}

function summary(
  { session, command }: PlannedCommand,
  plan: Plan,
  failures: Failures,
): readonly string[] {
  const { messages, style } = session.view;
  const { outcome } = messages;
  if (failures.size > 0) {
    const labels = plan.steps
      .filter(({ diagnosis }) => failures.has(diagnosis.service.name))
      .map(({ diagnosis }) => diagnosis.service.label);
    return ["", `${markOf("bad", style)} ${outcome.failed(labels)}`];
  }
  const kept = plan.steps.filter(({ kind }) => kind === "keep");
  const keptLines = kept.map(({ diagnosis }) => {
    const { label, port } = diagnosis.service;
    const url = port === undefined ? "" : `  http://localhost:${port}`;
    const main = mainOf(diagnosis.tree, diagnosis.record);
    const pid = main?.pid ?? diagnosis.holders[0]?.pid;
    return `${markOf("ok", style)} ${label}  ` +
      (pid === undefined ? "" : messages.holder.pid(pid)) +
      paint(url, "cyan", style);
  });
  const toStop = command === "up" ? [] : [outcome.toStop];
  if (kept.length === plan.steps.length) {
    return [...keptLines, "", outcome.already(kept.length), ...toStop];
  }
  return [
    ...keptLines,
    "",
    `${markOf("ok", style)} ${outcome.ready(plan.steps.length)}`,
    ...toStop,
  ];
}
