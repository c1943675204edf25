/**
 * Builds a random world, runs devsvc in it, and checks what it did against what
 * only the machine in memory knows.
 */

import { diagnose } from "../../lib/core/diagnose.ts";
import type { ServiceEvent } from "../../lib/core/events.ts";
import type { Diagnosis, Project, Service } from "../../lib/core/model.ts";
import { isDown } from "../../lib/core/ownership.ts";
import { type Plan, planStart, planStop } from "../../lib/core/plan.ts";
import { diagnoseRemoved } from "../../lib/core/removed_services.ts";
import type { Host } from "../../lib/platform/host.ts";
import { execute } from "../../lib/runtime/execute.ts";
import { observe } from "../../lib/runtime/observe.ts";
import { stateDirOf } from "../../lib/runtime/state/state_dir.ts";
import {
  buildWorld,
  type Built,
  OTHER_NAMESPACE,
  portOf,
  PROJECT,
  runOf,
  secondRunOf,
} from "./world_builder.ts";
import { digest, inVirtualTime, makeDisk, Stuck } from "./fake_clock.ts";
import { type LeftOut, makeFakePlatform, QUERY_MAX } from "./fake_platform.ts";
import { Machine, type Proc, SELF } from "./fake_machine.ts";
import type { Scene } from "./world_generator.ts";

// Loaded before devsvc imports them: reading them takes real time, which the
// virtual clock does not know.
import "../../lib/config/config_hash.ts";
import "../../lib/core/environment.ts";
import "../../lib/core/living_run.ts";
import "../../lib/runtime/debug_ports.ts";
import "../../lib/runtime/observe_projects.ts";
import "../../lib/runtime/port_closing.ts";
import "../../lib/runtime/service_environment.ts";
import "../../lib/runtime/start/exit_hint.ts";
import "../../lib/runtime/start/last_lines.ts";
import "../../lib/runtime/start/slow_start.ts";
import "../../lib/runtime/start/probes.ts";
import "../../lib/runtime/state/run_record.ts";
import "../../lib/runtime/start/readiness.ts";
import "../../lib/runtime/start/start_service.ts";
import "../../lib/runtime/stop/stop_service.ts";
import "../../lib/runtime/run_history.ts";
import "../../lib/runtime/log/tail.ts";

/** What happened in one world. */
export interface WorldResult {
  /** The invariants that devsvc broke. */
  readonly violations: readonly string[];
  /** The events and states, which show that the worlds are not empty. */
  readonly coverage: readonly string[];
}

/** The longest pause of a supervisor, in milliseconds. */
const RESPAWN_MAX = 500;

/** Two queries, in milliseconds: devsvc cannot know what changed since then. */
const UNKNOWN_TIME = 2 * QUERY_MAX;

/** Runs devsvc in a world. */
export async function runScene(
  scene: Scene,
  without?: LeftOut,
): Promise<WorldResult> {
  const violations: string[] = [];
  const coverage: string[] = [];
  try {
    await inVirtualTime(async (time) => {
      const machine = new Machine(time, randomFrom(scene.seed), scene.windows);
      const built = buildWorld(machine, scene);
      await runDevsvc({
        scene,
        machine,
        built,
        violations,
        coverage,
        without,
      });
    });
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    violations.push(error.message);
  }
  return { violations, coverage };
}

/** Mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Case extends WorldResult {
  readonly scene: Scene;
  readonly machine: Machine;
  readonly built: Built;
  readonly violations: string[];
  readonly coverage: string[];
  readonly without: LeftOut | undefined;
}

async function runDevsvc(one: Case): Promise<void> {
  const { scene, machine, built, without, coverage } = one;
  const { configured: services } = built;
  const project: Project = {
    root: PROJECT,
    file: `${PROJECT}/services.toml`,
    services,
  };
  const platform = makeFakePlatform(machine, {
    ports: built.services.flatMap(({ port }) => port ?? []),
    unrest: scene.unrest,
    failing: scene.failing,
    published: built.published,
    without,
    hasRecord: (run) => built.recorded.has(run) || !isEarlierRun(run, built),
    launchOf: (name) => {
      const all = built.services;
      const index = all.findIndex((service) => service.name === name);
      const { port } = all[index] ?? {};
      const { launch = "mute", lags = [] } = scene.services[index] ?? {};
      return { launch, lag: lags[0] ?? 0, ...port ? { port } : {} };
    },
  });
  const connect: Host["connect"] = ({ port }) =>
    machine.socketsOn(port).length > 0
      ? Promise.resolve({ close: () => {} } as Deno.TcpConn)
      : Promise.reject(new Deno.errors.ConnectionRefused("refused"));
  const host: Host = {
    platform,
    clock: machine.time.clock,
    fs: makeDisk(built.files),
    sha256: digest,
    connect,
    connectToRun: (run, target) => connect({ ...target, port: run.ownPort() }),
    runCommand: () => Promise.reject(new Error("there are no commands")),
  };
  const permitted = new Set<Proc>();
  machine.onSignal = (proc, signal) => {
    coverage.push("signal");
    checkSignal(proc, signal, permitted, one);
  };
  const begun = machine.time.now();
  if (without === "pid namespaces") {
    for (const [path, text] of built.files) {
      built.files.set(
        path,
        text.replace(`,"pidNamespace":"${OTHER_NAMESPACE}"`, ""),
      );
    }
  }
  const seen = await observe(project, services, host, { everyRun: true });
  const world = without === "nearest project"
    ? { ...seen, projects: new Map() }
    : seen;
  const removed = without === "removed services"
    ? []
    : diagnoseRemoved(project, world);
  if (world.taggedProcesses.ok) checkRemoved(removed, begun, one);
  const diagnoses = [
    ...diagnose(services, world),
    ...(scene.command.startsWith("stop") ? removed : []),
  ].map((diagnosis) => withoutRule(diagnosis, without));
  for (const diagnosis of diagnoses) {
    coverage.push(diagnosis.state);
    checkDown(diagnosis, begun, one);
    checkProject(diagnosis, one);
  }
  const plan = planOf(diagnoses, scene);
  if (!scene.command.startsWith("stop") && plan.obstacles.length > 0) return;
  permit(plan, permitted, machine);
  const { stopFailures } = await execute(plan, world, {
    project,
    dir: stateDirOf(PROJECT, host.fs),
    ...host,
    emit: (event) => checkEvent(event, plan, one),
    signal: new AbortController().signal,
  });
  if (!scene.command.startsWith("stop")) return;
  await machine.time.sleep(RESPAWN_MAX);
  for (const { kind, diagnosis } of plan.steps) {
    const { service } = diagnosis;
    if (kind !== "stop" || stopFailures.has(service.name)) continue;
    checkStaysStopped(diagnosis, one);
  }
}

/** Takes out of a diagnosis what a rule that is left out would have told. */
function withoutRule(
  diagnosis: Diagnosis,
  without: LeftOut | undefined,
): Diagnosis {
  if (without === "command of a service" && diagnosis.state === "untracked") {
    return { ...diagnosis, isKnownByCommand: true };
  }
  if (without !== "other checkouts") return diagnosis;
  const holders = diagnosis.holders
    .map(({ isRunElsewhere: _, ...holder }) => holder);
  return { ...diagnosis, holders };
}

/** Tells whether a run was there before devsvc was called. */
function isEarlierRun(run: string, { services }: Built): boolean {
  return services.some(({ name }) =>
    run === runOf(name) || run === secondRunOf(name)
  );
}

/** What runs is named, also where services.toml does not name it any more. */
function checkRemoved(
  removed: readonly Diagnosis[],
  begun: number,
  one: Case,
): void {
  const { services, configured } = one.built;
  const named = new Set(removed.map(({ service }) => service.name));
  for (const service of services) {
    if (configured.includes(service) || named.has(service.name)) continue;
    if (membersOf(service, one).some(({ bornAt }) => bornAt < begun)) {
      one.violations.push(
        `${service.name} was removed, but members of it live`,
      );
    }
  }
  for (const { state } of removed) one.coverage.push(`removed ${state}`);
}

/** What was reported as stopped is not started again. */
function checkStaysStopped(
  diagnosis: Diagnosis,
  { machine, violations }: Case,
): void {
  const { service } = diagnosis;
  for (const { owners } of machine.socketsOn(portOf(service))) {
    for (const { name, successorOf } of owners) {
      const isRespawned = diagnosis.holders.some(({ start }) =>
        start === successorOf?.start
      );
      if (isRespawned) {
        violations.push(`${service.name}: ${name} was respawned`);
      }
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

/** Collects the processes that the plan may signal. */
function permit(plan: Plan, permitted: Set<Proc>, machine: Machine): void {
  for (const { kind, diagnosis } of plan.steps) {
    if (!["stop", "restart", "await", "start"].includes(kind)) continue;
    for (const proc of machine.history) {
      const isHolder = (kind === "stop" || kind === "restart") &&
        diagnosis.holders.some(({ start }) => start === proc.start);
      const { party } = proc;
      const isOwn = party.kind === "own" &&
        party.service === diagnosis.service.name;
      if (isHolder || isOwn) permitted.add(proc);
      const isOfProject = party.kind === "untracked" ||
        diagnosis.state === "untracked";
      if (!isHolder || !isOfProject) continue;
      for (const other of machine.history) {
        if (other.party === party) permitted.add(other);
      }
    }
  }
}

function checkSignal(
  proc: Proc,
  signal: string,
  permitted: ReadonlySet<Proc>,
  { machine, violations, scene }: Case,
): void {
  const text = `${signal} to ${proc.name} (${proc.pid}, ${proc.start})`;
  const parents: Proc[] = [];
  let self = machine.table.get(SELF);
  for (; self; self = self.forkedBy) parents.push(self);
  const isForced = scene.command === "stop --force" ||
    scene.command === "start --on-conflict=restart";
  if (proc.party.kind === "foreign" && !isForced) {
    violations.push(`${text}: it is foreign, and nothing is forced`);
  }
  const { root } = proc.tag ?? {};
  const isMarked = root !== undefined && !proc.clean && !scene.windows;
  if (isMarked && root !== PROJECT) {
    violations.push(`${text}: the devsvc of ${root} runs it`);
  }
  if (proc.pid <= 1 || proc.protected) {
    violations.push(`${text}: protected`);
  }
  if (parents.includes(proc)) violations.push(`${text}: devsvc or its parent`);
  // What devsvc itself has started may be signalled, too.
  let from: Proc | undefined = proc;
  while (from && !permitted.has(from) && from.party.kind !== "own") {
    from = from.forkedBy;
  }
  if (!from) violations.push(`${text}: ${proc.party.kind}, not in the tree`);
}

/** The living members of a run, as far as the OS can show them. */
function membersOf(service: Service, { machine, built, scene }: Case) {
  const runs = built.runs.get(service.name) ?? [];
  return machine.living().filter((proc) => {
    const isMember = proc.party.kind === "own" && proc.run !== undefined &&
      runs.includes(proc.run);
    if (!isMember) return false;
    if (
      proc.clean && !scene.windows && !isShown(proc, service, built)
    ) {
      return false;
    }
    // Without run ids, only an unbroken chain of parents leads to the wrapper.
    for (let at = proc; scene.windows;) {
      const parent = at.forkedBy;
      if (at.start === built.wrappers.get(service.name)) return true;
      if (parent?.state !== "alive") return false;
      at = parent;
    }
    return true;
  });
}

/**
 * Whether the OS shows that a process without the run in its environment is of
 * the run: a parent that lives, or the session of the wrapper.
 */
function isShown(
  proc: Proc,
  service: Service,
  built: Built,
): boolean {
  const isRecorded = proc.run !== undefined && built.recorded.has(proc.run);
  const wrapper = built.wrappers.get(service.name);
  if (isRecorded && proc.leader === wrapper) return true;
  const parent = proc.forkedBy;
  if (parent?.state !== "alive" || parent.run !== proc.run) return false;
  return !parent.clean || isShown(parent, service, built);
}

/** What runs in the folder of another project is of that one. */
function checkProject(
  { service, state }: Diagnosis,
  { scene, built, violations }: Case,
): void {
  const { situation } = scene.services[built.services.indexOf(service)] ?? {};
  const isShown = !scene.windows && scene.failing === 0 && scene.unrest === 0;
  if (isShown && situation === "nested by hand" && state === "untracked") {
    violations.push(`${service.name} is another project's, not untracked`);
  }
}

/** Checks a service that is diagnosed as down. */
function checkDown(diagnosis: Diagnosis, begun: number, one: Case): void {
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

/** Whether a suspended service ends in time once it is asked to, and continued. */
function endsInTime(name: string, { scene, built }: Case): boolean {
  const index = built.services.findIndex((service) => service.name === name);
  const one = scene.services[index];
  const isQuiet = scene.unrest === 0 && scene.failing === 0 &&
    !scene.windows && !scene.inside;
  return isQuiet && one?.situation === "own in Ctrl-Z" &&
    one.signal !== "SIGKILL" && one.timeout >= 500;
}

function checkEvent(
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
  if (event.kind === "escalating" && endsInTime(event.service, one)) {
    violations.push(
      `${event.service} was forced, but would have ended in time`,
    );
  }
  const { kind, diagnosis } = step;
  const { service } = diagnosis;
  const before = machine.time.now() - UNKNOWN_TIME;
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
    const isOthers = held.some(({ owners }) =>
      [...owners].some(({ party }) =>
        party.kind !== "own" || party.service !== service.name
      )
    );
    if (isOthers) {
      violations.push(`${service.name} ready, but its port is another's`);
    }
    const closedAt = machine.closedAt.get(portOf(service)) ?? -Infinity;
    const isSilent = service.port !== undefined &&
      machine.socketsOn(service.port).length === 0 && closedAt < before;
    if (isSilent) violations.push(`${service.name} ready, but nothing listens`);
  }
  if (event.kind === "spawned") {
    const left = machine.closingTime(portOf(service));
    if (left > 0 && one.scene.failing === 0) {
      violations.push(`${service.name} was started while its port is closing`);
    }
    const index = one.built.services.indexOf(service);
    const { situation, record } = one.scene.services[index] ?? {};
    if (
      situation === "other namespace" && record === "valid" &&
      !one.scene.windows
    ) {
      violations.push(`${service.name} was started beside another namespace's`);
    }
    // devsvc itself, called inside of a service, is no second instance.
    const running = membersOf(service, one).filter(({ run, bornAt, pid }) =>
      pid !== SELF && run !== undefined && isEarlierRun(run, one.built) &&
      bornAt < before
    );
    if (running.length > 0) {
      violations.push(`${service.name} was started beside itself`);
    }
  }
}
