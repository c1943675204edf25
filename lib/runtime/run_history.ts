/**
 * What is known of services beside what the OS shows of them: how their runs
 * ended, what the keeper says, and whether their environment would be another.
 *
 * @module
 */

import { changedNames, type Environment } from "../core/environment.ts";
import type {
  Ending,
  Lease,
  LeaseReading,
  Lookup,
  ProcessTable,
  Service,
  Supervision,
} from "../core/model.ts";
import { findAlive } from "../core/process_tree.ts";
import type { Platform } from "../platform/platform.ts";
import { configuredEnvironment } from "./service_environment.ts";
import { readKeeperNote } from "./supervisor/status_file.ts";
import { readEnding } from "./state/run_record.ts";

import type { StateDir } from "./state/state_dir.ts";

type Leases = ReadonlyMap<string, LeaseReading>;

/**
 * Reads how the runs ended whose leaders are gone.
 *
 * @param dir The places of the project.
 * @param leases The leases.
 * @param processes The processes.
 * @returns The endings that were written down, by service.
 */
export async function readEndings(
  dir: StateDir,
  leases: Leases,
  processes: Lookup<ProcessTable>,
): Promise<ReadonlyMap<string, Ending>> {
  const endings = new Map<string, Ending>();
  for (const [name, lease] of validOf(leases)) {
    if (processes.ok && findAlive(lease, processes.value)) continue;
    const ending = await readEnding(dir, lease);
    if (ending) endings.set(name, ending);
  }
  return endings;
}

/**
 * Reads what the keeper says.
 *
 * @param dir The places of the project.
 * @param leases The leases.
 * @returns What it says, by run; nothing where there is no lease.
 */
export async function readSupervision(
  dir: StateDir,
  leases: Leases,
): Promise<ReadonlyMap<string, Supervision>> {
  if (validOf(leases).length === 0) return new Map();
  const note = await readKeeperNote(dir);
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
 * @param services The services.
 * @param leases Their leases.
 * @param platform The operating system.
 * @returns The names that differ, by service; none where the OS does not tell.
 */
export async function readEnvironmentChanges(
  services: readonly Service[],
  leases: Leases,
  platform: Platform,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const leased = new Map(validOf(leases));
  if (leased.size === 0) return new Map();
  const leaders = [...leased.values()].map(({ pid }) => pid);
  const found = await platform.environments([Deno.pid, ...leaders]);
  const own = found.get(Deno.pid);
  if (!own) return new Map();
  const changes = new Map<string, readonly string[]>();
  for (const service of services) {
    const lease = leased.get(service.name);
    const before = lease && found.get(lease.pid);
    // The number may be another's by now; the mark of the run tells.
    if (!lease || before?.["DEVSVC_RUN"] !== lease.run) continue;
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

function validOf(leases: Leases): readonly (readonly [string, Lease])[] {
  return [...leases].flatMap(([name, reading]) =>
    reading.kind === "valid" ? [[name, reading.lease] as const] : []
  );
}
