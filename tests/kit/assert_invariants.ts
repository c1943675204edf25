/**
 * Builds a random world, calls devsvc in it, and judges what it did by what
 * only the machine in memory knows.
 *
 * @module
 */

import { diagnose } from "../../lib/core/diagnose.ts";
import type { ServiceEvent } from "../../lib/core/events.ts";
import type { Diagnosis, Project, Service } from "../../lib/core/model.ts";
import { isDown, type Plan, planStart, planStop } from "../../lib/core/plan.ts";
import type { Host } from "../../lib/platform/host.ts";
import { execute } from "../../lib/runtime/execute.ts";
import { observe } from "../../lib/runtime/observe.ts";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import {
  buildWorld,
  type Built,
  portOf,
  PROJECT,
  runOf,
} from "./world_builder.ts";
import { digest, inVirtualTime, makeDisk, Stuck } from "./fake_clock.ts";
import { LOOK_MAX, openFakePlatform } from "./fake_platform.ts";
import { Machine, type Proc, SELF } from "./fake_machine.ts";
import type { Scene } from "./world_generator.ts";

// What devsvc loads once it needs it is there already: to read it from the disk
// takes time that the clock of a world knows nothing of.
import "../../lib/config/config_hash.ts";
import "../../lib/runtime/start/probes.ts";
import "../../lib/runtime/state/run_record.ts";
import "../../lib/runtime/start/readiness.ts";
import "../../lib/runtime/start/start_service.ts";
import "../../lib/runtime/stop/stop_service.ts";
import "../../lib/runtime/run_history.ts";
import "../../lib/runtime/log/tail.ts";

/** What happened in one world. */
export interface Verdict {
  /** What devsvc must never do, and did. */
  readonly violations: readonly string[];
  /** What it did, so that a test can tell that worlds are not empty. */
  readonly coverage: readonly string[];
}

/** The slowest supervisor, in milliseconds. */
const RESPAWN_MAX = 500;

/** A look or two ago: what changed since then, devsvc cannot know. */
const JUST_NOW = 2 * LOOK_MAX;

/** Calls devsvc in a world. */
export async function runScene(
  scene: Scene,
  withoutIdentityCheck = false,
): Promise<Verdict> {
  const violations: string[] = [];
  const coverage: string[] = [];
  try {
    await inVirtualTime(async (time) => {
      const machine = new Machine(time, randomFrom(scene.seed), scene.windows);
      const built = buildWorld(machine, scene);
      await callDevsvc({
        scene,
        machine,
        built,
        violations,
        coverage,
        withoutIdentityCheck,
      });
    });
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    violations.push(error.message);
  }
  return { violations, coverage };
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Case extends Verdict {
  readonly scene: Scene;
  readonly machine: Machine;
  readonly built: Built;
  readonly violations: string[];
  readonly coverage: string[];
  readonly withoutIdentityCheck: boolean;
}

async function callDevsvc(one: Case): Promise<void> {
  const { scene, machine, built, withoutIdentityCheck, coverage } = one;
  const { services } = built;
  const project: Project = {
    root: PROJECT,
    file: `${PROJECT}/services.toml`,
    services,
  };
  const platform = openFakePlatform(machine, {
    ports: services.flatMap(({ port }) => port ?? []),
    unrest: scene.unrest,
    failing: scene.failing,
    published: built.published,
    withoutIdentityCheck,
    launchOf: (name) => {
      const index = services.findIndex((service) => service.name === name);
      const { port } = services[index] ?? {};
      const { launch = "mute", lags = [] } = scene.services[index] ?? {};
      return { launch, lag: lags[0] ?? 0, ...port ? { port } : {} };
    },
  });
  const host: Host = {
    platform,
    clock: machine.time.clock,
    fs: makeDisk(built.files),
    sha256: digest,
    connect: ({ port }) =>
      machine.socketsOn(port).length > 0
        ? Promise.resolve({ close: () => {} } as Deno.TcpConn)
        : Promise.reject(new Deno.errors.ConnectionRefused("refused")),
  };
  const permitted = new Set<Proc>();
  machine.onSignal = (proc, signal) => {
    coverage.push("signal");
    judgeSignal(proc, signal, permitted, one);
  };
  const begun = machine.time.now();
  const world = await observe(project, services, host);
  const diagnoses = diagnose(services, world);
  for (const diagnosis of diagnoses) {
    coverage.push(diagnosis.state);
    judgeRest(diagnosis, begun, one);
  }
  const plan = planOf(diagnoses, scene);
  if (!scene.command.startsWith("stop") && plan.obstacles.length > 0) return;
  permit(plan, permitted, machine);
  const { stopFailures } = await execute(plan, world, {
    project,
    dir: stateDirOf(PROJECT, host.fs),
    ...host,
    emit: (event) => judgeEvent(event, plan, one),
    signal: new AbortController().signal,
  });
  if (!scene.command.startsWith("stop")) return;
  await machine.time.sleep(RESPAWN_MAX);
  for (const { kind, diagnosis } of plan.steps) {
    const { service } = diagnosis;
    if (kind !== "stop" || stopFailures.has(service.name)) continue;
    judgePeace(diagnosis, one);
  }
}

/** What was told to be stopped stays away. */
function judgePeace(diagnosis: Diagnosis, { machine, violations }: Case): void {
  const { service } = diagnosis;
  for (const { owners } of machine.socketsOn(portOf(service))) {
    for (const { name, successorOf } of owners) {
      const isBack = diagnosis.holders.some(({ start }) =>
        start === successorOf?.start
      );
      if (isBack) violations.push(`${service.name}: ${name} was brought back`);
    }
  }
}

function planOf(diagnoses: readonly Diagnosis[], { command }: Scene): Plan {
  const [verb, flag = ""] = command.split(" ");
  if (verb === "stop") {
    return planStop(diagnoses, { force: flag === "--force" });
  }
  return planStart(diagnoses, {
    requested: new Set(diagnoses.map(({ service }) => service.name)),
    policy: flag.endsWith("=restart")
      ? "restart"
      : flag.endsWith("=keep")
      ? "keep"
      : "fail",
    restart: verb === "restart",
  });
}

/** Whom the plan may stop, and all that these forked or will fork. */
function permit(plan: Plan, permitted: Set<Proc>, machine: Machine): void {
  for (const { kind, diagnosis } of plan.steps) {
    if (!["stop", "restart", "await", "start"].includes(kind)) continue;
    for (const proc of machine.everyone) {
      const isHolder = (kind === "stop" || kind === "restart") &&
        diagnosis.holders.some(({ start }) => start === proc.start);
      const { party } = proc;
      const isOwn = party.kind === "own" &&
        party.service === diagnosis.service.name;
      if (isHolder || isOwn) permitted.add(proc);
      if (!isHolder || party.kind !== "untracked") continue;
      for (const other of machine.everyone) {
        if (other.party === party) permitted.add(other);
      }
    }
  }
}

function judgeSignal(
  proc: Proc,
  signal: string,
  permitted: ReadonlySet<Proc>,
  { machine, violations }: Case,
): void {
  const told = `${signal} to ${proc.name} (${proc.pid}, ${proc.start})`;
  const above: Proc[] = [];
  let self = machine.table.get(SELF);
  for (; self; self = self.forkedBy) above.push(self);
  if (proc.pid <= 1 || proc.protectedPids) {
    violations.push(`${told}: protected`);
  }
  if (above.includes(proc)) violations.push(`${told}: devsvc or its parent`);
  // What devsvc starts while it acts is its own, too.
  let from: Proc | undefined = proc;
  while (from && !permitted.has(from) && from.party.kind !== "own") {
    from = from.forkedBy;
  }
  if (!from) violations.push(`${told}: ${proc.party.kind}, not in the tree`);
}

/** Who is left of a run that the OS can show. */
function membersOf(service: Service, { machine, built, scene }: Case) {
  const run = built.believed.get(service.name);
  return machine.living().filter((proc) => {
    if (run === undefined || proc.run !== run) return false;
    // Without marks, only an unbroken line of parents leads to it.
    for (let at = proc; scene.windows;) {
      const parent = at.forkedBy;
      if (at.start === built.wrappers.get(service.name)) return true;
      if (parent?.state !== "alive") return false;
      at = parent;
    }
    return true;
  });
}

/** Nothing runs, it says. */
function judgeRest(diagnosis: Diagnosis, begun: number, one: Case): void {
  const { machine, built, violations } = one;
  const { service, state } = diagnosis;
  const port = portOf(service);
  if (!isDown(diagnosis)) return;
  if (machine.socketsOn(port).some(({ bornAt }) => bornAt < begun)) {
    violations.push(`${service.name} is ${state}, but its port is held`);
  }
  if (built.published.has(port)) {
    violations.push(`${service.name} is ${state}, but its port is published`);
  }
  if (membersOf(service, one).some(({ bornAt }) => bornAt < begun)) {
    violations.push(`${service.name} is ${state}, but members of it live`);
  }
}

function judgeEvent(
  event: ServiceEvent,
  plan: Plan,
  one: Case,
): void {
  const { machine, violations, coverage } = one;
  coverage.push(
    "failure" in event ? `${event.kind} ${event.failure.kind}` : event.kind,
  );
  const step = plan.steps.find(({ diagnosis }) =>
    diagnosis.service.name === event.service
  );
  if (!step) return;
  const { kind, diagnosis } = step;
  const { service } = diagnosis;
  const before = machine.time.now() - JUST_NOW;
  const held = machine.socketsOn(portOf(service))
    .filter(({ bornAt }) => bornAt < before);
  if (event.kind === "stopped" && kind === "stop-own") {
    for (const { name, start } of membersOf(service, one)) {
      violations.push(`${service.name} stopped, but ${name} (${start}) lives`);
    }
  } else if (event.kind === "stopped") {
    if (held.length > 0) {
      violations.push(`${service.name} stopped, but its port is held`);
    }
    const members = membersOf(service, one);
    const holders = machine.living().filter(({ start }) =>
      diagnosis.holders.some((holder) => holder.start === start)
    );
    for (const { name, start } of [...members, ...holders]) {
      violations.push(`${service.name} stopped, but ${name} (${start}) lives`);
    }
  }
  if (event.kind === "ready") {
    const strange = held.some(({ owners }) =>
      [...owners].some(({ party }) =>
        party.kind !== "own" || party.service !== service.name
      )
    );
    if (strange) violations.push(`${service.name} ready on a stranger's port`);
    const leftAt = machine.leftAt.get(portOf(service)) ?? -Infinity;
    const isSilent = service.port !== undefined &&
      machine.socketsOn(service.port).length === 0 && leftAt < before;
    if (isSilent) violations.push(`${service.name} ready, but nobody listens`);
  }
  if (event.kind === "spawned") {
    const twins = machine.living().filter(({ party, run, bornAt }) =>
      party.kind === "own" && party.service === service.name &&
      run === runOf(service.name) && bornAt < before
    );
    if (twins.length > 0 && membersOf(service, one).length > 0) {
      violations.push(`${service.name} was started beside itself`);
    }
  }
}
