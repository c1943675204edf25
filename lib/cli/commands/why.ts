/**
 * `devsvc why`: the reasons for the state of one service.
 *
 * It only looks, and writes nothing down.
 *
 * @module
 */

import { diagnose } from "../../core/diagnose.ts";
import type { Pending } from "../../core/events.ts";
import { type Diagnosis, isRepeatable, type State } from "../../core/model.ts";
import { planStart } from "../../core/plan.ts";
import { type Why, whyReport } from "../../report/why_report.ts";
import { loadDetails } from "../../report/messages/mod.ts";
import { checkTargetOf, firstFailure } from "../../runtime/start/probes.ts";
import { recordFile } from "../../runtime/state/run_record.ts";
import { observe } from "../../runtime/observe.ts";
import { logOf } from "../../runtime/state/state_dir.ts";
import { tailLines } from "../../runtime/log/tail.ts";
import type { CliContext, CommonFlags } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import {
  print,
  queryProject,
  servicesWithDependencies,
  type Session,
} from "../session.ts";

/** How many lines of its log tell how a service came to its end. */
const LAST_LINES = 10;

/** Runs `devsvc why`. */
export function why(
  this: CliContext,
  flags: CommonFlags,
  name: string,
): Promise<void> {
  return queryProject(this, flags, [name], async (session) => {
    const services = servicesWithDependencies(session);
    const { project, host, early, view } = session;
    const world = await observe(project, services, host, {
      early,
      environment: true,
    });
    const diagnoses = diagnose(services, world);
    const found = await reasonsFor(name, diagnoses, session);
    if (!found) return EXIT.ok;
    if (session.json) {
      const { reportJson } = await import("../../report/json.ts");
      const { diagnosis } = found;
      const report = { command: "why", code: EXIT.ok, why: found } as const;
      this.terminal.write(reportJson({ ...report, diagnoses: [diagnosis] }));
    } else {
      const { why: words } = await loadDetails(view.language);
      print(session, whyReport(found, { ...view, words, now: world.now }));
    }
    return EXIT.ok;
  });
}

async function reasonsFor(
  name: string,
  diagnoses: readonly Diagnosis[],
  session: Session,
): Promise<Why | undefined> {
  const diagnosis = diagnoses.find(({ service }) => service.name === name);
  if (!diagnosis) return undefined;
  const { dependsOn } = diagnosis.service;
  const { obstacles } = planStart(diagnoses, {
    requested: new Set([name]),
    policy: "fail",
    restart: false,
  });
  const names = obstacles.map((step) => step.diagnosis.service.name);
  const [pending, log] = await Promise.all([
    pendingOf(diagnosis, session),
    lastWords(diagnosis, session),
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

/** What a service that runs lacks to do its work. */
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

/** States about whose reasons a service may have written itself. */
const TELLING: ReadonlySet<State> = new Set<State>(["crashed", "unhealthy"]);

async function lastWords(
  { service, state, record, lost }: Diagnosis,
  { dir, host }: Session,
): Promise<Why["log"]> {
  if (!TELLING.has(state)) return undefined;
  const file = logOf(dir, service.name);
  const offset = (record ?? lost)?.logOffset ?? 0;
  const { lines } = await tailLines(host.fs, file, LAST_LINES, offset);
  return { file, lines };
}
