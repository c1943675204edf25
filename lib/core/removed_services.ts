/**
 * Services that still run although services.toml does not name them any more:
 * they were renamed or removed meanwhile.
 */

import { diagnose } from "./diagnose.ts";
import { SERVICE_NAME } from "./service_name.ts";
import type { Diagnosis, Project, Service, World } from "./model.ts";

/**
 * Finds them: a run record, or a process, names each of them.
 *
 * @returns Their diagnoses, sorted by name. No more is known of such a service
 * than its processes: it has no port, no checks and no settings of its own.
 */
export function diagnoseRemoved(
  project: Pick<Project, "services">,
  world: World,
): readonly Diagnosis[] {
  return diagnose(removedServices(project, world), world)
    .filter(({ state, tree }) => tree.length > 0 || state === "unknown");
}

/** How long a service may take to stop whose settings are gone, in milliseconds. */
const STOP_TIMEOUT = 10_000;

function removedServices(
  { services }: Pick<Project, "services">,
  { taggedProcesses, root, records }: World,
): readonly Service[] {
  const configured = new Set(services.map(({ name }) => name));
  const tagged = taggedProcesses.ok
    ? taggedProcesses.value
      // Of which project it is may be unknown.
      .filter((process) => (process.root ?? root) === root)
      .map(({ service }) => service)
    : [];
  return [...new Set([...tagged, ...records.keys()])]
    .filter((name) => !configured.has(name) && SERVICE_NAME.test(name))
    .toSorted()
    .map((name) => {
      const reading = records.get(name);
      const command = reading?.kind === "valid" ? reading.record.command : "";
      return removedService(name, command, root);
    });
}

function removedService(
  name: string,
  command: Service["command"],
  root: string,
): Service {
  return {
    name,
    label: name,
    command,
    cwd: root,
    ready: [],
    readyTimeout: 0,
    dependsOn: [],
    env: {},
    stop: { signal: "SIGTERM", timeout: STOP_TIMEOUT },
    restart: { when: "never", limit: 0, delay: 0 },
    live: { every: 0, failures: 1, restart: false, timeout: 10_000 },
    log: { size: 0, keep: 0 },
  };
}
