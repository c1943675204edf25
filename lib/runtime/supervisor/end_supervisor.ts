/**
 * Ending the supervisor of a project, where it cannot be told that a command stops
 * a service: it would take the end of that for a crash, and start it again.
 */

import type { ActContext } from "../act_context.ts";
import { STOP_BACKOFF, waitFor } from "../poll.ts";
import { readStatusFile } from "../state/status_file.ts";
import { hasSupervisor } from "./singleton_lock.ts";

/** How long a supervisor that is asked to end may take, in milliseconds. */
const ASKED_TIMEOUT = 2_000;

/** How long the OS may take to end one, in milliseconds. */
const KILLED_TIMEOUT = 1_000;

/**
 * Ends the supervisor of a project.
 *
 * @returns Whether none is left.
 */
export async function endSupervisor(
  context: Pick<ActContext, "dir" | "platform" | "clock">,
): Promise<boolean> {
  const { dir, platform } = context;
  // Nobody knows who wrote the status file of a folder that does not count.
  if (dir.origin().kind === "refused") {
    return !await hasSupervisor(dir, dir.raw);
  }
  if (!await hasSupervisor(dir)) return true;
  const status = readStatusFile(dir);
  if (!status) return false;
  await platform.signal(status, "SIGTERM", "process");
  if (await isGoneWithin(ASKED_TIMEOUT, context)) return true;
  await platform.signal(status, "SIGKILL", "process");
  return await isGoneWithin(KILLED_TIMEOUT, context);
}

async function isGoneWithin(
  milliseconds: number,
  { dir, clock }: Pick<ActContext, "dir" | "clock">,
): Promise<boolean> {
  const waited = await waitFor(
    clock,
    async () => await hasSupervisor(dir) ? undefined : true,
    { timeout: milliseconds, backoff: STOP_BACKOFF },
  );
  return waited.kind === "done";
}
