/**
 * Finds a project whose services.toml is gone while its services run: by what
 * devsvc left in its folder, and by the processes that it started there.
 */

import { CONFIG_NAME, locateConfig } from "../config/locate.ts";
import { dirname, foldersUpFrom, isWithin, join } from "../core/path.ts";
import {
  type FileSystem,
  realPathOf,
  systemFileSystem,
} from "../platform/file_system.ts";
import type { PlatformQueries } from "../platform/platform.ts";
import { recordNames, stateDirOf } from "../runtime/state/state_dir.ts";

/**
 * Finds the project whose services.toml is gone: by a state folder that counts,
 * or by processes that name its folder.
 *
 * @param cwd The folder in which devsvc was called, absolute.
 * @returns The path that services.toml had, absolute; `undefined` where nothing
 * shows one, or a services.toml is nearer.
 */
export async function findLostConfig(
  cwd: string,
  platform: PlatformQueries,
  fs: FileSystem = systemFileSystem,
): Promise<string | undefined> {
  const found = locateConfig(cwd);
  const nearest = "file" in found
    ? dirname(found.file)
    : "foreign" in found
    ? dirname(found.foreign)
    : undefined;
  for (const folder of foldersUpFrom(cwd)) {
    if (folder === nearest) return undefined;
    const dir = stateDirOf(folder, fs);
    if (dir.origin().kind !== "own") continue;
    // Below another project only what may still run counts.
    const isUsed = nearest === undefined || recordNames(dir)?.size !== 0;
    if (isUsed) return join(folder, CONFIG_NAME);
  }
  if (nearest !== undefined) return undefined;
  const tagged = await platform.taggedProcesses();
  if (!tagged.ok) return undefined;
  const real = realPathOf(fs, cwd);
  const [root] = tagged.value
    .flatMap(({ root }) =>
      root !== undefined && isWithin(root, real) ? [root] : []
    )
    .toSorted((a, b) => b.length - a.length);
  return root === undefined ? undefined : join(root, CONFIG_NAME);
}
