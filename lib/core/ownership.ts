/**
 * Whether devsvc started what runs. Apart from the state machine of the
 * supervisor, which most commands do not load.
 */

import type { Diagnosis, State } from "./model.ts";

/** How long an ended run counts as recent, in milliseconds. */
const RECENT = 60_000;

/**
 * Tells whether something happened recently; what lies in the future did not.
 *
 * @param at When, in milliseconds since 1970.
 * @param now The present, in the same.
 */
export function isRecent(at: number, now: number): boolean {
  return at <= now && now - at < RECENT;
}

/** States in which a process that devsvc started is alive. */
const OWN: ReadonlySet<State> = new Set<State>([
  "running",
  "started",
  "starting",
  "unhealthy",
  "suspended",
  "orphan",
  "duplicate",
]);

/** Tells whether a service runs as it should, as far as that can be proven. */
export function isUp({ state }: Pick<Diagnosis, "state">): boolean {
  return state === "running" || state === "started";
}

/** Tells whether nothing runs and the port is free, or soon is by itself. */
export function isDown({ state }: Diagnosis): boolean {
  return state === "free" || state === "stopped" || state === "crashed" ||
    state === "closing";
}

/** Tells whether the service runs and was started by devsvc, healthy or not. */
export function isOwn(diagnosis: Pick<Diagnosis, "state">): boolean {
  return OWN.has(diagnosis.state);
}

/**
 * Tells whether a service needs a supervisor: it runs, or it ended recently
 * without devsvc and is to be started again.
 *
 * @param now The present, in milliseconds since 1970.
 */
export function needsSupervisor(diagnosis: Diagnosis, now: number): boolean {
  const { service, ending, lost, supervision, recordIssue } = diagnosis;
  // A supervisor knows runs by their records alone.
  if (isOwn(diagnosis)) return recordIssue === undefined;
  return lost !== undefined && service.restart.when !== "never" &&
    !supervision?.gaveUp && !supervision?.outdated &&
    isRecent(ending?.at ?? Date.parse(lost.startedAt), now);
}

/** Tells whether a service runs, and nobody listens on its port. */
export function isSilent(
  diagnosis: Pick<Diagnosis, "state" | "holders">,
): boolean {
  return isOwn(diagnosis) && diagnosis.holders.length === 0;
}
