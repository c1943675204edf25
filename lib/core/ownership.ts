/**
 * Whose what runs is: whether devsvc has to care for it.
 *
 * @module
 */

import type { Diagnosis, State } from "./model.ts";

/** A run that ended longer ago, in milliseconds, when first seen is history. */
export const RECENT = 60_000;

/** States in which a process of this project, started by devsvc, lives. */
const OWN: ReadonlySet<State> = new Set<State>([
  "running",
  "starting",
  "unhealthy",
  "orphan",
]);

/** Tells whether the service runs under devsvc, in whatever health. */
export function isOwn(diagnosis: Diagnosis): boolean {
  return OWN.has(diagnosis.state);
}

/**
 * Tells whether the project must have a supervisor for a service: it runs, or it
 * ended by itself while no supervisor was there to start it again.
 *
 * @param now The present, in milliseconds since 1970.
 */
export function needsSupervisor(diagnosis: Diagnosis, now: number): boolean {
  return isOwn(diagnosis) || isDue(diagnosis, now);
}

function isDue(
  { service, ending, lost, supervision }: Diagnosis,
  now: number,
): boolean {
  return lost !== undefined && service.restart.when !== "never" &&
    !supervision?.gaveUp &&
    now - (ending?.at ?? Date.parse(lost.startedAt)) < RECENT;
}
