/**
 * Decides from the diagnoses what is to be done: pure, and complete before the
 * first process is touched.
 */

import { levels } from "./graph.ts";
import type { Diagnosis } from "./model.ts";
import type { Actions } from "./under_way.ts";
import { isDown, isOwn } from "./ownership.ts";

/** What to do with a port that is held: the values of `--on-conflict`. */
export const CONFLICT_POLICIES = ["fail", "restart", "keep"] as const;

/** One of {@linkcode CONFLICT_POLICIES}. */
export type ConflictPolicy = typeof CONFLICT_POLICIES[number];

/** What happens to one service. */
export interface Step {
  /** What is done. */
  readonly kind:
    /** Nothing: it runs already. */
    | "keep"
    /** It was started before: its readiness is waited for. */
    | "await"
    | "start"
    | "stop"
    /** Only what devsvc started is stopped; another process holds the port. */
    | "stop-own"
    /** The devsvc of another project runs what holds the port, and stops it. */
    | "stop-elsewhere"
    | "restart"
    /** Nothing runs and nothing is to be done. */
    | "none"
    /** An obstacle that an answer or a flag can settle. */
    | "conflict"
    /** An obstacle that devsvc cannot remove. */
    | "blocked";
  /** What it was decided from. */
  readonly diagnosis: Diagnosis;
}

/** What is to be done. */
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

interface StartOptions {
  /** The services named by the user, or all. */
  readonly requested: ReadonlySet<string>;
  readonly policy: ConflictPolicy;
  /** Whether the services of this project are stopped first. */
  readonly restart: boolean;
}

interface StopOptions {
  /** Whether processes of other projects are stopped, too. */
  readonly force: boolean;
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
    diagnoses,
    withOtherStops(diagnoses, "start", (one) => startKind(one, options)),
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
    diagnoses,
    withOtherStops(diagnoses, "none", (one) => stopKind(one, options)),
  );
}

/**
 * Settles the services whose port another service of the project holds that is
 * stopped before.
 */
function withOtherStops(
  diagnoses: readonly Diagnosis[],
  settled: Step["kind"],
  decide: (diagnosis: Diagnosis) => Step["kind"],
): (diagnosis: Diagnosis) => Step["kind"] {
  const stopped = new Set(
    diagnoses.filter((one) => ["stop", "restart"].includes(decide(one)))
      .map(({ service }) => service.name),
  );
  return (diagnosis) => {
    const kind = decide(diagnosis);
    const endsWithOther = diagnosis.holders.length > 0 &&
      diagnosis.tree.length === 0 &&
      diagnosis.holders.every(({ runOf }) =>
        runOf !== undefined && stopped.has(runOf)
      );
    return kind === "blocked" && endsWithOther ? settled : kind;
  };
}

function startKind(
  diagnosis: Diagnosis,
  { requested, policy, restart }: StartOptions,
): Step["kind"] {
  if (isDown(diagnosis)) return "start";
  const isForced = policy === "restart";
  const replaces = requested.has(diagnosis.service.name) &&
    (restart || isForced);
  // A run without a record would be lost again.
  const replacement = diagnosis.unreadable ? "blocked" : unlessBlocked(
    diagnosis,
    isRunElsewhere(diagnosis) ? "stop-elsewhere" : "restart",
  );
  const replaceIf = (condition: boolean, otherwise: Step["kind"]) =>
    condition ? replacement : otherwise;
  const conflict = unlessBlocked(diagnosis, "conflict");
  switch (diagnosis.state) {
    case "running":
    case "started":
      return replaceIf(replaces, "keep");
    case "starting":
      return replaceIf(replaces, "await");
    case "unhealthy":
    case "suspended":
    case "orphan":
    case "duplicate":
      return replaceIf(replaces || policy !== "fail", conflict);
    case "untracked": {
      const keeps = policy === "keep" && diagnosis.health === "healthy";
      // What only its folder makes this project's is the user's to end.
      const isOurs = diagnosis.isKnownByCommand ?? false;
      return replaceIf(
        isForced || (replaces && isOurs),
        keeps ? "keep" : conflict,
      );
    }
    case "foreign":
      return replaceIf(isForced, conflict);
    case "stale-owner":
      if (diagnosis.inheritedBy === undefined) return "blocked";
      return replaceIf(
        isForced || (replaces && diagnosis.inheritedBy === "ours"),
        conflict,
      );
    default:
      return "blocked";
  }
}

function stopKind(diagnosis: Diagnosis, options: StopOptions): Step["kind"] {
  const kind = stopHolders(diagnosis, options);
  const isLeft = kind === "conflict" || kind === "blocked" ||
    kind === "stop-elsewhere";
  const isOwnAlive = !isOwn(diagnosis) && diagnosis.tree.length > 0;
  return isLeft && isOwnAlive ? "stop-own" : kind;
}

function stopHolders(
  diagnosis: Diagnosis,
  { force }: StopOptions,
): Step["kind"] {
  const { state, inheritedBy, isKnownByCommand } = diagnosis;
  // Nobody listens on a port that is the end of a connection.
  if (isDown(diagnosis) || state === "reserved" || state === "connected") {
    return "none";
  }
  if (isRunElsewhere(diagnosis)) {
    return unlessBlocked(diagnosis, force ? "stop-elsewhere" : "conflict");
  }
  const isOurs = isOwn(diagnosis) ||
    (state === "untracked" && isKnownByCommand) ||
    (state === "stale-owner" && inheritedBy === "ours");
  const isForeign = state === "foreign" || state === "untracked" ||
    (state === "stale-owner" && inheritedBy === "foreign");
  if (!isOurs && !isForeign) return "blocked";
  // devsvc may run inside a service that it started, and would end itself.
  return unlessBlocked(diagnosis, isOurs || force ? "stop" : "conflict");
}

/** The devsvc of the other project would start it again, or lose it. */
function isRunElsewhere({ holders }: Diagnosis): boolean {
  return holders.some((holder) => holder.isRunElsewhere);
}

/** What another service of the project runs ends with that one only. */
function unlessBlocked(
  { holders }: Diagnosis,
  kind: Step["kind"],
): Step["kind"] {
  const isBlocked = holders.some((holder) =>
    holder.protected || holder.runOf !== undefined
  );
  return isBlocked ? "blocked" : kind;
}

function assemble(
  diagnoses: readonly Diagnosis[],
  decide: (diagnosis: Diagnosis) => Step["kind"],
): Plan {
  const steps = diagnoses.map((diagnosis): Step => ({
    kind: decide(diagnosis),
    diagnosis,
  }));
  const of = (...kinds: readonly Step["kind"][]): readonly Diagnosis[] =>
    steps.filter((step) => kinds.includes(step.kind))
      .map((step) => step.diagnosis);
  const stops = [
    ...of("stop", "restart"),
    ...of("stop-own").map(withoutOtherHolders),
  ];
  return {
    steps,
    stops: byLevel(stops, diagnoses).toReversed(),
    starts: byLevel(of("start", "restart", "await"), diagnoses),
    obstacles: steps.filter(({ kind }) =>
      kind === "conflict" || kind === "blocked" || kind === "stop-own" ||
      kind === "stop-elsewhere"
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
  all: readonly Diagnosis[],
): readonly (readonly Diagnosis[])[] {
  const names = new Map(chosen.map((one) => [one.service.name, one]));
  return levels(all.map(({ service }) => service))
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
  { steps }: Plan,
  requested: ReadonlySet<string>,
): boolean {
  return steps.some(({ kind, diagnosis }) =>
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
    ...(diagnosis.otherRuns ?? []).map(({ run }) => run),
  ]));
}

/** What a plan does with each service, for those who look meanwhile. */
export function actionsOf({ steps }: Plan): Actions {
  return new Map(
    steps.flatMap(({ kind, diagnosis: { service } }) =>
      kind === "start" || kind === "stop" || kind === "restart"
        ? [[service.name, kind] as const]
        : []
    ),
  );
}
