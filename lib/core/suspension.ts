/** Services whose processes were stopped by a signal, as Ctrl-Z does. */

import type { Diagnosis, State } from "./model.ts";
import { mainOf } from "./process_tree.ts";

/** The states of what runs, which a suspended process only seems to be in. */
const SEEMING: ReadonlySet<State> = new Set<State>([
  "running",
  "started",
  "starting",
  "unhealthy",
]);

/**
 * Corrects the state of a service that is suspended: the kernel accepts
 * connections for it, so that it may even seem to be ready.
 */
export function withSuspension(diagnosis: Diagnosis): Diagnosis {
  const { service, state, tree, record, holders } = diagnosis;
  if (!SEEMING.has(state)) return diagnosis;
  const members = service.port === undefined
    ? tree.filter(({ pid }) => pid !== record?.pid)
    : [mainOf(tree, record), ...holders];
  return members.some((member) => member?.suspended)
    ? { ...diagnosis, state: "suspended" }
    : diagnosis;
}
