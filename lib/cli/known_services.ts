/**
 * The services of a project whose services.toml cannot be used, as the run
 * records and the processes themselves name them. Loaded only there.
 */

import { CONFIG_NAME } from "../config/locate.ts";
import type { ConfigError } from "../config/errors/config_error.ts";
import { salvageProject, serviceOfRecord } from "../config/salvage.ts";
import { SERVICE_NAME } from "../core/service_name.ts";
import type { Project, RunRecord, World } from "../core/model.ts";
import { diagnoseRemoved } from "../core/removed_services.ts";
import { join } from "../core/path.ts";
import type { QueryHost } from "../platform/host.ts";
import { observe } from "../runtime/observe.ts";
import { namesIn } from "../runtime/state/atomic_file.ts";
import { readRunRecord } from "../runtime/state/run_record.ts";
import type { StateDir } from "../runtime/state/state_dir.ts";

/**
 * Finds the services of a project whose services.toml has mistakes.
 *
 * @param mistakes The error that reading the file gave.
 * @param withLogs Also those of which there is only a log.
 * @returns The project; `undefined` where there is no file that can be read, and
 * nothing shows that anything was ever started in its folder.
 */
export async function findKnownProject(
  mistakes: ConfigError,
  dir: StateDir,
  host: QueryHost,
  withLogs: boolean,
): Promise<Project | undefined> {
  const recordOf = (name: string): RunRecord | undefined => {
    const reading = readRunRecord(dir, name, host.clock.now());
    return reading.kind === "valid" ? reading.record : undefined;
  };
  const { project, hasNames } = salvageProject(mistakes, recordOf);
  if (hasNames) return project;
  const names = new Set([
    ...namesFrom(await observeAll(project, host)),
    ...(withLogs ? logNames(dir) : []),
  ]);
  const isUnread = mistakes.issues.some(({ code, path }) =>
    code === "unreadable-file" && path.length === 0
  );
  if (isUnread && names.size === 0 && dir.origin().kind !== "own") {
    return undefined;
  }
  return {
    ...project,
    services: [...names].toSorted().map((name) =>
      serviceOfRecord(name, recordOf(name), project.root)
    ),
  };
}

/**
 * Finds the services that run in a project, whatever its services.toml says.
 *
 * @param root The folder of services.toml, absolute.
 * @param dir Its state folder.
 * @returns Their names; none is looked for where nothing was ever started.
 */
export async function findRunning(
  root: string,
  dir: StateDir,
  host: QueryHost,
): Promise<readonly string[]> {
  if (dir.origin().kind !== "own") return [];
  const project = { root, file: join(root, CONFIG_NAME), services: [] };
  return diagnoseRemoved(project, await observeAll(project, host))
    .filter(({ tree }) => tree.length > 0)
    .map(({ service }) => service.name);
}

function observeAll(project: Project, host: QueryHost): Promise<World> {
  return observe(project, [], host, { everyRun: true, ownershipOnly: true });
}

function namesFrom(
  { records, taggedProcesses, root }: World,
): readonly string[] {
  const tagged = taggedProcesses.ok
    ? taggedProcesses.value.filter((one) => (one.root ?? root) === root)
    : [];
  return [...records.keys(), ...tagged.map(({ service }) => service)]
    .filter((name) => SERVICE_NAME.test(name));
}

function logNames(dir: StateDir): readonly string[] {
  return [...namesIn(dir.fs, dir.logs) ?? []]
    .flatMap((file) => /^([\w-]+)\.log$/.exec(file)?.[1] ?? []);
}
