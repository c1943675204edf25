/** Snapshots of a project: what was observed, and what it means. */

import { diagnose } from "../core/diagnose.ts";
import type { Diagnosis, Service, World } from "../core/model.ts";
import { statOrUndefined } from "../platform/file_system.ts";
import { observe, type ObserveOptions } from "../runtime/observe.ts";
import type { ActingSession, Session } from "./session.ts";

/** What a project needs only where something was started in it. */
const load = {
  /** Where a supervisor has written its status. */
  statusFile: () => import("../runtime/state/status_file.ts"),
  /** Where there is a run record. */
  ownership: () =>
    Promise.all([
      import("../core/ownership.ts"),
      import("../core/living_run.ts"),
    ]),
  /** Where a run record cannot be read, or its run has ended. */
  runRecord: () => import("../runtime/state/run_record.ts"),
  /** Where a run has ended. */
  journal: () => import("../runtime/state/journal.ts"),
};

/** The state of some services at one time. */
export interface Snapshot {
  /** What was observed. */
  readonly world: World;
  /** What it means, one a service. */
  readonly diagnoses: readonly Diagnosis[];
}

/** Options of a snapshot. */
type SnapshotOptions = Pick<
  ObserveOptions,
  "environment" | "everyRun" | "ownershipOnly"
>;

/**
 * Observes and diagnoses some services, and reports run records that cannot be
 * used. Starts nothing but a supervisor for what runs.
 */
export async function takeSnapshot(
  session: Session,
  services: readonly Service[],
  options: SnapshotOptions = {},
): Promise<Snapshot> {
  const { project, host, early } = session;
  const world = await observe(project, services, host, { early, ...options });
  const diagnoses = withoutGuess(session, diagnose(services, world));
  await reportRecordIssues(session, diagnoses);
  if (diagnoses.some(({ record }) => record)) {
    const [{ isOwn }, { LivingRun }] = await load.ownership();
    const [run] = diagnoses.filter(isOwn)
      .flatMap((diagnosis) => LivingRun.find(diagnosis) ?? []);
    if (run) await session.superviseRun(run);
  }
  if (statOrUndefined(session.dir.fs, session.dir.statusFile)) {
    const { isStatusForeign } = await load.statusFile();
    if (isStatusForeign(session.dir)) {
      const { errors } = session.view.messages;
      const text = errors.statusForeign(session.dir.statusFile);
      session.context.terminal.writeError(`${text}\n`);
    }
  }
  return { world, diagnoses };
}

/**
 * Takes a snapshot for a command that acts: writes each crash to the journal
 * once.
 *
 * @param isStart All checks of the services are run, and a supervisor is started
 * also for what ended a short time ago and is to be started again.
 */
export async function takeActingSnapshot(
  session: ActingSession,
  services: readonly Service[],
  { isStart, ...options }: SnapshotOptions & { readonly isStart: boolean },
): Promise<Snapshot> {
  const { project, host, dir } = session;
  const world = await observe(project, services, host, {
    ...options,
    ...(isStart ? { checks: host, environment: "configured" } : {}),
  });
  const diagnoses = withoutGuess(session, diagnose(services, world));
  await reportRecordIssues(session, diagnoses);
  await journalCrashes(session, diagnoses);
  const [{ isOwn, needsSupervisor }] = await load.ownership();
  const isNeeded =
    diagnoses.some((diagnosis) =>
      isStart ? needsSupervisor(diagnosis, world.now) : isOwn(diagnosis)
    ) ||
    // Mostly there is no status file, and nothing to be loaded to read it.
    (isStart && statOrUndefined(dir.fs, dir.statusFile) !== undefined &&
      (await load.statusFile()).hasPendingRestarts(dir));
  if (isNeeded) await session.ensureSupervisor();
  return { world, diagnoses };
}

/** What is not known of a service cannot have changed since it was started. */
export function withoutGuess(
  { hasMistakes }: Pick<Session, "hasMistakes">,
  diagnoses: readonly Diagnosis[],
): readonly Diagnosis[] {
  if (!hasMistakes) return diagnoses;
  return diagnoses.map((one) => ({
    ...one,
    configChanged: false,
    environmentChanges: [],
  }));
}

async function reportRecordIssues(
  { context, dir, view: { messages: { errors } } }: Session,
  diagnoses: readonly Diagnosis[],
): Promise<void> {
  const tell = (text: string) => context.terminal.writeError(`${text}\n`);
  for (const { service, recordIssue: issue, unreadable } of diagnoses) {
    if (issue === "corrupt" || issue === "version" || issue === "foreign") {
      const { recordFile } = await load.runRecord();
      const file = recordFile(dir, service.name);
      tell(errors.recordIssue(service.label, issue, file));
    }
    // Of the folder itself it was said once.
    if (unreadable && unreadable.file !== dir.path) {
      const { file, problem } = unreadable;
      tell(errors.unreadableRecord(service.label, file, problem));
    }
  }
}

async function journalCrashes(
  { dir, host }: ActingSession,
  diagnoses: readonly Diagnosis[],
): Promise<void> {
  for (const { service, lost, ending } of diagnoses) {
    if (!lost) continue;
    const { hasCrashed, markReported } = await load.runRecord();
    if (!hasCrashed(dir, lost) || !markReported(dir, lost)) continue;
    const { openJournal } = await load.journal();
    openJournal(dir, host.clock)({
      kind: "crashed",
      service: service.name,
      pid: lost.main ?? lost.pid,
      ...(ending ? { exit: ending } : {}),
    });
  }
}
