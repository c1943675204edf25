/**
 * The hidden command that is the supervisor of a project.
 *
 * @module
 */

import { currentPlatform } from "../../platform/current.ts";
import { systemHost } from "../../platform/host.ts";
import { superviseProject } from "../../runtime/supervisor/supervisor.ts";
import { EXIT } from "../exit_codes.ts";

/**
 * Keeps a project until nothing of it is left to be kept.
 *
 * @param file services.toml, absolute.
 */
export async function runSupervisor(
  file: string,
  signal: AbortSignal,
): Promise<number> {
  const host = systemHost(await currentPlatform());
  await superviseProject({ file, host, signal });
  return EXIT.ok;
}
