/**
 * What is known of services beside what the OS shows of them: how their runs
 * ended, what the supervisor says, and whether their environment would be another.
 *
 * @module
 */

import { changedNames, type Environment } from "../core/environment.ts";
import type {
  Ending,
  Lookup,
  ProcessTable,
  RunRecord,
  RunRecordReading,
  Service,
  Supervision,
} from "../core/model.ts";
import { findAlive } from "../core/process_tree.ts";
import type { Platform } from "../platform/platform.ts";
import { configuredEnvironment } from "./service_environment.ts";
import { readStatusFile } from "./supervisor/status_file.ts";
import { readEnding } from "./state/run_record.ts";

import type { StateDir } from "./state/state_dir.ts";

type RunRecords = ReadonlyMap<string, RunRecordReading>;

/** Reads how the runs ended whose wrappers are gone. */
export async function readEndings(
  dir: StateDir,
  records: RunRecords,
  processes: Lookup<ProcessTable>,
): Promise<ReadonlyMap<string, Ending>> {
  const endings = new Map<string, Ending>();
  for (const [name, record] of validOf(records)) {
    if (processes.ok && findAlive(record, processes.value)) continue;
    const ending = await readEnding(dir, record);
    if (ending) endings.set(name, ending);
  }
  return endings;
}

/**
 * Reads what the supervisor says.
 *
 * @returns What it says, by run; nothing where there is no run record.
 */
export function readSupervision(
  dir: StateDir,
  records: RunRecords,
): ReadonlyMap<string, Supervision> {
  if (validOf(records).length === 0) return new Map();
  const note = readStatusFile(dir);
  return new Map(
    Object.values(note?.services ?? {}).map(({ run, dueAt, ...said }) => [
      run,
      { ...said, ...(dueAt === undefined ? {} : { dueAt: Date.parse(dueAt) }) },
    ]),
  );
}

/**
 * Compares the environments that services run with to those that they would be
 * started with now. Values are compared and forgotten.
 *
 * @returns The names that differ, by service; none where the OS does not tell.
 */
export async function readEnvironmentChanges(
  services: readonly Service[],
  records: RunRecords,
  platform: Platform,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const recorded = new Map(validOf(records));
  if (recorded.size === 0) return new Map();
  const wrappers = [...recorded.values()].map(({ pid }) => pid);
  const found = await platform.environments([Deno.pid, ...wrappers]);
  const own = found.get(Deno.pid);
  if (!own) return new Map();
  const changes = new Map<string, readonly string[]>();
  for (const service of services) {
    const record = recorded.get(service.name);
    const before = record && found.get(record.pid);
    // The number may be another's by now; the run id tells.
    if (!record || before?.["DEVSVC_RUN"] !== record.run) continue;
    const now = { ...own, ...configuredOrNothing(service) };
    const names = changedNames(before, now);
    if (names.length > 0) changes.set(service.name, names);
  }
  return changes;
}

/** A file that cannot be read is told by the next start. */
function configuredOrNothing(service: Service): Environment {
  try {
    return configuredEnvironment(service);
  } catch {
    return {};
  }
}

function validOf(
  records: RunRecords,
): readonly (readonly [string, RunRecord])[] {
  return [...records].flatMap(([name, reading]) =>
    reading.kind === "valid" ? [[name, reading.record] as const] : []
  );
}
