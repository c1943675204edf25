/**
 * The processes of a run that left its session: once their parents are gone, and
 * without the environment of the run, only who saw them before knows them.
 */

import type { ProcessEntry, RunRecord } from "../../core/model.ts";
import { findAlive, treeOf } from "../../core/process_tree.ts";
import type { PlatformQueries } from "../../platform/platform.ts";
import { readRunRecord } from "../state/run_record.ts";
import type { EscapedProcesses } from "../state/status_file.ts";
import type { StateDir } from "../state/state_dir.ts";

/**
 * Finds what left the sessions of runs whose wrappers live.
 *
 * @param services The names of the services that are looked at.
 * @param before What was found earlier; it counts while it lives.
 * @returns What was found, by service; nothing new where the OS does not tell.
 */
export async function findEscaped(
  services: readonly string[],
  before: ReadonlyMap<string, EscapedProcesses>,
  { dir, platform }: {
    readonly dir: StateDir;
    readonly platform: PlatformQueries;
  },
): Promise<ReadonlyMap<string, EscapedProcesses>> {
  const processes = await platform.processTable();
  if (!processes.ok) return before;
  const table = processes.value;
  const found = new Map<string, EscapedProcesses>();
  for (const service of services) {
    const reading = readRunRecord(dir, service);
    if (reading.kind !== "valid") continue;
    const { record } = reading;
    const earlier = before.get(service);
    const known = earlier?.run === record.run ? earlier.processes : [];
    const living = known.flatMap((one) => findAlive(one, table) ?? []);
    const tree = findAlive(record, table)
      ? treeOf(record, living.map(({ pid }) => pid), table)
      : living;
    const escaped = tree.filter((entry) => hasEscaped(entry, record))
      .map(({ pid, start }) => ({ pid, start }));
    if (escaped.length === 0) continue;
    found.set(service, { run: record.run, processes: escaped });
  }
  return found;
}

/** Windows has no sessions: a process is known there by its parents alone. */
function hasEscaped(
  { pid, session, group }: ProcessEntry,
  wrapper: RunRecord,
): boolean {
  return pid !== wrapper.pid && session !== wrapper.pid &&
    group !== wrapper.pid;
}
