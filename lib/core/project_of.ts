/**
 * Of which project a process is that devsvc did not start here: its environment
 * says so, or the services.toml that is nearest to its folder.
 */

import type { Holder, TaggedProcess, World } from "./model.ts";
import { isWithin } from "./path.ts";
import { SERVICE_NAME } from "./service_name.ts";

/** What says of which project a process is. */
export type ProjectFacts = Pick<
  World,
  "root" | "taggedProcesses" | "projects"
>;

/** The project of a process. */
export interface ProjectOfProcess {
  /** Its folder, absolute and without links. */
  readonly root: string;
  /** A devsvc started the process there. */
  readonly isRun: boolean;
  /** Its service there. */
  readonly service?: string;
}

/**
 * Finds the project of a process: the one that it, or the nearest of its
 * parents, names as its own; else the one in whose folder it works, where no
 * services.toml is nearer.
 *
 * @returns Undefined where nothing says so.
 */
export function projectOf(
  { pid, parents, cwd }: Pick<Holder, "pid" | "parents" | "cwd">,
  world: ProjectFacts,
): ProjectOfProcess | undefined {
  const named = namedBy([pid, ...parents.map((one) => one.pid)], world);
  if (named?.root !== undefined) {
    const { root, service } = named;
    // Another name is the work of somebody else.
    const isName = SERVICE_NAME.test(service);
    return { root, isRun: true, ...(isName ? { service } : {}) };
  }
  const root = cwd === undefined ? undefined : projectAt(cwd, world);
  return root === undefined ? undefined : { root, isRun: false };
}

/** Finds the project of a folder: that of the nearest services.toml. */
export function projectAt(
  folder: string,
  { root, projects }: Pick<World, "root" | "projects">,
): string | undefined {
  return projects.get(folder) ??
    (isWithin(root, folder) ? root : undefined);
}

/** What the first of some processes that names a run says. */
function namedBy(
  pids: readonly number[],
  { taggedProcesses }: ProjectFacts,
): TaggedProcess | undefined {
  if (!taggedProcesses.ok) return undefined;
  const tagged = new Map(
    taggedProcesses.value.map((process) => [process.pid, process]),
  );
  const nearest = pids.find((one) => tagged.has(one));
  return nearest === undefined ? undefined : tagged.get(nearest);
}
