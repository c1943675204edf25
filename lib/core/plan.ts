/**
 * Decides from the diagnoses what is to be done: pure, and complete before the
 * first process is touched.
 *
 * @module
 */

import { levels } from "./graph.ts";
import type { Diagnosis, Service, State } from "./model.ts";
import { isOwn } from "./supervision.ts";

/** What to do with a port that is held: the values of `--on-conflict`. */
export const CONFLICT_POLICIES = ["fail", "restart", "keep"] as const;

/** One of {@linkcode CONFLICT_POLICIES}. */
export type ConflictPolicy = typeof CONFLICT_POLICIES[number];

/** What happens to one service. */
export type Step =
  /** Runs already. */
  | { readonly kind: "keep"; readonly diagnosis: Diagnosis }
  /** Was started before: its readiness is waited for. */
  | { readonly kind: "await"; readonly diagnosis: Diagnosis }
  | { readonly kind: "start"; readonly diagnosis: Diagnosis }
  | { readonly kind: "stop"; readonly diagnosis: Diagnosis }
  /** Only what devsvc started is stopped; another process holds the port. */
  | { readonly kind: "stop-own"; readonly diagnosis: Diagnosis }
  | { readonly kind: "restart"; readonly diagnosis: Diagnosis }
  /** Nothing runs and nothing is to be done. */
  | { readonly kind: "none"; readonly diagnosis: Diagnosis }
  /** An obstacle that an answer or a flag can settle. */
  | { readonly kind: "conflict"; readonly diagnosis: Diagnosis }
  /** An obstacle that devsvc cannot remove. */
  | { readonly kind: "blocked"; readonly diagnosis: Diagnosis };

/** What is to be done, one step a service. */
export interface Plan {
  /** One step a service, in the order of the file. */
  readonly steps: readonly Step[];
  /** Services to stop, dependents before what they depend on. */
  readonly stops: readonly (readonly Diagnosis[])[];
  /** Services to start or wait for, dependencies first. */
  readonly starts: readonly (readonly Diagnosis[])[];
  /** The steps that could not be planned; `start` does nothing while there is one. */
  readonly obstacles: readonly Step[];
}

/** The options of `start` and `restart`. */
export interface StartOptions {
  /** The services named by the user, or all. */
  readonly requested: ReadonlySet<string>;
  /** What to do with a port that is held. */
  readonly policy: ConflictPolicy;
  /** Whether the services of this project are stopped first. */
  readonly restart: boolean;
}

/** The options of `stop`. */
export interface StopOptions {
  /** Whether processes of other projects are stopped, too. */
  readonly force: boolean;
}

/** States in which the port is free and nothing runs. */
const DOWN: ReadonlySet<State> = new Set<State>([
  "free",
  "stopped",
  "crashed",
]);

/** Tells whether nothing runs and the port is free. */
export function isDown(diagnosis: Diagnosis): boolean {
  return DOWN.has(diagnosis.state);
}

/**
 * Plans `start` and `restart`.
 *
 * @returns The plan; with obstacles, nothing of it may be done.
 */
export function planStart(
  diagnoses: readonly Diagnosis[],
  options: StartOptions,
): Plan {
  return assemble(
    diagnoses.map((diagnosis) => ({
      kind: startKind(diagnosis, options),
      diagnosis,
    })),
  );
}

/**
 * Plans `stop`.
 *
 * @returns The plan; its obstacles do not keep the other services from being
 * stopped.
 */
export function planStop(
  diagnoses: readonly Diagnosis[],
  options: StopOptions,
): Plan {
  return assemble(
    diagnoses.map((diagnosis) => ({
      kind: stopKind(diagnosis, options),
      diagnosis,
    })),
  );
}

function startKind(diagnosis: Diagnosis, options: StartOptions): Step["kind"] {
  if (isDown(diagnosis)) return "start";
  const isRequested = options.requested.has(diagnosis.service.name);
  const replaces = isRequested &&
    (options.restart || options.policy === "restart");
  switch (diagnosis.state) {
    case "running":
      return replaces ? stoppable(diagnosis) : "keep";
    case "starting":
      return replaces ? stoppable(diagnosis) : "await";
    case "unhealthy":
    case "orphan":
      return replaces || options.policy !== "fail"
        ? stoppable(diagnosis)
        : settle(diagnosis);
    case "untracked":
      if (replaces || options.policy === "restart") return stoppable(diagnosis);
      return options.policy === "keep" && diagnosis.health === "healthy"
        ? "keep"
        : "conflict";
    case "foreign":
      return options.policy === "restart"
        ? stoppable(diagnosis)
        : settle(diagnosis);
    case "stale-owner":
      if (diagnosis.inheritedBy === undefined) return "blocked";
      return options.policy === "restart" ||
          (replaces && diagnosis.inheritedBy === "ours")
        ? stoppable(diagnosis)
        : settle(diagnosis);
    default:
      return "blocked";
  }
}

function stopKind(diagnosis: Diagnosis, options: StopOptions): Step["kind"] {
  const kind = stopHolders(diagnosis, options);
  const isLeft = kind === "conflict" || kind === "blocked";
  const isOwnAlive = !isOwn(diagnosis) && diagnosis.tree.length > 0;
  return isLeft && isOwnAlive ? "stop-own" : kind;
}

function stopHolders(
  diagnosis: Diagnosis,
  options: StopOptions,
): Step["kind"] {
  if (isDown(diagnosis)) return "none";
  // devsvc may run inside a service that it started, and would end itself.
  if (isOwn(diagnosis)) return hasProtected(diagnosis) ? "blocked" : "stop";
  switch (diagnosis.state) {
    case "untracked":
      return hasProtected(diagnosis) ? "blocked" : "stop";
    case "foreign":
      if (hasProtected(diagnosis)) return "blocked";
      return options.force ? "stop" : "conflict";
    case "stale-owner":
      if (diagnosis.inheritedBy === undefined || hasProtected(diagnosis)) {
        return "blocked";
      }
      return diagnosis.inheritedBy === "ours" || options.force
        ? "stop"
        : "conflict";
    case "reserved":
      return "none";
    default:
      return "blocked";
  }
}

function hasProtected(diagnosis: Diagnosis): boolean {
  return diagnosis.holders.some((holder) => holder.protected);
}

function stoppable(diagnosis: Diagnosis): Step["kind"] {
  return hasProtected(diagnosis) ? "blocked" : "restart";
}

function settle(diagnosis: Diagnosis): Step["kind"] {
  return hasProtected(diagnosis) ? "blocked" : "conflict";
}

function assemble(steps: readonly Step[]): Plan {
  const of = (...kinds: readonly Step["kind"][]): readonly Diagnosis[] =>
    steps.filter((step) => kinds.includes(step.kind))
      .map((step) => step.diagnosis);
  return {
    steps,
    stops: byLevel(
      [...of("stop", "restart"), ...of("stop-own").map(withoutOtherHolders)],
      steps,
    ).toReversed(),
    starts: byLevel(of("start", "restart", "await"), steps),
    obstacles: steps.filter(({ kind }) =>
      kind === "conflict" || kind === "blocked" || kind === "stop-own"
    ),
  };
}

function withoutOtherHolders(diagnosis: Diagnosis): Diagnosis {
  const own = new Set(diagnosis.tree.map(({ pid }) => pid));
  const holders = diagnosis.holders.filter(({ pid }) => own.has(pid));
  return { ...diagnosis, holders };
}

/** Groups the chosen services by the levels of the graph of all services. */
function byLevel(
  chosen: readonly Diagnosis[],
  steps: readonly Step[],
): readonly (readonly Diagnosis[])[] {
  const names = new Map(chosen.map((one) => [one.service.name, one]));
  const services: readonly Service[] = steps.map(({ diagnosis }) =>
    diagnosis.service
  );
  return levels(services)
    .map((level) => level.flatMap(({ name }) => names.get(name) ?? []))
    .filter((level) => level.length > 0);
}

/**
 * Tells whether the user is asked before anything is done: whenever the port of
 * a requested service is held, but not while the service is starting.
 *
 * @param plan The plan made under the policy `fail`.
 */
export function needsAnswer(
  plan: Plan,
  requested: ReadonlySet<string>,
): boolean {
  return plan.steps.some(({ kind, diagnosis }) =>
    kind === "conflict" ||
    (kind === "keep" && requested.has(diagnosis.service.name))
  );
}

/**
 * Identifies the processes that the user was asked about, to notice when they
 * have changed before the answer is applied.
 */
export function fingerprint(plan: Plan): string {
  return JSON.stringify(plan.steps.map(({ diagnosis }) => [
    diagnosis.service.name,
    diagnosis.state,
    diagnosis.holders.map(({ pid, start }) => [pid, start]),
    diagnosis.tree.length > 0 ? diagnosis.record?.run : undefined,
  ]));
}
