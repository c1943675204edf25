/**
 * `devsvc start`: the services run once each, proven ready; and `devsvc
 * restart`: they are stopped before, in the same plan. Every port is checked
 * before anything is started.
 */

import {
  type ConflictPolicy,
  needsAnswer,
  type Plan,
  planStart,
} from "../../core/plan.ts";
import { type Diagnosis, isProvable } from "../../core/model.ts";
import { mainOf } from "../../core/process_tree.ts";
import { markOf, paint } from "../../report/style.ts";
import { changeLines } from "../../report/service_notes.ts";
import type { View } from "../../report/view.ts";
import { type Command, definePlanCommand, type PlanFlags } from "../command.ts";
import {
  type Failures,
  type PlanEnd,
  previewPlan,
  runPlan,
  servicesWithDependencies,
} from "../run_plan.ts";
import {
  type ActingSession,
  queryInProject,
  type Session,
  startInProject,
} from "../session.ts";
import type { Choice } from "../terminal/question.ts";

/** Defines `devsvc start`. */
export const start: Command = definePlanCommand({
  brief: {
    en: "Start the services and wait until they are proven ready",
    fr: "Démarre les services et attend la preuve qu'ils sont prêts",
  },
  action: actionOf("start"),
});

/** Defines `devsvc restart`. */
export const restart: Command = definePlanCommand({
  brief: {
    en: "Stop the services, then start them",
    fr: "Arrête les services, puis les redémarre",
  },
  action: actionOf("restart"),
});

/** For which command services are brought up. */
export interface BringUpFor {
  /** Its name: `up` leaves alone what runs, and asks nothing about it. */
  readonly command: "start" | "restart" | "up";
  /** After an interruption the command goes on, and reports itself. */
  readonly goesOn?: boolean;
}

/** A dry run is handed nothing that could start a service. */
function actionOf(
  command: "start" | "restart",
): Parameters<typeof definePlanCommand>[0]["action"] {
  const act = startInProject<PlanFlags>(async (session, flags) =>
    (await bringUp(session, flags, { command })).code
  );
  const preview = queryInProject<PlanFlags>((session, flags) =>
    previewPlan(planOf(session, flags, command))
  );
  return (context, flags, names) =>
    (flags.dryRun ? preview : act)(context, flags, names);
}

/** The plan of a command, before it may be executed. */
function planOf<S extends Session>(
  session: S,
  flags: PlanFlags,
  command: BringUpFor["command"],
) {
  const requested = new Set(session.services.map(({ name }) => name));
  return {
    session,
    command,
    services: servicesWithDependencies(session),
    plan: (diagnoses: readonly Diagnosis[], answer: Choice | undefined) =>
      planStart(diagnoses, {
        requested,
        policy: answer ? policyOf(answer) : unasked(onConflictOf(flags)),
        restart: command === "restart",
      }),
  };
}

function onConflictOf(
  { force, onConflict }: PlanFlags,
): PlanFlags["onConflict"] {
  return force ? "restart" : onConflict;
}

/** Starts services, or stops and starts them, and reports the result. */
export function bringUp(
  session: ActingSession,
  flags: PlanFlags,
  { command, goesOn = false }: BringUpFor,
): Promise<PlanEnd> {
  const requested = new Set(session.services.map(({ name }) => name));
  const mayAsk = onConflictOf(flags) === "ask" && !session.json &&
    session.context.terminal.isInteractive;
  // `up` follows what runs already, and asks nothing about it.
  const asked = command === "up" ? new Set<string>() : requested;
  return runPlan({
    ...planOf(session, flags, command),
    allOrNothing: true,
    goesOn,
    choices: (plan) =>
      mayAsk && needsAnswer(plan, asked) ? choicesFor(plan) : [],
    summary: (plan, failures) =>
      summary(plan, failures, session.view, command === "up"),
  });
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
    diagnosis.state === "suspended" || diagnosis.state === "orphan"
  );
  return isKept && isLeft
    ? ["restart", "cancel", "keep"]
    : ["restart", "cancel"];
}

function summary(
  plan: Plan,
  failures: Failures,
  view: View,
  isForeground: boolean,
): readonly string[] {
  const { messages, style } = view;
  const { outcome } = messages;
  const changes = changeLines(plan, view);
  if (failures.size > 0) {
    const labels = plan.steps
      .filter(({ diagnosis }) => failures.has(diagnosis.service.name))
      .map(({ diagnosis }) => diagnosis.service.label);
    return [
      "",
      ...changes,
      `${markOf("bad", style)} ${outcome.failed(labels)}`,
    ];
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
  const toStop = isForeground ? [] : [outcome.toStop];
  if (kept.length === plan.steps.length) {
    return [
      ...keptLines,
      "",
      ...changes,
      outcome.already(kept.length),
      ...toStop,
    ];
  }
  const started = plan.steps
    .filter(({ diagnosis }) => !isProvable(diagnosis.service)).length;
  return [
    ...keptLines,
    "",
    ...changes,
    `${markOf("ok", style)} ${
      outcome.ready(plan.steps.length - started, started)
    }`,
    ...toStop,
  ];
}
