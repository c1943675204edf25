/** Services that run, but are not in services.toml any more. */

import { diagnoseRemoved } from "../core/removed_services.ts";
import type { Project, Service } from "../core/model.ts";
import type { QueryHost } from "../platform/host.ts";
import { observe } from "../runtime/observe.ts";

/** Finds those that still run. */
export async function findRemoved(
  project: Project,
  host: QueryHost,
): Promise<readonly Service[]> {
  const world = await observe(project, [], host, {
    everyRun: true,
    ownershipOnly: true,
  });
  return diagnoseRemoved(project, world).map(({ service }) => service);
}
