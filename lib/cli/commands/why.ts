/**
 * `devsvc why`: the reasons for the state of one service. It observes by itself,
 * for a snapshot would write crashes to the journal and start a supervisor.
 */

import { diagnose } from "../../core/diagnose.ts";
import type { Pending } from "../../core/events.ts";
import { withDependencies } from "../../core/graph.ts";
import { type Diagnosis, isRepeatable, type State } from "../../core/model.ts";
import { planStart } from "../../core/plan.ts";
import { type Why, whyReport } from "../../report/why_report.ts";
import { loadDetails } from "../../report/messages/load_messages.ts";
import { checkTargetOf, firstFailure } from "../../runtime/start/probes.ts";
import { recordFile } from "../../runtime/state/run_record.ts";
import { observe } from "../../runtime/observe.ts";
import { logOf } from "../../runtime/state/state_dir.ts";
import { tailLines } from "../../runtime/log/tail.ts";
import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArgument,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { queryInProject, reportResult, type Session } from "../session.ts";

/** How many last lines of a log are shown. */
const LAST_LINES = 10;

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
    const world = await observe(project, services, host, {
      early,
      environment: true,
      everyRun: true,
    });
    const why = await reasonsFor(names, diagnose(services, world), session);
    if (!why) return EXIT.ok;
    return await reportResult(session, {
      command: "why",
      code: EXIT.ok,
      why,
      diagnoses: [why.diagnosis],
      text: async () => {
        const words = (await loadDetails(view.language)).why;
        return whyReport(why, { ...view, words, now: world.now });
      },
    });
  }),
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
  return {
    diagnosis,
    dependencies: diagnoses
      .filter(({ service }) => dependsOn.includes(service.name)),
    blockers: new Set(names.filter((blocker) => blocker !== name)),
    recordFile: recordFile(session.dir, name),
    ...(pending ? { pending } : {}),
    ...(log ? { log } : {}),
  };
}

/** What a service that runs still needs to be ready or healthy. */
async function pendingOf(
  { service, state, record, tree, holders, health }: Diagnosis,
  { dir, host }: Session,
): Promise<Pending | undefined> {
  const isOwn = tree.length > 0;
  const isLacking = state === "starting" || state === "unhealthy" ||
    health === "unhealthy";
  if (!isLacking) return undefined;
  const { port } = service;
  if (port !== undefined && isOwn && holders.length === 0) {
    return { kind: "port", port };
  }
  const checks = state === "starting"
    ? service.ready
    : service.ready.filter(isRepeatable);
  const failure = await firstFailure(checks, {
    ...checkTargetOf(service, dir, record?.logOffset),
    addresses: [...new Set(holders.flatMap(({ addresses }) => addresses))],
  }, host);
  return failure ? { kind: "check", ...failure } : undefined;
}

/** States whose reasons may stand in the log of the service. */
const EXPLAINED_BY_LOG: ReadonlySet<State> = new Set<State>([
  "crashed",
  "unhealthy",
]);

async function lastLines(
  { service, state, record, lost }: Diagnosis,
  { dir, host }: Session,
): Promise<Why["log"]> {
  if (!EXPLAINED_BY_LOG.has(state)) return undefined;
  const file = logOf(dir, service.name);
  const offset = (record ?? lost)?.logOffset ?? 0;
  const { lines } = await tailLines(host.fs, file, LAST_LINES, offset);
  return { file, lines };
}
