/** Snapshots of a project: what was observed, and what it means. */

import { diagnose } from "../core/diagnose.ts";
import type { Diagnosis, Service, World } from "../core/model.ts";
import { needsSupervisor } from "../core/ownership.ts";
import { statOrUndefined } from "../platform/file_system.ts";
import { observe, type ObserveOptions } from "../runtime/observe.ts";
import type { Session } from "./session.ts";

/** What a project needs only where something was started in it. */
const load = {
  /** Where a supervisor has written its status. */
  statusFile: () => import("../runtime/state/status_file.ts"),
  /** Where something runs, or is to be started again. */
  supervisor: () => import("../runtime/supervisor/singleton_lock.ts"),
  /** Where a run record has an issue: it cannot be read, or its run ended. */
  recordIssues: () =>
    Promise.all([
      import("../runtime/state/run_record.ts"),
      import("../runtime/state/journal.ts"),
    ]),
};

/** The state of some services at one time. */
export interface Snapshot {
  /** What was observed. */
  readonly world: World;
  /** What it means, one a service. */
  readonly diagnoses: readonly Diagnosis[];
}

/**
 * Observes and diagnoses some services. Reports run records that cannot be
 * used, writes each crash to the journal once, and sees to it that what runs
 * has a supervisor.
 */
export async function takeSnapshot(
  session: Session,
  services: readonly Service[],
  options: Omit<ObserveOptions, "early"> = {},
): Promise<Snapshot> {
  const { project, dir, host, early } = session;
  const world = await observe(project, services, host, { early, ...options });
  const diagnoses = diagnose(services, world);
  for (const diagnosis of diagnoses) {
    if (diagnosis.recordIssue) await reportRecordIssue(session, diagnosis);
  }
  const isNeeded =
    diagnoses.some((diagnosis) => needsSupervisor(diagnosis, world.now)) ||
    // Mostly there is no status file, and nothing to be loaded to read it.
    (statOrUndefined(dir.fs, dir.statusFile) !== undefined &&
      (await load.statusFile()).hasPendingRestarts(dir));
  if (isNeeded) await ensureProjectSupervisor(session);
  return { world, diagnoses };
}

/** Starts the supervisor of the project, if there is none. */
export async function ensureProjectSupervisor(
  { project: { file, root }, dir, host }: Session,
): Promise<void> {
  const { ensureSupervisor } = await load.supervisor();
  await ensureSupervisor({ dir, file, root, host });
}

async function reportRecordIssue(
  { context, dir, host, view }: Session,
  { service, recordIssue, lost, ending }: Diagnosis,
): Promise<void> {
  const [{ hasCrashed, markReported, recordFile }, { openJournal }] = await load
    .recordIssues();
  if (recordIssue === "corrupt" || recordIssue === "version") {
    const file = recordFile(dir, service.name);
    const text = view.messages.errors
      .recordIssue(service.label, recordIssue, file);
    context.terminal.writeError(`${text}\n`);
  }
  if (lost && hasCrashed(dir, lost) && markReported(dir, lost)) {
    openJournal(dir, host.clock)({
      kind: "crashed",
      service: service.name,
      pid: lost.main ?? lost.pid,
      ...(ending ? { exit: ending } : {}),
    });
  }
}
