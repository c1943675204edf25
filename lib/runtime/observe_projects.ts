/**
 * Facts about processes that hold a port and that devsvc did not start here:
 * the details of their parents, and the projects in whose folders they work.
 */

import { CONFIG_NAME } from "../config/locate.ts";
import type {
  ProcessDetail,
  ProcessTable,
  Service,
  World,
} from "../core/model.ts";
import { foldersUpFrom, isWithin, join } from "../core/path.ts";
import { parentsOf } from "../core/process_tree.ts";
import {
  type FileSystem,
  realPathOf,
  statOrUndefined,
} from "../platform/file_system.ts";
import type { QueryHost } from "../platform/host.ts";

/** What is known about the holders of ports. */
export type HolderFacts = Pick<World, "details" | "projects" | "folders">;

/**
 * Reads what tells whose the holders of ports are.
 *
 * @param details The details of all holders.
 */
export async function readHolderFacts(
  details: ReadonlyMap<number, ProcessDetail>,
  { others, services, table, root, host: { platform, fs } }: {
    /** The holders that are of no run. */
    readonly others: readonly number[];
    readonly services: readonly Service[];
    readonly table: ProcessTable;
    readonly root: string;
    readonly host: QueryHost;
  },
): Promise<HolderFacts> {
  const parents = others.flatMap((pid) => {
    const group = table.get(pid)?.group;
    return parentsOf(pid, table).filter((parent) => parent.group === group)
      .map((parent) => parent.pid);
  });
  const unread = [...new Set(parents)].filter((pid) => !details.has(pid));
  const all = unread.length > 0
    ? new Map([...details, ...await platform.details(unread)])
    : details;
  const projects = new Map<string, string>();
  for (const { cwd } of all.values()) {
    if (cwd === undefined || projects.has(cwd)) continue;
    const project = projectOfFolder(cwd, root, fs);
    if (project !== undefined) projects.set(cwd, project);
  }
  const folders = new Map(
    services.map(({ name, cwd }) => [name, realPathOf(fs, cwd)]),
  );
  return { details: all, projects, folders };
}

/**
 * Finds the project of a folder: the nearest folder with a services.toml.
 *
 * @param root The folder of this project, whose file may have another name.
 */
export function projectOfFolder(
  folder: string,
  root: string,
  fs: FileSystem,
): string | undefined {
  for (const at of foldersUpFrom(folder)) {
    if (isWithin(at, root) && isWithin(root, at)) return root;
    if (statOrUndefined(fs, join(at, CONFIG_NAME))) return at;
  }
  return undefined;
}
