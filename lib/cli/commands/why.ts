/**
 * `devsvc why`: the reasons for the state of one service. It observes by itself,
 * for a snapshot would write crashes to the journal and start a supervisor.
 */

import { diagnose } from "../../core/diagnose.ts";
import { type Pending, showCheck } from "../../core/events.ts";
import { withDependencies } from "../../core/graph.ts";
import { LivingRun } from "../../core/living_run.ts";
import { type Diagnosis, isRepeatable, type State } from "../../core/model.ts";
import { planStart } from "../../core/plan.ts";
import { type Why, whyReport } from "../../report/why_report.ts";
import { loadDetails } from "../../report/messages/load_messages.ts";
import {
  checkTargetFor,
  firstFailure,
  loopbacksOf,
  networkChecksOf,
} from "../../runtime/start/probes.ts";
import { recordFile } from "../../runtime/state/run_record.ts";
import { observe } from "../../runtime/observe.ts";
import { QUOTED_LINES, readLastLines } from "../../runtime/start/last_lines.ts";
import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArgument,
} from "../command.ts";
import { searchesEveryRun } from "../early_queries.ts";
import { EXIT } from "../exit_codes.ts";
import { queryInProject, reportResult, type Session } from "../session.ts";
import { withCommandAtWork } from "../command_at_work.ts";
import { readActions } from "../../runtime/state/actions_file.ts";
import { withoutGuess } from "../snapshot.ts";

/** Defines `devsvc why`. */
export const why: Command = defineCommand<CommonFlags, [string]>({
  brief: {
    en: "Say why a service is up, down, waiting or in conflict",
    fr: "Dit pourquoi un service marche, est arrêté, attend ou est en conflit",
  },
  parameters: (cli, services) => ({
    flags: commonFlags(cli),
    positional: {
      kind: "tuple",
      parameters: [serviceArgument(cli.oneService, services)],
    },
  }),
  action: queryInProject(async (session) => {
    const names = session.services.map(({ name }) => name);
    const { project, host, early, view } = session;
    const services = withDependencies(names, project.services);
    const before = readActions(session.dir);
    const world = await observe(project, services, host, {
      early,
      environment: "all",
      everyRun: searchesEveryRun(session.dir),
    });
    const diagnoses = withoutGuess(session, diagnose(services, world));
    const why = await reasonsFor(
      names,
      await withCommandAtWork(session, { diagnoses, world }, before),
      session,
    );
    if (!why) return EXIT.ok;
    return await reportResult(session, {
      command: "why",
      code: why.diagnosis.unreadable && why.diagnosis.state === "unknown"
        ? EXIT.unknown
        : EXIT.ok,
      why,
      diagnoses: [why.diagnosis],
      text: async () => {
        const words = (await loadDetails(view.language)).why;
        return whyReport(why, { ...view, words, now: world.now });
      },
    });
  }, { toleratesMistakes: true }),
});

async function reasonsFor(
  [name]: readonly string[],
  diagnoses: readonly Diagnosis[],
  session: Session,
): Promise<Why | undefined> {
  const diagnosis = diagnoses.find(({ service }) => service.name === name);
  if (name === undefined || !diagnosis) return undefined;
  const { dependsOn } = diagnosis.service;
  const { obstacles } = planStart(diagnoses, {
    requested: new Set([name]),
    policy: "fail",
    restart: false,
  });
  const names = obstacles.map((step) => step.diagnosis.service.name);
  const [pending, log] = await Promise.all([
    pendingOf(diagnosis, session),
    lastLines(diagnosis, session),
  ]);
  const notChecked = pending ? undefined : notCheckedOf(diagnosis);
  return {
    diagnosis,
    dependencies: diagnoses
      .filter(({ service }) => dependsOn.includes(service.name)),
    blockers: new Set(names.filter((blocker) => blocker !== name)),
    recordFile: recordFile(session.dir, name),
    ...(pending ? { pending } : {}),
    ...(notChecked ? { notChecked } : {}),
    ...(log ? { log } : {}),
  };
}

/** What a service that runs still needs to be ready or healthy. */
async function pendingOf(
  diagnosis: Diagnosis,
  { dir, host }: Session,
): Promise<Pending | undefined> {
  const {
    service: { port, ready, live: { timeout } },
    state,
    holders,
    health,
  } = diagnosis;
  const isLacking = state === "starting" || state === "unhealthy" ||
    health === "unhealthy";
  const run = LivingRun.find(diagnosis);
  if (!isLacking || !run) return undefined;
  if (port !== undefined && !run.ownsPort) {
    return holders.length === 0 ? { kind: "port", port } : undefined;
  }
  const target = checkTargetFor(diagnosis, dir);
  const { addresses } = target;
  const isAsked = ready.some(({ kind }) => kind === "http" || kind === "tcp");
  if (port !== undefined && isAsked && loopbacksOf(addresses).length === 0) {
    return { kind: "address", port, addresses };
  }
  const checks = ready.filter((check) =>
    check.kind !== "command" && (state === "starting" || isRepeatable(check))
  );
  const failure = await firstFailure(
    checks,
    target,
    networkChecksOf(run, host),
    { timeout },
  );
  return failure ? { kind: "check", ...failure } : undefined;
}

/** The check that tells about the health of a service, but is not run here. */
function notCheckedOf(diagnosis: Diagnosis): Why["notChecked"] {
  const check = diagnosis.service.ready.find(({ kind }) => kind === "command");
  return check && LivingRun.find(diagnosis) ? showCheck(check) : undefined;
}

/** States whose reasons may stand in the log of the service. */
const EXPLAINED_BY_LOG: ReadonlySet<State> = new Set<State>([
  "crashed",
  "unhealthy",
]);

async function lastLines(
  { service, state, record, lost }: Diagnosis,
  { dir }: Session,
): Promise<Why["log"]> {
  if (!EXPLAINED_BY_LOG.has(state)) return undefined;
  const run = record ?? lost ?? { logOffset: 0 };
  const { log: file, lines } = await readLastLines(service, run, QUOTED_LINES, {
    dir,
  });
  return { file, lines };
}
