/** The ports on which processes let a debugger in, by how they were started. */

import { debugPortsIn } from "../core/port_mismatch.ts";
import type { PlatformQueries } from "../platform/platform.ts";

/** Reads the debugger ports of processes from their arguments and NODE_OPTIONS. */
export async function readDebugPorts(
  pids: readonly number[],
  platform: PlatformQueries,
): Promise<ReadonlySet<number>> {
  if (pids.length === 0) return new Set();
  const [details, environments] = await Promise.all([
    platform.details(pids),
    platform.environments(pids),
  ]);
  return new Set(
    pids.flatMap((pid) => [
      ...debugPortsIn(details.get(pid)?.args ?? []),
      ...debugPortsIn(
        (environments.get(pid)?.["NODE_OPTIONS"] ?? "").split(/\s+/),
      ),
    ]),
  );
}
