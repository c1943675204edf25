/**
 * `devsvc start` and `devsvc restart`: one plan for all, every port looked at
 * before anything is started, ready only when proven.
 *
 * @module
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
import {
  endCancelled,
  obstacleLines,
  planLines,
  type PlannedCommand,
  type PlanResult,
  runPlan,
} from "../run_plan.ts";
import type { ActFlags, CliContext } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import type { Choice } from "../terminal/question.ts";
import {
  look,
  print,
  runInProject,
  servicesWithDependencies,
  type Session,
} from "../session.ts";

/**
 * Runs `devsvc start`.
 *
 * @param names The services to start; all if none is named.
 */
export function start(
  this: CliContext,
  flags: ActFlags,
  ...names: readonly string[]
): Promise<void> {
  return runInProject(
    this,
    flags,
    names,
    async (session) =>
      (await bringUp(session, flags, { command: "start" })).code,
  );
}

/**
 * Runs `devsvc restart`.
 *
 * @param names The services to restart; all if none is named.
 */
export function restart(
  this: CliContext,
  flags: ActFlags,
  ...names: readonly string[]
): Promise<void> {
  return runInProject(
    this,
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
  /** Something was begun, or ran as it should already. */
  readonly hasActed: boolean;
}

/** For which command services are brought up. */
export interface BringUpFor {
  /** Its name: `up` leaves alone what runs, and asks nothing about it. */
  readonly command: "start" | "restart" | "up";
  /** Where it is interrupted, the command goes on, and tells what it does. */
  readonly goesOn?: boolean;
}

/** Starts services, or stops and starts them, and says what became of it. */
export async function bringUp(
  session: Session,
  flags: ActFlags,
  purpose: BringUpFor,
): Promise<BroughtUp> {
  const planned = plannedCommand(session, flags, purpose);
  const ended = await runPlan(planned);
  const hasActed = ended.kind === "acted";
  return { code: await tellEnded(planned, ended), hasActed };
}

async function tellEnded(
  planned: PlannedCommand,
  ended: PlanResult,
): Promise<number> {
  const { session } = planned;
  switch (ended.kind) {
    case "cancelled":
      return await endCancelled(planned, false);
    case "planned": {
      const code = ended.plan.obstacles.length > 0 ? EXIT.conflict : EXIT.ok;
      if (session.json) {
        await printJson(planned, { code, plan: ended.plan, dryRun: true });
      } else print(session, planLines(session, ended.plan));
      return code;
    }
    case "conflict": {
      const code = EXIT.conflict;
      if (session.json) await printJson(planned, { code, plan: ended.plan });
      else {
        const { now } = ended.look.world;
        print(session, [
          ...await obstacleLines(session, ended.plan.obstacles, now, false),
          "",
          session.view.messages.outcome.conflict,
        ]);
      }
      return code;
    }
    case "acted": {
      if (ended.interrupted) return await endCancelled(planned, true);
      const failures = failuresOf(ended.outcome);
      const code = failures.size > 0 ? EXIT.failed : EXIT.ok;
      if (session.json) {
        await printJson(planned, { code, plan: ended.plan, failures });
      } else print(session, summary(planned, ended.plan, failures));
      return code;
    }
  }
}

function plannedCommand(
  session: Session,
  flags: ActFlags,
  { command, goesOn = false }: BringUpFor,
): PlannedCommand {
  const requested = new Set(session.services.map(({ name }) => name));
  const onConflict = flags.force ? "restart" : flags.onConflict;
  const mayAsk = onConflict === "ask" && !session.json &&
    session.context.terminal.isInteractive;
  const planWith =
    (policy: ConflictPolicy): PlannedCommand["plan"] => (diagnoses) =>
      planStart(diagnoses, {
        requested,
        policy,
        restart: command === "restart",
      });
  // What runs already is no question where it is only followed.
  const asked = command === "up" ? new Set<string>() : requested;
  return {
    session,
    command,
    services: servicesWithDependencies(session),
    dryRun: flags.dryRun,
    allOrNothing: true,
    goesOn,
    plan: (diagnoses, answer) =>
      planWith(answer ? policyOf(answer) : unasked(onConflict))(
        diagnoses,
        undefined,
      ),
    choices: (plan) =>
      mayAsk && needsAnswer(plan, asked) ? choicesFor(plan) : [],
  };
}

function unasked(onConflict: ActFlags["onConflict"]): ConflictPolicy {
  return onConflict === "ask" ? "fail" : onConflict;
}

function policyOf(choice: Choice): ConflictPolicy {
  return choice === "keep" ? "keep" : "restart";
}

/** To keep is only offered where something is healthy and something is not. */
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

async function printJson(
  { session, services, command }: PlannedCommand,
  result: {
    readonly code: number;
    readonly plan: Plan;
    readonly dryRun?: boolean;
    readonly failures?: Failures;
  },
): Promise<void> {
  const { reportJson } = await import("../../report/json.ts");
  const { diagnoses } = await look(session, services);
  session.context.terminal.write(reportJson({ command, ...result, diagnoses }));
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
