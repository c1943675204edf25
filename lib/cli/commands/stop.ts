/** `devsvc stop`: what is this project's is stopped, and proven to be. */

import type { Service } from "../../core/model.ts";
import { type Plan, planStop } from "../../core/plan.ts";
import { markOf } from "../../report/style.ts";
import { type Command, definePlanCommand, type PlanFlags } from "../command.ts";
import {
  type Failures,
  obstacleLines,
  previewPlan,
  runPlan,
} from "../run_plan.ts";
import {
  type ActingSession,
  inProject,
  queryInProject,
  type Session,
} from "../session.ts";

/** What runs is stopped, whatever became of services.toml. */
const OPTIONS = { takesRemoved: true, toleratesMistakes: true } as const;

const act = inProject<PlanFlags>(
  (session, flags) => bringDown(session, flags),
  OPTIONS,
);

const preview = queryInProject<PlanFlags>((session, flags) =>
  previewPlan({
    session,
    command: "stop",
    services: session.services,
    plan: (diagnoses) => planStop(diagnoses, { force: isForcedBy(flags) }),
  }), OPTIONS);

/** Defines `devsvc stop`. */
export const stop: Command = definePlanCommand({
  brief: {
    en: "Stop the services and prove that they are stopped",
    fr: "Arrête les services et prouve qu'ils sont arrêtés",
  },
  action: (context, flags, names) =>
    (flags.dryRun ? preview : act)(context, flags, names),
});

/**
 * Stops services and reports the result.
 *
 * @param goesOn After an interruption the caller goes on, and reports itself.
 * @returns The exit code.
 */
export async function bringDown(
  session: ActingSession,
  flags: PlanFlags,
  goesOn = false,
): Promise<number> {
  const isForced = isForcedBy(flags);
  const mayAsk = !isForced && flags.onConflict === "ask" && !session.json &&
    session.context.terminal.isInteractive;
  const { code } = await runPlan({
    session,
    command: "stop",
    services: session.services,
    allOrNothing: false,
    plan: (diagnoses, answer) =>
      planStop(diagnoses, { force: isForced || answer === "stop" }),
    choices: (plan) =>
      mayAsk && isSettledByForce(plan) ? ["stop", "cancel"] : [],
    goesOn,
    summary: (plan, failures, leftElsewhere) =>
      summary(session, plan, failures, leftElsewhere),
  });
  return code;
}

function isForcedBy({ force, onConflict }: PlanFlags): boolean {
  return force || onConflict === "restart";
}

function isSettledByForce({ steps, obstacles }: Plan): boolean {
  const forced = planStop(steps.map(({ diagnosis }) => diagnosis), {
    force: true,
  });
  const left = forced.obstacles.filter(({ kind }) => kind !== "stop-elsewhere");
  return left.length < obstacles.length;
}

async function summary(
  session: Session,
  plan: Plan,
  failures: Failures,
  leftElsewhere: readonly Service[],
): Promise<readonly string[]> {
  const { view } = session;
  const words = view.messages.outcome;
  const idle = new Set(
    plan.steps.filter(({ kind }) => kind === "none")
      .map(({ diagnosis }) => diagnosis.service.name),
  );
  const stopped = [
    ...plan.stops.flat().map(({ service }) => service),
    ...leftElsewhere.filter(({ name }) => idle.has(name)),
  ];
  const failed = stopped.filter(({ name }) => failures.has(name))
    .map(({ label }) => label);
  const isPortHeld = plan.obstacles.some(({ diagnosis }) =>
    diagnosis.service.port !== undefined
  );
  const closing = failed.length === 0
    ? await closingPorts(
      stopped.flatMap(({ port }) => port ?? []),
      session,
    )
    : [];
  const refused = await obstacleLines(
    session,
    plan.obstacles,
    session.host.clock.now(),
    true,
  );
  const result = failed.length > 0
    ? `${markOf("bad", view.style)} ${words.notStopped(failed)}`
    : stopped.length > 0
    ? `${markOf("ok", view.style)} ${
      closing.length > 0
        ? words.stoppedClosing(stopped.length, closing)
        : words.stopped(stopped.length, !isPortHeld)
    }`
    : plan.obstacles.length === 0
    ? `${markOf("ok", view.style)} ${words.nothingRan}`
    : undefined;
  const isUnknown = plan.obstacles.every(({ diagnosis: { state } }) =>
    state === "unknown"
  );
  const isByHand = plan.obstacles.some(({ diagnosis: { state } }) =>
    state === "untracked"
  );
  const isOfOthers = plan.obstacles.every(({ diagnosis: { holders } }) =>
    holders.some(({ runOf }) => runOf !== undefined)
  );
  const heading = isUnknown
    ? words.notStoppedUnknown
    : isOfOthers
    ? words.refusedOther
    : isByHand
    ? words.refusedByHand
    : words.refused;
  return [
    ...(result === undefined ? [] : ["", result]),
    ...(refused.length > 0 ? ["", heading, ...refused] : []),
  ];
}

/** Of some ports, those that the OS keeps for a while after closed connections. */
async function closingPorts(
  ports: readonly number[],
  { host: { platform } }: Session,
): Promise<readonly number[]> {
  const probes = await Promise.all(ports.map((port) => platform.probe(port)));
  const used = ports.filter((_, index) => probes[index] === "used");
  if (used.length === 0) return [];
  const holders = await platform.unidentifiedHolders(used);
  return used.filter((port) => holders.get(port)?.closing);
}
