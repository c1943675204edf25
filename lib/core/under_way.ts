/**
 * Services that a command is starting or stopping just now: what a look in
 * between finds is no crash.
 */

import type { ServiceEvent } from "./events.ts";
import type { Diagnosis, State } from "./model.ts";

/** What a command does with a service. */
export type Action = "start" | "stop" | "restart";

/** What a command does, by the names of the services. */
export type Actions = ReadonlyMap<string, Action>;

/** The states that only last while the action does, and what they are called. */
const PASSING: Readonly<
  Record<Action, Readonly<Partial<Record<State, State>>>>
> = {
  // Where a port changes hands during the look, nobody is seen to have it.
  start: {
    free: "starting",
    stopped: "starting",
    crashed: "starting",
    hidden: "starting",
  },
  stop: {
    unhealthy: "stopping",
    suspended: "stopping",
    orphan: "stopping",
    duplicate: "stopping",
    crashed: "stopping",
    "stale-owner": "stopping",
    unknown: "stopping",
  },
  restart: {
    free: "restarting",
    stopped: "restarting",
    closing: "restarting",
    crashed: "restarting",
    unhealthy: "restarting",
    suspended: "restarting",
    orphan: "restarting",
    duplicate: "restarting",
    hidden: "restarting",
    "stale-owner": "restarting",
    unknown: "restarting",
  },
};

/** Says of the services with which a command is busy what it does with them. */
export function withActions(
  diagnoses: readonly Diagnosis[],
  actions: Actions,
): readonly Diagnosis[] {
  return diagnoses.map((diagnosis) => {
    const action = actions.get(diagnosis.service.name);
    const state = action && PASSING[action][diagnosis.state];
    // What was checked is ending, or has just begun.
    return state ? { ...diagnosis, state, health: "unknown" } : diagnosis;
  });
}

/** Tells whether an event ends the action on its service. */
export function endsAction({ kind }: ServiceEvent, action: Action): boolean {
  return kind === "ready" || kind === "failed" || kind === "not-stopped" ||
    (kind === "stopped" && action === "stop");
}
