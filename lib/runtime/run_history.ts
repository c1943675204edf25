/**
 * What devsvc knows about earlier and present runs beyond the state of the OS: how
 * they ended, their restarts, and whether their environment has changed since.
 */

import type { Environment } from "../core/environment.ts";
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
import type { PlatformQueries } from "../platform/platform.ts";
import { readStatusFile } from "./state/status_file.ts";
import { readEnding } from "./state/run_record.ts";
import type { StateDir } from "./state/state_dir.ts";

/** Where environments are compared. */
const loadEnvironments = () =>
  Promise.all([
    import("../core/environment.ts"),
    import("./service_environment.ts"),
  ]);

type RunRecords = ReadonlyMap<string, RunRecordReading>;

/** Reads how the runs ended whose wrappers have exited. */
export function readEndings(
  dir: StateDir,
  records: RunRecords,
  processes: Lookup<ProcessTable>,
): ReadonlyMap<string, Ending> {
  const endings = new Map<string, Ending>();
  for (const [name, record] of validOf(records)) {
    if (processes.ok && findAlive(record, processes.value)) continue;
    const ending = readEnding(dir, record);
    if (ending) endings.set(name, ending);
  }
  return endings;
}

/**
 * Reads the status file of the supervisor.
 *
 * @returns The restarts by run; none where there is no run record.
 */
export function readSupervision(
  dir: StateDir,
  records: RunRecords,
): ReadonlyMap<string, Supervision> {
  if (validOf(records).length === 0) return new Map();
  const status = readStatusFile(dir);
  const found = new Map<string, Supervision>();
  for (const [, { run, restarts = 0 }] of validOf(records)) {
    const escaped = Object.values(status?.escaped ?? {})
      .filter((one) => one.run === run).flatMap(({ processes }) => processes);
    if (escaped.length > 0) found.set(run, { restarts, escaped });
  }
  for (
    const { run, dueAt, ...rest } of Object.values(status?.services ?? {})
  ) {
    const due = dueAt === undefined ? {} : { dueAt: Date.parse(dueAt) };
    found.set(run, { ...found.get(run), ...rest, ...due });
  }
  return found;
}

/**
 * Compares the environments that services run with to those that they would be
 * started with now. Their values are not kept: they may be secrets.
 *
 * @returns The names of the variables that differ, by service; none where the OS
 * does not give environments.
 */
export async function readEnvironmentChanges(
  services: readonly Service[],
  records: RunRecords,
  platform: PlatformQueries,
  scope: "all" | "configured" = "all",
): Promise<ReadonlyMap<string, readonly string[]>> {
  const recorded = new Map(validOf(records));
  if (recorded.size === 0) return new Map();
  const wrappers = [...recorded.values()].map(({ pid }) => pid);
  const [found, [environment, { configuredEnvironment }]] = await Promise.all([
    platform.environments([Deno.pid, ...wrappers]),
    loadEnvironments(),
  ]);
  const { changedNames } = environment;
  // Only POSIX shows environments. No service gets what Deno adds to its own.
  const environmentOf = (pid: number): Environment | undefined => {
    const env = found.get(pid);
    return env && environment.withoutNodeShim(env, ":");
  };
  const own = environmentOf(Deno.pid);
  if (!own) return new Map();
  // An env file that cannot be read is reported by the next start.
  const configuredOrEmpty = (service: Service): Environment => {
    try {
      return configuredEnvironment(service);
    } catch {
      return {};
    }
  };
  const changes = new Map<string, readonly string[]>();
  for (const service of services) {
    const record = recorded.get(service.name);
    const before = record && environmentOf(record.pid);
    // The process id may have been reused since; the run id has not.
    if (!record || before?.["DEVSVC_RUN"] !== record.run) continue;
    const configured = configuredOrEmpty(service);
    const names = changedNames(before, { ...own, ...configured })
      .filter((name) => scope === "all" || Object.hasOwn(configured, name));
    if (names.length > 0) changes.set(service.name, names);
  }
  return changes;
}

function validOf(
  records: RunRecords,
): readonly (readonly [string, RunRecord])[] {
  return [...records].flatMap(([name, reading]) =>
    reading.kind === "valid" ? [[name, reading.record] as const] : []
  );
}
