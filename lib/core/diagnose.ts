/**
 * Decides from what was observed the state of each service: pure, between
 * `observe` and `plan`.
 */

import {
  type Diagnosis,
  type Health,
  type Holder,
  isProvable,
  isRepeatable,
  type Listener,
  type ProcessEntry,
  type ProcessTable,
  type RunRecord,
  type RunRecordIssue,
  type RunRecordReading,
  type Service,
  type State,
  type UnidentifiedHolder,
  type World,
} from "./model.ts";
import { lastSignOfLife, leftoversOf, UNSURE } from "./leftovers.ts";
import { listenersOn } from "./listeners.ts";
import { isWithin } from "./path.ts";
import {
  deadOwnersOf,
  findAlive,
  inheritedSocketHolders,
  isContainerProgram,
  isProtected,
  orphansOf,
  parentsOf,
  serviceChainOf,
  treeOf,
} from "./process_tree.ts";
import { isDown } from "./ownership.ts";
import { isOfOtherNamespace, OTHER_NAMESPACE } from "./pid_namespace.ts";
import { mismatchedPortsOf, portsOf } from "./port_mismatch.ts";
import { projectOf } from "./project_of.ts";
import { inRealFolder, runsServiceCommand } from "./service_command.ts";
import { withSuspension } from "./suspension.ts";
import { pidsOfRun, recordOfRun, taggedRunsOf } from "./tagged_runs.ts";

/** Decides the state of every service; the order stays as it is. */
export function diagnose(
  services: readonly Service[],
  world: World,
): readonly Diagnosis[] {
  return services.map((service) =>
    withUnreadableRecord(
      withPortMismatch(
        withSuspension(diagnoseService(service, world)),
        services,
        world,
      ),
      world,
    )
  );
}

/** Where a run record cannot be read, nobody knows that the service is down. */
function withUnreadableRecord(
  diagnosis: Diagnosis,
  { records }: World,
): Diagnosis {
  const reading = records.get(diagnosis.service.name);
  if (reading?.kind !== "unreadable") return diagnosis;
  const { file, problem } = reading;
  const reason = `cannot read ${file} (${problem})`;
  return {
    ...diagnosis,
    unreadable: { file, problem },
    ...(isDown(diagnosis) ? { state: "unknown", reason } : {}),
  };
}

/** What is believed of a run record. */
type Belief = Pick<
  Claim,
  "record" | "issue" | "lost" | "unknown" | "wrapperAlive" | "tree"
>;

/** What the run record and the table of processes show together. */
interface Claim {
  readonly record?: RunRecord;
  readonly issue?: RunRecordIssue;
  readonly lost?: RunRecord;
  /** Why it is unknown whether members of a dead wrapper live. */
  readonly unknown?: string;
  /** Why a run without a run record may live all the same. */
  readonly unsure?: string;
  /** Runs that live beside that of the record. */
  readonly otherRuns: readonly RunRecord[];
  readonly wrapperAlive: boolean;
  /** Of all runs. */
  readonly tree: readonly ProcessEntry[];
}

/** Who holds the port of a service. */
interface PortHolders {
  readonly ours: readonly Holder[];
  readonly others: readonly Holder[];
  /** The OS showed a socket without its owner. */
  readonly hasHiddenOwner: boolean;
  /** The OS named an owner that does not exist. */
  readonly hasDeadOwner: boolean;
}

function diagnoseService(service: Service, world: World): Diagnosis {
  const claim = world.processes.ok
    ? readClaim(service, world, world.processes.value)
    : undefined;
  const diagnosis = diagnoseClaim(service, claim, world);
  return claim?.unsure !== undefined && isDown(diagnosis)
    ? { ...diagnosis, state: "unknown", reason: claim.unsure }
    : diagnosis;
}

function diagnoseClaim(
  service: Service,
  claim: Claim | undefined,
  world: World,
): Diagnosis {
  const base = {
    service,
    holders: [],
    tree: [],
    health: "unknown",
    configChanged: false,
    environmentChanges: [],
    restarts: 0,
  } as const;
  if (!world.processes.ok || !claim) {
    const reason = world.processes.ok ? "" : world.processes.reason;
    return { ...base, state: "unknown", reason };
  }
  const table = world.processes.value;
  const known = {
    ...base,
    tree: claim.tree,
    health: healthOf(service, claim, world),
    configChanged: hasConfigChanged(service, claim, world),
    environmentChanges: world.environmentChanges.get(service.name) ?? [],
    ...readPast(service, claim, world),
    ...(claim.record ? { record: claim.record } : {}),
    ...(claim.issue ? { recordIssue: claim.issue } : {}),
    ...(claim.lost ? { lost: claim.lost } : {}),
    ...(claim.otherRuns.length > 0 ? { otherRuns: claim.otherRuns } : {}),
  };
  if (claim.unknown !== undefined) {
    return { ...known, state: "unknown", reason: claim.unknown };
  }
  const isDuplicate = claim.otherRuns.length > 0;
  if (service.port === undefined) {
    return {
      ...known,
      state: isDuplicate
        ? "duplicate"
        : stateWithoutSocket(service, claim, world),
    };
  }
  if (!world.listeners.ok) {
    return { ...known, state: "unknown", reason: world.listeners.reason };
  }
  const held = readHolders(service.port, service, claim.tree, world, table);
  const unidentifiedHolder = world.unidentifiedHolders.get(service.port);
  const seen = {
    ...known,
    holders: [...held.ours, ...held.others],
    ...(unidentifiedHolder ? { unidentifiedHolder } : {}),
  };
  if (held.others.length > 0) {
    return { ...seen, ...stateOfOthers(service, held.others, world) };
  }
  if (held.hasHiddenOwner) {
    return { ...seen, state: stateOfUnidentified(unidentifiedHolder) };
  }
  if (isDuplicate) return { ...seen, state: "duplicate" };
  if (held.ours.length > 0) {
    return { ...seen, state: stateOfOurs(service, claim, world) };
  }
  if (held.hasDeadOwner) {
    return { ...known, ...readInheritedHolders(service, claim, world, table) };
  }
  if (claim.tree.length > 0) {
    return { ...known, state: stateWithoutSocket(service, claim, world) };
  }
  const silent = stateOfSilentPort(service.port, claim, world);
  return silent.state === "connected"
    ? { ...seen, ...silent, holders: connectedTo(service.port, world, table) }
    : { ...seen, ...silent };
}

/**
 * Adds the ports that a service took instead of its own, as Vite does on 5174
 * where 5173 is taken. One that is still starting may listen on another port
 * first, such as that of a debugger.
 */
function withPortMismatch(
  diagnosis: Diagnosis,
  services: readonly Service[],
  { listeners, debugPorts }: World,
): Diagnosis {
  const { service: { port }, state, tree, record } = diagnosis;
  if (port === undefined || !listeners.ok || state === "starting") {
    return diagnosis;
  }
  const mismatchedPorts = mismatchedPortsOf(port, tree, listeners.value, {
    otherPorts: portsOf(services),
    debugPorts,
    record,
  });
  return mismatchedPorts.length > 0
    ? { ...diagnosis, mismatchedPorts }
    : diagnosis;
}

/**
 * What the run record shows, or else the processes that name this service and
 * this project as theirs: they are its own also where the record is lost.
 */
function readClaim(
  service: Service,
  world: World,
  table: ProcessTable,
): Claim {
  const belief = readRunRecord(service, world, table);
  // From there it is stopped, and started again.
  if (belief.unknown === OTHER_NAMESPACE) return { ...belief, otherRuns: [] };
  const { runs, hasUnseen } = taggedRunsOf(service.name, world, table);
  const isRecorded = belief.tree.length > 0 || belief.unknown !== undefined;
  const others = runs.filter(({ run }) =>
    !isRecorded || run !== belief.record?.run
  );
  const records = others.map((run) => recordOfRun(service, run));
  if (isRecorded) {
    const tree = [...belief.tree, ...others.flatMap(({ tree }) => tree)];
    return { ...belief, tree: unique(tree), otherRuns: records };
  }
  if (hasUnseen) return { ...belief, otherRuns: [], unknown: CHANGED };
  const [record, ...otherRuns] = records;
  if (record) {
    const { lost: _, issue, ...rest } = belief;
    return {
      ...rest,
      record,
      issue: issue === undefined || issue === "dead" || issue === "recycled"
        ? "missing"
        : issue,
      otherRuns,
      wrapperAlive: others[0]?.wrapperAlive ?? false,
      tree: unique(others.flatMap(({ tree }) => tree)),
    };
  }
  return {
    ...belief,
    otherRuns: [],
    ...(world.taggedProcesses.ok
      ? {}
      : { unsure: world.taggedProcesses.reason }),
  };
}

/** They were forked after the table was read: they live, no more is known. */
const CHANGED = "its processes changed during the check";

function unique(tree: readonly ProcessEntry[]): readonly ProcessEntry[] {
  return [...new Map(tree.map((entry) => [entry.pid, entry])).values()];
}

function readRunRecord(
  service: Service,
  world: World,
  table: ProcessTable,
): Belief {
  const nothing: Belief = { wrapperAlive: false, tree: [] };
  const reading = readingOf(service, world);
  if (reading.kind === "none") return nothing;
  if (reading.kind !== "valid") return { ...nothing, issue: reading.kind };
  const record = reading.record;
  if (isOfOtherNamespace(record, table)) {
    return { ...nothing, unknown: OTHER_NAMESPACE };
  }
  const escaped = world.supervision.get(record.run)?.escaped ?? [];
  const byRunId = [
    ...pidsOfRun(record.run, world),
    ...escaped.flatMap((one) => findAlive(one, table)?.pid ?? []),
  ];
  const orphans = orphansOf(record, table);
  const livedUntil = lastSignOfLife(
    record,
    world.endings.get(service.name)?.at,
  );
  const left = leftoversOf(record, byRunId, livedUntil, table);
  const tree = treeOf(record, [...byRunId, ...orphans, ...left.pids], table);
  if (tree.length > 0) {
    const wrapperAlive = findAlive(record, table) !== undefined;
    return { record, wrapperAlive, tree };
  }
  if (!world.taggedProcesses.ok) {
    return { ...nothing, unknown: world.taggedProcesses.reason };
  }
  if (byRunId.length > 0) return { ...nothing, unknown: CHANGED };
  if (left.isUnsure) return { ...nothing, unknown: UNSURE };
  const { start = record.start } = table.get(record.pid) ?? {};
  const issue = start === record.start ? "dead" : "recycled";
  return { ...nothing, issue, lost: record };
}

/** A record that was copied with its project is of a run of the other project. */
function readingOf({ name }: Service, world: World): RunRecordReading {
  const reading = world.records.get(name) ?? { kind: "none" };
  if (reading.kind !== "valid" || !world.taggedProcesses.ok) return reading;
  const roots = world.taggedProcesses.value
    .filter(({ run }) => run === reading.record.run)
    .flatMap(({ root }) => root ?? []);
  const isCopied = roots.length > 0 && !roots.includes(world.root);
  return isCopied ? { kind: "none" } : reading;
}

/** Unknown counts as unchanged. */
function hasConfigChanged(
  { name }: Service,
  { record, issue }: Claim,
  { configHashes }: World,
): boolean {
  const now = configHashes.get(name);
  return record !== undefined && issue === undefined && now !== undefined &&
    record.configHash !== now;
}

function readPast(
  { name }: Service,
  { record, lost }: Claim,
  { endings, supervision }: World,
): Pick<Diagnosis, "restarts" | "ending" | "supervision"> {
  const run = record ?? lost;
  const ending = endings.get(name);
  const supervised = run ? supervision.get(run.run) : undefined;
  return {
    restarts: supervised?.restarts ?? run?.restarts ?? 0,
    ...(ending && run ? { ending } : {}),
    ...(supervised ? { supervision: supervised } : {}),
  };
}

function readHolders(
  port: number,
  service: Service,
  tree: readonly ProcessEntry[],
  world: World,
  table: ProcessTable,
): PortHolders {
  const rows = listenersOn(port, world.listeners);
  const pids = new Set(rows.flatMap((row) => row.pids));
  const members = new Set(tree.map((entry) => entry.pid));
  const ours: Holder[] = [];
  const others: Holder[] = [];
  for (const pid of pids) {
    const entry = table.get(pid);
    if (!entry || entry.zombie) continue;
    const holder = describe(entry, rows, world, table);
    if (members.has(pid)) ours.push(holder);
    else others.push(withRunOf(holder, service, world));
  }
  return {
    ours,
    others,
    hasHiddenOwner: rows.some(({ pids }) => pids.length === 0),
    hasDeadOwner: deadOwnersOf(rows, table).length > 0,
  };
}

/**
 * Finds the processes that inherited the port of a dead owner. They are this
 * project's where they began after its lost run, or by their own command.
 */
function readInheritedHolders(
  service: Service,
  claim: Claim,
  world: World,
  table: ProcessTable,
): Pick<Diagnosis, "state" | "holders" | "inheritedBy"> {
  const rows = listenersOn(service.port, world.listeners);
  const addresses = [...new Set(rows.map((row) => row.address))];
  const holders = deadOwnersOf(rows, table)
    .flatMap((pid) => inheritedSocketHolders(pid, table, world.details))
    .map((entry) => ({ ...describe(entry, [], world, table), addresses }))
    .map((holder) => withRunOf(holder, service, world));
  if (holders.length === 0) return { state: "stale-owner", holders };
  const record = claim.record ?? claim.lost;
  const isOfRun = record !== undefined && record.port === service.port &&
    holders.every(({ startedAt }) => startedAt >= Date.parse(record.startedAt));
  const isOurs = isOfRun ||
    holders.every((holder) =>
      isOfProject(service, holder, world) &&
      isKnownByCommand(service, holder, world)
    );
  return {
    state: "stale-owner",
    holders,
    inheritedBy: isOurs ? "ours" : "foreign",
  };
}

function describe(
  entry: ProcessEntry,
  rows: readonly Listener[],
  world: World,
  table: ProcessTable,
): Holder {
  const detail = world.details.get(entry.pid);
  const held = rows.filter((row) => row.pids.includes(entry.pid));
  const parents = parentsOf(entry.pid, table)
    .map(({ pid, name }) => ({ pid, name }));
  const project = projectOf({ pid: entry.pid, parents, ...detail }, world);
  const isElsewhere = project !== undefined && project.root !== world.root;
  return {
    pid: entry.pid,
    start: entry.start,
    name: entry.name,
    args: detail?.args ?? [],
    startedAt: entry.startedAt,
    addresses: [...new Set(held.map((row) => row.address))],
    parents,
    protected: isProtected(entry, world.self, table),
    ...(entry.suspended ? { suspended: true } : {}),
    ...(detail?.cwd === undefined ? {} : { cwd: detail.cwd }),
    ...(detail?.user === undefined ? {} : { user: detail.user }),
    ...(isElsewhere ? { project: project.root } : {}),
    ...(isElsewhere && project.isRun ? { isRunElsewhere: true } : {}),
    ...(isElsewhere && project.service ? { service: project.service } : {}),
  };
}

/** Adds the other service of the project, still in services.toml, that runs it. */
function withRunOf(holder: Holder, { name }: Service, world: World): Holder {
  const { root, isRun, service } = projectOf(holder, world) ?? {};
  const isOther = isRun && root === world.root && service !== undefined &&
    service !== name && world.configured?.has(service);
  return isOther ? { ...holder, runOf: service } : holder;
}

function stateOfUnidentified(
  unidentifiedHolder: UnidentifiedHolder | undefined,
): State {
  return unidentifiedHolder?.container === undefined ? "hidden" : "container";
}

/** The living processes that have a port as their end of a connection. */
function connectedTo(
  port: number,
  world: World,
  table: ProcessTable,
): readonly Holder[] {
  const { connected = [] } = world.unidentifiedHolders.get(port) ?? {};
  return connected.flatMap((pid) => {
    const entry = table.get(pid);
    return entry && !entry.zombie ? describe(entry, [], world, table) : [];
  });
}

/** The state of a port that is used, and on which nobody is seen to listen. */
function stateOfUnlisted(port: number, world: World): State {
  const unidentifiedHolder = world.unidentifiedHolders.get(port);
  const state = stateOfUnidentified(unidentifiedHolder);
  if (state === "container" || !unidentifiedHolder) return state;
  const { processes } = world;
  const isConnected = processes.ok &&
    connectedTo(port, world, processes.value).length > 0;
  if (isConnected) return "connected";
  return unidentifiedHolder.closing ? "closing" : state;
}

function stateOfOthers(
  service: Service,
  others: readonly Holder[],
  world: World,
): Pick<Diagnosis, "state" | "reason" | "isKnownByCommand"> {
  if (others.some(({ name }) => isContainerProgram(name))) {
    return { state: "container" };
  }
  const isOfProjects = others.every((holder) =>
    isOfProject(service, holder, world)
  );
  // The devsvc of the other project may run it; and a project inside this one
  // works in a folder of this one, too.
  const isInDoubt = isOfProjects ||
    others.some(({ project }) => project !== undefined);
  if (!world.taggedProcesses.ok && isInDoubt) {
    return { state: "unknown", reason: world.taggedProcesses.reason };
  }
  if (!isOfProjects) return { state: "foreign" };
  const isKnown = others.every((holder) =>
    isKnownByCommand(service, holder, world)
  );
  return { state: "untracked", isKnownByCommand: isKnown };
}

/**
 * Tells whether a process that devsvc did not start is of this project: it runs
 * in a folder of the project, or, where the OS shows none, it runs a file
 * of the project or the command of the service.
 */
function isOfProject(service: Service, holder: Holder, world: World): boolean {
  if (holder.protected) return false;
  const project = projectOf(holder, world);
  if (project) return project.root === world.root;
  if (holder.cwd !== undefined) return false;
  return holder.args.some((arg) => isWithin(world.root, arg)) ||
    isKnownByCommand(service, holder, world);
}

/**
 * Tells whether more than its folder says that a process of the project is this
 * service's: a devsvc started it for the project, or it or a parent runs the
 * command of the service.
 */
function isKnownByCommand(
  service: Service,
  holder: Holder,
  world: World,
): boolean {
  if (holder.runOf !== undefined) return false;
  if (projectOf(holder, world)?.isRun) return true;
  if (!world.processes.ok) return false;
  const entry = world.processes.value.get(holder.pid);
  if (!entry) return false;
  const real = inRealFolder(service, world);
  const isService = ({ pid }: ProcessEntry) => {
    const detail = world.details.get(pid);
    return detail !== undefined && runsServiceCommand(detail, real);
  };
  const { value: table } = world.processes;
  return serviceChainOf(entry, table, world.details, world, isService)
    .some(isService);
}

function stateOfOurs(service: Service, claim: Claim, world: World): State {
  if (!claim.wrapperAlive) return "orphan";
  const health = healthOf(service, claim, world);
  // Where the record is lost, nobody knows whether it was ready: as it holds its
  // port, it is, unless a check fails.
  const isKnown = claim.issue === undefined;
  if (!isKnown && health !== "unhealthy") return "running";
  if (claim.record?.readyAt !== undefined) return stateOfHealth(health);
  // The command that started it did not see it ready: its checks count now, if
  // all of them can be repeated.
  const canRepeat = service.ready.every(isRepeatable);
  if (canRepeat && health === "healthy") return "running";
  return isOverdue(service, claim, world) ? "unhealthy" : "starting";
}

/** The state of a service that has no port, or holds no socket on it. */
function stateWithoutSocket(
  service: Service,
  claim: Claim,
  world: World,
): State {
  if (claim.tree.length === 0) return stateOfGone(claim);
  if (!claim.wrapperAlive) return "orphan";
  const health = healthOf(service, claim, world);
  if (claim.issue !== undefined && service.port === undefined) {
    return stateOfPortless(service, health);
  }
  if (claim.record?.readyAt === undefined) {
    return isOverdue(service, claim, world) ? "unhealthy" : "starting";
  }
  if (service.port !== undefined) return "unhealthy";
  return stateOfPortless(service, health);
}

function stateOfPortless(service: Service, health: Health): State {
  const state = stateOfHealth(health);
  return state === "running" && !isProvable(service) ? "started" : state;
}

/** A command among the checks is run by the supervisor alone. */
function healthOf(
  service: Service,
  { record }: Claim,
  { health, supervision }: World,
): Health {
  const asked = health.get(service.name) ?? "unknown";
  // Where nothing is checked, nothing is proven.
  if (asked === "healthy" && !isProvable(service)) return "unknown";
  if (asked !== "unknown" || !record) return asked;
  return supervision.get(record.run)?.unhealthy ? "unhealthy" : "unknown";
}

function stateOfHealth(health: Health): State {
  return health === "unhealthy" ? "unhealthy" : "running";
}

function isOverdue(service: Service, claim: Claim, world: World): boolean {
  if (!claim.record) return false;
  // Of a run without a record nobody knows where its lines in the log begin.
  const canAwait = claim.issue === undefined ||
    service.ready.every(isRepeatable);
  if (!canAwait) return true;
  const age = world.now - Date.parse(claim.record.startedAt);
  return age > service.readyTimeout;
}

function stateOfGone(claim: Claim): State {
  return claim.issue === "dead" || claim.issue === "recycled"
    ? "crashed"
    : "stopped";
}

/** The state of a service on whose port no socket is shown. */
function stateOfSilentPort(
  port: number,
  claim: Claim,
  world: World,
): Pick<Diagnosis, "state" | "reason"> {
  const probe = world.probes.get(port) ?? "unknown";
  switch (probe) {
    case "free": {
      const state = stateOfGone(claim);
      return { state: state === "stopped" ? "free" : state };
    }
    case "used":
      return { state: stateOfUnlisted(port, world) };
    case "privileged":
    case "reserved":
      return { state: "reserved", reason: probe };
    case "unknown":
      return { state: "unknown", reason: "probe" };
  }
}
