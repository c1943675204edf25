/**
 * What `start`, `restart` and `stop` share: the lock, the answer, the plan
 * carried out while it is shown and written down, and what is left at the end.
 *
 * @module
 */

import type { Emit } from "../core/events.ts";
import type { Diagnosis, Service } from "../core/model.ts";
import { isOwn } from "../core/ownership.ts";
import { fingerprint, type Plan, type Step } from "../core/plan.ts";
import { markOf, paint } from "../report/style.ts";
import { labelled } from "../report/view.ts";
import { execute, type Outcome } from "../runtime/execute.ts";
import { openJournal } from "../runtime/state/journal.ts";
import { forgetPendingRestarts } from "../runtime/state/status_file.ts";
import { acquireLock, type ProjectLock } from "../runtime/state/file_lock.ts";
import { ensureStateDir } from "../runtime/state/state_dir.ts";
import { EXIT } from "./exit_codes.ts";
import { openDisplay } from "./terminal/live.ts";
import type { Choice } from "./terminal/question.ts";
import {
  ensureProjectSupervisor,
  type Look,
  look,
  print,
  type Session,
} from "./session.ts";

/** A command that changes what runs. */
export interface PlannedCommand {
  /** The command under way. */
  readonly session: Session;
  /** Its name, for those who wait for the lock. */
  readonly command: "start" | "restart" | "stop" | "up";
  /** All services that the plan is about. */
  readonly services: readonly Service[];
  /** Only say what would be done. */
  readonly dryRun: boolean;
  /** Makes the plan; the answer is what the user chose, if anything. */
  readonly plan: (
    diagnoses: readonly Diagnosis[],
    answer: Choice | undefined,
  ) => Plan;
  /** What the user is to choose from; nothing if there is no need to ask. */
  readonly choices: (plan: Plan) => readonly Choice[];
  /** Obstacles of some services keep the others from being acted upon. */
  readonly allOrNothing: boolean;
  /** Where it is interrupted, the command goes on, and tells what it does. */
  readonly goesOn?: boolean;
}

/** What became of it. */
export type PlanResult =
  | { readonly kind: "cancelled" }
  | { readonly kind: "planned"; readonly plan: Plan; readonly look: Look }
  | { readonly kind: "conflict"; readonly plan: Plan; readonly look: Look }
  | {
    readonly kind: "acted";
    readonly plan: Plan;
    readonly outcome: Outcome;
    /** The user gave up while it was carried out. */
    readonly interrupted: boolean;
  };

/**
 * Looks, plans, asks if need be, and acts: under the lock of the project, but
 * never while an answer is waited for. An answer only counts for what it was
 * given about.
 */
export async function runPlan(planned: PlannedCommand): Promise<PlanResult> {
  const { session, services } = planned;
  if (planned.dryRun) {
    const seen = await look(session, services);
    const plan = planned.plan(seen.diagnoses, undefined);
    return { kind: "planned", plan, look: seen };
  }
  preload(planned.command);
  ensureStateDir(session.dir);
  const signal = session.context.interruptible();
  let answer: Answer | undefined;
  while (true) {
    const round = await tryRound(planned, answer, signal);
    if (round.kind !== "ask") return round;
    const choice = await askAbout(round, session);
    if (choice === "cancel") return { kind: "cancelled" };
    answer = { choice, about: fingerprint(round.plan) };
  }
}

/** What the user chose, and what it was about. */
interface Answer {
  readonly choice: Choice;
  readonly about: string;
}

/** The user must be asked first. */
interface Asking {
  readonly kind: "ask";
  readonly choices: readonly Choice[];
  readonly plan: Plan;
  readonly look: Look;
}

/** What acts is loaded while the tools of the OS look. */
function preload(command: PlannedCommand["command"]): void {
  if (command !== "stop") void import("../runtime/start/start_service.ts");
  if (command === "stop" || command === "restart") {
    void import("../runtime/stop/stop_service.ts");
  }
}

/** One round under the lock, which is given back before a question is asked. */
async function tryRound(
  planned: PlannedCommand,
  answer: Answer | undefined,
  signal: AbortSignal,
): Promise<PlanResult | Asking> {
  const { session, services } = planned;
  using lock = await takeLock(planned, signal);
  if (!lock) return { kind: "cancelled" };
  forgetPendingRestarts(session.dir, services.map(({ name }) => name));
  const { seen, shown } = await queryAndPlan(planned);
  const valid = answer?.about === fingerprint(shown) ? answer : undefined;
  const choices = valid ? [] : planned.choices(shown);
  if (choices.length > 0) {
    return { kind: "ask", choices, plan: shown, look: seen };
  }
  const plan = valid ? planned.plan(seen.diagnoses, valid.choice) : shown;
  noteRefusals(plan, session);
  if (planned.allOrNothing && plan.obstacles.length > 0) {
    return { kind: "conflict", plan, look: seen };
  }
  // Not before services are on their way: till then the machine is theirs.
  let kept: Promise<void> | undefined;
  const keep = () => kept ??= ensureProjectSupervisor(session);
  const outcome = await actShown(plan, seen, planned, signal, ({ kind }) => {
    if (kind === "waiting") keep();
  });
  if (plan.starts.length > 0) await keep();
  return { kind: "acted", plan, outcome, interrupted: signal.aborted };
}

/** To stop what devsvc started, nothing has to be known but that it did. */
async function queryAndPlan(
  { session, services, command, plan }: PlannedCommand,
): Promise<{ readonly seen: Look; readonly shown: Plan }> {
  const whose = command === "stop";
  const seen = await look(session, services, { ownershipOnly: whose });
  const shown = plan(seen.diagnoses, undefined);
  if (!whose || shown.obstacles.length === 0) return { seen, shown };
  const whole = await look(session, services);
  return { seen: whole, shown: plan(whole.diagnoses, undefined) };
}

function takeLock(
  { session, command }: PlannedCommand,
  signal: AbortSignal,
): Promise<ProjectLock | undefined> {
  return acquireLock(session.dir, command, {
    clock: session.host.clock,
    signal,
    onWait: (owner) => {
      const { errors } = session.view.messages;
      const name = owner
        ? `devsvc ${owner.command}, PID ${owner.pid}`
        : "devsvc";
      session.context.terminal.writeError(`${errors.lockHeld(name)}\n`);
    },
  });
}

async function askAbout(
  { choices, plan, look: seen }: Asking,
  session: Session,
): Promise<Choice> {
  const { checkReport } = await import("../report/check_report.ts");
  const { ask } = await import("./terminal/question.ts");
  const held = plan.steps.map(({ diagnosis }) => diagnosis);
  print(session, await checkReport(held, session.view, seen.world.now));
  return await ask(choices, session.view, session.context.terminal.write);
}

async function actShown(
  plan: Plan,
  seen: Look,
  { session, services }: PlannedCommand,
  signal: AbortSignal,
  watch: Emit,
): Promise<Outcome> {
  const { project, dir, host, view, context } = session;
  const journal = openJournal(dir, host.clock);
  using display = session.json
    ? undefined
    : openDisplay(services, view, context.terminal);
  const emit: Emit = (event) => {
    watch(event);
    journal(event);
    display?.show(event);
  };
  return await execute(plan, seen.world, {
    project,
    dir,
    ...host,
    emit,
    signal,
  });
}

function noteRefusals(plan: Plan, session: Session): void {
  const journal = openJournal(session.dir, session.host.clock);
  for (const { diagnosis } of plan.obstacles) {
    journal({
      kind: "refused",
      service: diagnosis.service.name,
      state: diagnosis.state,
      holders: diagnosis.holders,
    });
  }
}

/**
 * Says what stands in the way, who it is and what to do about it.
 *
 * @param now The present, in milliseconds since 1970.
 * @param isStop It stands in the way of `stop`.
 */
export async function obstacleLines(
  session: Session,
  obstacles: readonly Step[],
  now: number,
  isStop: boolean,
): Promise<readonly string[]> {
  if (obstacles.length === 0) return [];
  const { explain } = await import("../report/holder_notes.ts");
  const { view } = session;
  return obstacles.flatMap(({ diagnosis }) => {
    const { service, state, holders, unidentifiedHolder } = diagnosis;
    const port = service.port === undefined ? "" : ` (${service.port})`;
    const protectedHolder = holders.find((holder) => holder.protected);
    const advice = protectedHolder && state !== "container"
      ? view.messages.protectedHolder(protectedHolder.name)
      : view.messages.advice(state, {
        port: service.port,
        container: unidentifiedHolder?.container,
        isStop,
      });
    return [
      `${markOf("bad", view.style)} ` + labelled(
        `${service.label}${port}`,
        view.messages.states[state],
        view,
      ),
      ...explain(diagnosis, view, now).map((line) => `   ${line}`),
      ...(advice === undefined
        ? []
        : [paint(`   → ${advice}`, "bold", view.style)]),
    ];
  });
}

/** Says what a plan would do. */
export function planLines(session: Session, plan: Plan): readonly string[] {
  const { view } = session;
  return [
    labelled(view.messages.plan.title, "", view).trimEnd(),
    ...plan.steps.map(({ kind, diagnosis }) => {
      const pids = diagnosis.holders.map(({ pid }) => `PID ${pid}`);
      const who = pids.length > 0 ? ` (${pids.join(", ")})` : "";
      const what = `${view.messages.plan[kind]}${who}`;
      return `  ${labelled(diagnosis.service.label, what, view)}`;
    }),
  ];
}

/**
 * Ends a command that was cancelled or interrupted: says what runs and how to
 * stop it.
 */
export async function endCancelled(
  planned: PlannedCommand,
  hasActed: boolean,
): Promise<number> {
  const { session, services } = planned;
  const { question, outcome } = session.view.messages;
  if (hasActed && planned.goesOn) return EXIT.cancelled;
  const { diagnoses } = await look(session, services);
  if (session.json) {
    const { reportJson } = await import("../report/json.ts");
    const { command } = planned;
    session.context.terminal.write(
      reportJson({ command, code: EXIT.cancelled, diagnoses }),
    );
    return EXIT.cancelled;
  }
  const running = diagnoses.filter(isOwn).map(({ service }) => service.label);
  print(session, [
    "",
    hasActed ? outcome.interrupted : question.cancelled,
    outcome.stillRunning(running),
  ]);
  return EXIT.cancelled;
}
