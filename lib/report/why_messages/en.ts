/**
 * What `why` says, in English.
 *
 * @module
 */

import type { State } from "../../core/model.ts";

const REASONS: Readonly<Record<State, string>> = {
  free: "Nothing of it runs, and its port is free",
  running: "Its process lives, its port is its own, and its checks pass",
  starting: "Its process lives, but it is not ready yet",
  unhealthy: "Its process lives, but it does not do its work",
  untracked:
    "Its port is held by a process of this project that devsvc did not start",
  foreign: "Its port is held by a program that is not of this project",
  container: "Its port is held by a container",
  hidden: "Its port is held by somebody whose processes you cannot see",
  reserved: "The system does not give its port to programs like this one",
  orphan: "Its first process is gone, but processes that it left still run",
  "stale-owner": "Its port is held in the name of a process that is dead",
  crashed: "It ended, and devsvc did not stop it",
  stopped: "Nothing of it runs",
  unknown: "The system could not tell, and nothing is taken for granted",
};

/** The English texts; the type of every other language. */
export const en = {
  reasons: REASONS,
  runningWithoutPort: "Its process lives, and its checks pass",
  started: (time: string) => `devsvc started it at ${time}`,
  ready: (span: string) => `it was proven ready ${span} later`,
  notReady: (limit: string) => `it has ${limit} to be ready`,
  overdue: (limit: string) => `it was not ready within ${limit}`,
  gone: (pid: number) => `PID ${pid} is gone`,
  recycled: (pid: number) =>
    `PID ${pid} is gone, its number now belongs to another program`,
  processes: "Its processes:",
  fails: (check: string, detail: string) => `${check} fails: ${detail}`,
  dependsOn: (label: string, state: string) =>
    `It depends on ${label}: ${state}`,
  waitsFor: (label: string, state: string) => `It waits for ${label}: ${state}`,
  needs: (label: string, state: string) =>
    `It needs ${label}: ${state}; devsvc start starts that first`,
  blockedBy: (label: string, state: string, name: string) =>
    `It cannot be started before ${label}: ${state}; see devsvc why ${name}`,
  toStart: (name: string) => `devsvc start ${name} starts it`,
  toFollow: (name: string) => `devsvc logs -f ${name} shows what it writes`,
};

/** The texts of `why` in one language. */
export type WhyMessages = typeof en;
