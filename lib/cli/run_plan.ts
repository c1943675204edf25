/**
 * What `start`, `restart` and `stop` share: the lock, the question, the plan,
 * which is executed while its events are shown and written down, and the report.
 */

import type {
  Emit,
  ServiceEvent,
  StartFailure,
  StopFailure,
} from "../core/events.ts";
import { withDependencies } from "../core/graph.ts";
import type { Diagnosis, Holder, Service } from "../core/model.ts";
import { isOwn, isSilent } from "../core/ownership.ts";
import { actionsOf, fingerprint, type Plan, type Step } from "../core/plan.ts";
import { diagnoseRemoved } from "../core/removed_services.ts";
import { changeLines, removedNote } from "../report/service_notes.ts";
import { markOf, paint } from "../report/style.ts";
import { labelled } from "../report/view.ts";
import { execute, type Outcome } from "../runtime/execute.ts";
import { acquireLock } from "../runtime/state/file_lock.ts";
import { writeActions } from "../runtime/state/actions_file.ts";
import { openJournal } from "../runtime/state/journal.ts";
import { UntrustedPathError } from "../runtime/state/guarded_files.ts";
import {
  ensureStateDir,
  logOf,
  requireOwnLog,
  StateDirError,
} from "../runtime/state/state_dir.ts";
import { forgetPendingRestarts } from "../runtime/state/status_file.ts";
import { EXIT } from "./exit_codes.ts";
import {
  type ActingSession,
  print,
  reportIgnoredState,
  reportResult,
  type Session,
} from "./session.ts";
import { type Snapshot, takeActingSnapshot, takeSnapshot } from "./snapshot.ts";
import { openDisplay } from "./terminal/live.ts";
import type { Choice } from "./terminal/question.ts";
import { reasonOf } from "../core/reason_of.ts";

/** What not every plan needs. */
const load = {
  /** While the OS is queried: `execute` will start services. */
  start: () => import("../runtime/start/start_service.ts"),
  /** While the OS is queried: `execute` will stop services. */
  stop: () => import("../runtime/stop/stop_service.ts"),
  /** Where the user is asked. */
  question: () =>
    Promise.all([
      import("../report/check_report.ts"),
      import("./terminal/question.ts"),
    ]),
  /** Where the devsvc of another project runs what holds a port. */
  otherProjects: () => import("./other_projects.ts"),
  /** Where a plan has obstacles. */
  holderNotes: () => import("../report/holder_notes.ts"),
};

/** A plan that is reported and not executed. */
export interface PreviewedCommand {
  /** The command under way. */
  readonly session: Session;
  /** Its name; others that wait for the lock show it. */
  readonly command: "start" | "restart" | "stop" | "up";
  /** All services that the plan is about. */
  readonly services: readonly Service[];
  /** Makes the plan, with the answer of the user where one was given. */
  readonly plan: (
    diagnoses: readonly Diagnosis[],
    answer: Choice | undefined,
  ) => Plan;
}

/** A command that changes what runs. */
export interface PlannedCommand extends PreviewedCommand {
  /** The command under way. */
  readonly session: ActingSession;
  /** What the user chooses from; empty where there is no need to ask. */
  readonly choices: (plan: Plan) => readonly Choice[];
  /** Nothing is executed where any service has an obstacle. */
  readonly allOrNothing: boolean;
  /** After an interruption the caller goes on, and reports itself. */
  readonly goesOn: boolean;
  /**
   * The last lines for people, after the plan was executed; with the services
   * whose holders the devsvc of other projects was asked to stop before.
   */
  readonly summary: (
    plan: Plan,
    failures: Failures,
    leftElsewhere: readonly Service[],
  ) => readonly string[] | Promise<readonly string[]>;
}

/** Why services were not started or stopped, by their names. */
export type Failures = ReadonlyMap<string, StartFailure | StopFailure>;

/** How a plan ended. */
export interface PlanEnd {
  /** The exit code. */
  readonly code: number;
  /** Services were started or stopped, or there was no need to. */
  readonly wasExecuted: boolean;
}

/** What became of a plan. */
type PlanResult =
  /** The user gave up before it was executed. */
  | { readonly kind: "cancelled" }
  /** An obstacle kept it from being executed. */
  | {
    readonly kind: "conflict";
    readonly plan: Plan;
    readonly snapshot: Snapshot;
  }
  | {
    readonly kind: "executed";
    readonly plan: Plan;
    readonly outcome: Outcome;
    /** The user gave up meanwhile. */
    readonly interrupted: boolean;
    /** What the devsvc of other projects was asked to stop before. */
    readonly leftElsewhere?: readonly Service[];
  };

/**
 * Takes a snapshot, plans, and reports the plan; nothing is executed.
 *
 * @returns The exit code.
 */
export async function previewPlan(
  previewed: PreviewedCommand,
): Promise<number> {
  const { session, command, services } = previewed;
  const snapshot = await takeSnapshot(session, services, EVERY_RUN);
  noteRemoved(previewed, snapshot);
  const plan = previewed.plan(diagnosesFor(previewed, snapshot), undefined);
  return await reportResult(session, {
    command,
    code: plan.obstacles.length > 0 ? EXIT.conflict : EXIT.ok,
    plan,
    dryRun: true,
    failures: new Map(),
    diagnoses: snapshot.diagnoses,
    text: () => planLines(session, plan),
  });
}

/**
 * Takes a snapshot, plans, asks where needed, executes the plan and reports the
 * result. The lock of the project is not held while the user is asked. An answer
 * counts only for the plan that it was given for.
 */
export async function runPlan(planned: PlannedCommand): Promise<PlanEnd> {
  const result = await askAndExecute(planned);
  const wasExecuted = result.kind === "executed";
  return { code: await reportPlan(planned, result), wasExecuted };
}

async function askAndExecute(planned: PlannedCommand): Promise<PlanResult> {
  const { session } = planned;
  const isStop = planned.command === "stop";
  preload(planned.command);
  if (!isStop) ensureOwnState(planned);
  const signal = session.context.interruptible();
  let answer: Answer | undefined;
  let leftElsewhere: readonly Service[] | undefined;
  while (true) {
    const hasStoppedOthers = leftElsewhere !== undefined;
    const round = await tryRound(planned, answer, signal, hasStoppedOthers);
    if (round.kind === "elsewhere") {
      leftElsewhere = round.services;
      const { stopElsewhere } = await load.otherProjects();
      await stopElsewhere(session, round.holders);
      continue;
    }
    if (round.kind === "executed" && leftElsewhere) {
      return { ...round, leftElsewhere };
    }
    if (round.kind !== "ask") return round;
    const choice = await askAbout(round, session, signal);
    if (choice === "cancel") return { kind: "cancelled" };
    answer = { choice, about: fingerprint(round.plan) };
  }
}

/** Makes the state folder where it is needed, and says what it replaces. */
function ensureOwnState({ session, services }: PlannedCommand): void {
  const { dir, context, view: { messages: { errors } } } = session;
  for (const aside of ensureStateDir(dir)) {
    const text = aside.kind === "moved"
      ? errors.stateMoved(dir.path, aside.folder)
      : errors.stateLinkRemoved(dir.path);
    context.terminal.writeError(`${text}\n`);
  }
  reportIgnoredState(session);
  for (const { name } of services) {
    try {
      requireOwnLog(dir, name);
    } catch (error) {
      throw new StateDirError(logOf(dir, name), error);
    }
  }
}

/** What the user chose, and the fingerprint of the plan it was about. */
interface Answer {
  readonly choice: Choice;
  readonly about: string;
}

/** The user must be asked first. */
interface Question {
  readonly kind: "ask";
  readonly choices: readonly Choice[];
  readonly plan: Plan;
  readonly snapshot: Snapshot;
}

/** The devsvc of other projects is to stop what it runs first. */
interface Elsewhere {
  readonly kind: "elsewhere";
  readonly holders: readonly Holder[];
  /** The services of this project whose ports they hold. */
  readonly services: readonly Service[];
}

function preload(command: PlannedCommand["command"]): void {
  if (command !== "stop") void load.start();
  if (command === "stop" || command === "restart") void load.stop();
}

/** One round under the lock, which is released before a question is asked. */
async function tryRound(
  planned: PlannedCommand,
  answer: Answer | undefined,
  signal: AbortSignal,
  hasStoppedOthers: boolean,
): Promise<PlanResult | Question | Elsewhere> {
  const { session, services } = planned;
  using lock = await takeLock(planned, signal);
  if (!lock) return { kind: "cancelled" };
  forgetPendingRestarts(session.dir, services.map(({ name }) => name));
  const { snapshot, plan: proposed } = await queryAndPlan(planned);
  if (!answer) noteRemoved(planned, snapshot);
  const valid = answer?.about === fingerprint(proposed) ? answer : undefined;
  const choices = valid ? [] : planned.choices(proposed);
  if (choices.length > 0) {
    return { kind: "ask", choices, plan: proposed, snapshot };
  }
  const plan = valid
    ? planned.plan(diagnosesFor(planned, snapshot), valid.choice)
    : proposed;
  const elsewhere = plan.obstacles
    .filter(({ kind }) => kind === "stop-elsewhere");
  const isOnlyThat = elsewhere.length === plan.obstacles.length;
  if (
    elsewhere.length > 0 && !hasStoppedOthers &&
    (isOnlyThat || !planned.allOrNothing)
  ) {
    const { holdersElsewhere } = await load.otherProjects();
    return {
      kind: "elsewhere",
      holders: holdersElsewhere(plan),
      services: elsewhere.map(({ diagnosis }) => diagnosis.service),
    };
  }
  journalRefusals(plan, session);
  if (planned.allOrNothing && plan.obstacles.length > 0) {
    return { kind: "conflict", plan, snapshot };
  }
  // Not before services are being started: till then they need the machine.
  let supervised: Promise<void> | undefined;
  const supervise = () => supervised ??= session.ensureSupervisor();
  const onEvent: Emit = ({ kind }) => {
    if (kind === "waiting") supervise();
  };
  const outcome = await executeShown(plan, snapshot, planned, {
    signal,
    onEvent,
    isShown: ({ kind }) => kind !== "record-failed" || lock !== UNWRITABLE,
  });
  if (plan.starts.length > 0) await supervise();
  return { kind: "executed", plan, outcome, interrupted: signal.aborted };
}

/**
 * For `stop` it is enough to know what devsvc started; the rest is queried only
 * where there is an obstacle to explain.
 */
async function queryAndPlan(
  planned: PlannedCommand,
): Promise<{ readonly snapshot: Snapshot; readonly plan: Plan }> {
  const { session, services, command } = planned;
  const isStop = command === "stop";
  const snapshot = await takeActingSnapshot(session, services, {
    ownershipOnly: isStop,
    isStart: !isStop,
    ...EVERY_RUN,
  });
  const proposed = planned.plan(diagnosesFor(planned, snapshot), undefined);
  if (!isStop || proposed.obstacles.length === 0) {
    return { snapshot, plan: proposed };
  }
  const whole = await takeActingSnapshot(session, services, {
    isStart: false,
    ...EVERY_RUN,
  });
  const plan = planned.plan(diagnosesFor(planned, whole), undefined);
  return { snapshot: whole, plan };
}

/** What runs counts, whatever became of its run record. */
const EVERY_RUN = { everyRun: true } as const;

/** A `stop` of all services stops those that the file does not name any more. */
function diagnosesFor(
  { command, session: { project, areAll } }: PreviewedCommand,
  { diagnoses, world }: Snapshot,
): readonly Diagnosis[] {
  return command === "stop" && areAll
    ? [...diagnoses, ...diagnoseRemoved(project, world)]
    : diagnoses;
}

/** A start says of what the file does not name any more that it still runs. */
function noteRemoved(
  { command, session }: PreviewedCommand,
  { world }: Snapshot,
): void {
  if (command === "stop") return;
  const { project, view, context } = session;
  for (const removed of diagnoseRemoved(project, world)) {
    context.terminal.writeError(`${removedNote(removed, view)}\n`);
  }
}

/**
 * Takes the lock of the project. `stop` needs none where there is no state
 * folder that counts, or it cannot be written: what runs must be stopped.
 */
async function takeLock(
  planned: PlannedCommand,
  signal: AbortSignal,
): Promise<Disposable | undefined> {
  const { session, command } = planned;
  if (command !== "stop") return await acquire(planned, signal);
  const { dir, hasMistakes, context, view } = session;
  const { kind } = dir.origin();
  const isAbsent = kind === "absent" && hasMistakes;
  if (isAbsent || (kind !== "own" && kind !== "absent")) return UNLOCKED;
  try {
    makeIfPossible(dir);
    return await acquire(planned, signal);
  } catch (error) {
    if (!(error instanceof StateDirError)) throw error;
    const { errors } = view.messages;
    const { cause } = error;
    const text = cause instanceof UntrustedPathError
      ? errors.stateRefused(cause.path, cause.problem)
      : errors.stoppedUnlocked(error.path, reasonOf(cause));
    context.terminal.writeError(`${text}\n`);
    return UNWRITABLE;
  }
}

/** On a full disk nothing new can be made, but what is there can be locked. */
function makeIfPossible(dir: ActingSession["dir"]): void {
  try {
    ensureStateDir(dir);
  } catch (error) {
    if (!(error instanceof StateDirError)) throw error;
  }
}

async function acquire(
  { session, command }: PlannedCommand,
  signal: AbortSignal,
): Promise<Disposable | undefined> {
  const { dir, view: { messages: { errors } }, context } = session;
  return await acquireLock(dir, command, {
    clock: session.host.clock,
    signal,
    onWait: (owner) => {
      const name = owner
        ? `devsvc ${owner.command}, PID ${owner.pid}`
        : "devsvc";
      context.terminal.writeError(`${errors.lockHeld(name)}\n`);
    },
  });
}

const UNLOCKED: Disposable = { [Symbol.dispose]: () => {} };

/** It was said that nothing can be written. */
const UNWRITABLE: Disposable = { [Symbol.dispose]: () => {} };

async function askAbout(
  { choices, plan, snapshot }: Question,
  session: Session,
  signal: AbortSignal,
): Promise<Choice> {
  const [{ checkReport }, { ask }] = await load.question();
  const held = plan.steps.map(({ diagnosis }) => diagnosis);
  print(session, [
    ...await checkReport(held, session.view, snapshot.world.now),
    ...changeLines(plan, session.view),
  ]);
  return await ask(
    choices,
    session.view,
    session.context.terminal.write,
    signal,
  );
}

async function executeShown(
  plan: Plan,
  { world }: Snapshot,
  { session }: PlannedCommand,
  { signal, onEvent, isShown }: {
    readonly signal: AbortSignal;
    readonly onEvent: Emit;
    readonly isShown: (event: ServiceEvent) => boolean;
  },
): Promise<Outcome> {
  const { project, dir, host, view, context } = session;
  const journal = openJournal(dir, host.clock);
  const services = plan.steps.map(({ diagnosis }) => diagnosis.service);
  using display = session.json
    ? undefined
    : openDisplay(services, view, context.terminal);
  const table = world.processes.ok ? world.processes.value : undefined;
  using actions = writeActions(
    dir,
    table?.get(host.platform.self),
    actionsOf(plan),
  );
  const emit: Emit = (event) => {
    onEvent(event);
    actions.take(event);
    journal(event);
    if (isShown(event)) display?.show(event);
  };
  return await execute(plan, world, { project, dir, ...host, emit, signal });
}

function journalRefusals(plan: Plan, session: ActingSession): void {
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

async function reportPlan(
  planned: PlannedCommand,
  result: PlanResult,
): Promise<number> {
  if (result.kind === "cancelled") return await endCancelled(planned, false);
  if (result.kind === "executed" && result.interrupted) {
    return await endCancelled(planned, true);
  }
  const { session, command, summary } = planned;
  const { plan } = result;
  const failures: Failures = result.kind === "executed"
    ? new Map<string, StartFailure | StopFailure>([
      ...result.outcome.startFailures,
      ...result.outcome.stopFailures,
    ])
    : new Map();
  return await reportResult(session, {
    command,
    code: failures.size > 0
      ? EXIT.failed
      : plan.obstacles.length > 0
      ? EXIT.conflict
      : EXIT.ok,
    plan,
    failures,
    diagnoses: async () => {
      const { diagnoses, world } = await snapshotAfter(planned);
      const { project, areAll } = session;
      const removed = areAll ? diagnoseRemoved(project, world) : [];
      return { diagnoses, removed };
    },
    text: async () => {
      switch (result.kind) {
        case "conflict":
          return [
            ...await obstacleLines(
              session,
              plan.obstacles,
              result.snapshot.world.now,
              false,
            ),
            "",
            session.view.messages.outcome[
              plan.obstacles.every(({ diagnosis }) =>
                  isSilent(diagnosis) || diagnosis.state === "unknown"
                )
                ? "nothingStarted"
                : "conflict"
            ],
          ];
        case "executed":
          return await summary(plan, failures, result.leftElsewhere ?? []);
      }
    },
  });
}

/**
 * Explains obstacles: the state, the holders, and what to do about them.
 *
 * @param now The present, in milliseconds since 1970.
 * @param isStop Whether `stop` met them.
 */
export async function obstacleLines(
  session: Session,
  obstacles: readonly Step[],
  now: number,
  isStop: boolean,
): Promise<readonly string[]> {
  if (obstacles.length === 0) return [];
  const { elsewhereAdvice, explain } = await load.holderNotes();
  const { view } = session;
  return obstacles.flatMap(({ diagnosis }) => {
    const { service, state, holders, unidentifiedHolder } = diagnosis;
    const port = service.port === undefined ? "" : ` (${service.port})`;
    const protectedHolder = holders.find((holder) => holder.protected);
    const { unreadable } = diagnosis;
    const advice = unreadable
      ? view.messages.errors.pathAdvice(unreadable.problem)
      : protectedHolder && state !== "container"
      ? view.messages.protectedHolder(protectedHolder.name)
      : elsewhereAdvice(diagnosis, view) ?? view.messages.advice(state, {
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
      ...explain(diagnosis, view, now)
        .filter((line) => line !== view.messages.states[state])
        .map((line) => `   ${line}`),
      ...(advice === undefined
        ? []
        : [paint(`   → ${advice}`, "bold", view.style)]),
    ];
  });
}

function snapshotAfter(
  { session, services, command }: PlannedCommand,
): Promise<Snapshot> {
  const isStart = command !== "stop";
  return takeActingSnapshot(session, services, {
    isStart,
    ...EVERY_RUN,
  });
}

/** Describes what a plan would do. */
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
    ...changeLines(plan, view),
  ];
}

/**
 * Ends a command that was cancelled or interrupted: reports what still runs and
 * how to stop it.
 *
 * @returns The exit code.
 */
async function endCancelled(
  planned: PlannedCommand,
  wasExecuted: boolean,
): Promise<number> {
  if (wasExecuted && planned.goesOn) return EXIT.cancelled;
  const { session, command } = planned;
  const { question, outcome } = session.view.messages;
  const { diagnoses } = await snapshotAfter(planned);
  const running = diagnoses.filter(isOwn).map(({ service }) => service.label);
  return await reportResult(session, {
    command,
    code: EXIT.cancelled,
    diagnoses,
    text: () => [
      "",
      wasExecuted ? outcome.interrupted : question.cancelled,
      outcome.stillRunning(running),
    ],
  });
}

/**
 * Adds to the chosen services all that they depend on.
 *
 * @returns The services in the order of the file.
 */
export function servicesWithDependencies(
  { services, project }: Session,
): readonly Service[] {
  const names = services.map(({ name }) => name);
  return withDependencies(names, project.services);
}
