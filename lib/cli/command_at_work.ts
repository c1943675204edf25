/** What a command at work does with services, for the commands that look. */

import type { Diagnosis } from "../core/model.ts";
import { type Actions, withActions } from "../core/under_way.ts";
import {
  type ActionsFile,
  readActions,
} from "../runtime/state/actions_file.ts";
import type { Session } from "./session.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * Says of the services with which a command is busy what it does with them.
 *
 * @param before What {@linkcode readActions} gave before the snapshot: the
 * command may have ended since.
 */
export async function withCommandAtWork(
  session: Session,
  { diagnoses, world }: Snapshot,
  before: ActionsFile | undefined,
): Promise<readonly Diagnosis[]> {
  const now = readActions(session.dir);
  // One that was killed leaves its file behind, one that has ended does not.
  const file = now ?? before;
  if (!file) return diagnoses;
  const { pid, start } = file.by;
  const entry = world.processes.ok ? world.processes.value.get(pid) : undefined;
  const identity = entry ?? await identityOf(pid, session);
  const isAtWork = now === undefined || identity?.start === start;
  const actions: Actions = new Map([
    ...before?.by.start === start ? before.actions : [],
    ...file.actions,
  ]);
  return isAtWork ? withActions(diagnoses, actions) : diagnoses;
}

async function identityOf(pid: number, { host }: Session) {
  const found = await host.platform.identity(pid);
  return found.ok ? found.value : undefined;
}
