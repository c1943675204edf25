/**
 * The queries of the OS that a command which changes nothing needs where
 * services run: begun before all else, so that the tools of the OS work beside
 * the loading of devsvc (docs/decisions/0005).
 */

import { locateConfig } from "../config/locate.ts";
import { dirname } from "../core/path.ts";
import { currentPlatform } from "../platform/current.ts";
import type { Platform } from "../platform/platform.ts";
import type { EarlyQueries } from "../runtime/observe.ts";
import {
  recordNames,
  type StateDir,
  stateDirOf,
} from "../runtime/state/state_dir.ts";

/** Queries that were begun. */
export interface BegunQueries {
  /** The system that was asked. */
  readonly platform: Platform;
  /** Its answers; absent where nothing was started in the project. */
  readonly early?: EarlyQueries;
}

/**
 * Begins the queries for the project of a folder.
 *
 * @param cwd The folder in which devsvc was called, absolute.
 * @param everyRun Whether all processes are searched for runs, too.
 */
export async function beginQueries(
  cwd: string,
  everyRun: boolean,
): Promise<BegunQueries> {
  const platform = await currentPlatform();
  const found = locateConfig(cwd);
  return "file" in found
    ? queryProjectIn(dirname(found.file), platform, everyRun)
    : { platform };
}

/**
 * Begins the queries for a project.
 *
 * @param root The folder of services.toml, absolute.
 * @param everyRun Whether all processes are searched for runs, too.
 */
export function queryProjectIn(
  root: string,
  platform: Platform,
  everyRun = false,
): BegunQueries {
  const dir = stateDirOf(root);
  const tagged = everyRun && searchesEveryRun(dir)
    ? { taggedProcesses: platform.taggedProcesses() }
    : {};
  if (recordNames(dir)?.size === 0) {
    return "taggedProcesses" in tagged
      ? { platform, early: tagged }
      : { platform };
  }
  const early = {
    ...tagged,
    listeners: platform.listeners(),
    processes: platform.processTable(),
  };
  return { platform, early };
}

/**
 * Tells whether a command that looks searches all processes for runs of a
 * project, also where no service is in doubt: not where nothing says that
 * anything was ever started in it.
 */
export function searchesEveryRun(dir: StateDir): boolean {
  return dir.origin().kind !== "absent";
}
