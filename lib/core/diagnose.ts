/**
 * From what was observed to a state for each service: the middle of the one
 * way through the program, and pure.
 *
 * @module
 */

import type {
  Command,
  Diagnosis,
  Health,
  Holder,
  Listener,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  RunRecordIssue,
  Service,
  State,
  UnidentifiedHolder,
  World,
} from "./model.ts";
import { listenersOn } from "./listeners.ts";
import { withPortMismatch } from "./port_mismatch.ts";
import { inheritedSocketHolders, orphansOf } from "./stale_owner.ts";
import { isWithin } from "./path.ts";
import { isContainerProgram, isProtected } from "./protect.ts";
import { findAlive, parentsOf, treeOf } from "./process_tree.ts";

/**
 * Decides the state of every service.
 *
 * @param services The services, in the order wanted.
 * @returns One diagnosis a service, in the same order.
 */
export function diagnose(
  services: readonly Service[],
  world: World,
): readonly Diagnosis[] {
  return services.map((service) =>
    withPortMismatch(diagnoseService(service, world), world.listeners)
  );
}

/** What the run record and the table of processes say together. */
interface Claim {
  readonly record?: RunRecord;
  readonly fault?: RunRecordIssue;
  readonly lost?: RunRecord;
  /** Why it cannot be told whether members of a gone wrapper live. */
  readonly doubt?: string;
  readonly wrapperAlive: boolean;
  readonly tree: readonly ProcessEntry[];
}

/** The sockets on the port of a service, sorted by whose they are. */
interface Rows {
  readonly ours: readonly Holder[];
  readonly others: readonly Holder[];
  /** The OS showed a socket but not its owner. */
  readonly unseen: boolean;
  /** The OS named owners that do not exist. */
  readonly dead: boolean;
}

function diagnoseService(service: Service, world: World): Diagnosis {
  const base = {
    service,
    holders: [],
    tree: [],
    health: "unknown",
    configChanged: false,
    environmentChanges: [],
    restarts: 0,
  } as const;
  if (!world.processes.ok) {
    return { ...base, state: "unknown", reason: world.processes.reason };
  }
  const table = world.processes.value;
  const claim = readRunRecord(service, world, table);
  const known = {
    ...base,
    tree: claim.tree,
    health: world.health.get(service.name) ?? "unknown",
    configChanged: claim.record !== undefined &&
      claim.record.configHash !== world.configHashes.get(service.name),
    environmentChanges: world.environmentChanges.get(service.name) ?? [],
    ...readPast(service, claim, world),
    ...(claim.record ? { record: claim.record } : {}),
    ...(claim.fault ? { recordIssue: claim.fault } : {}),
    ...(claim.lost ? { lost: claim.lost } : {}),
  };
  if (claim.doubt !== undefined) {
    return { ...known, state: "unknown", reason: claim.doubt };
  }
  if (service.port === undefined) {
    return { ...known, state: stateWithoutSocket(service, claim, world) };
  }
  if (!world.listeners.ok) {
    return { ...known, state: "unknown", reason: world.listeners.reason };
  }
  const rows = readRows(service.port, claim.tree, world, table);
  const unidentifiedHolder = world.unidentifiedHolders.get(service.port);
  const seen = {
    ...known,
    holders: [...rows.ours, ...rows.others],
    ...(unidentifiedHolder ? { unidentifiedHolder } : {}),
  };
  if (rows.others.length > 0) {
    return { ...seen, state: stateOfOthers(service, rows.others, world) };
  }
  if (rows.unseen) return { ...seen, state: stateOfUnseen(unidentifiedHolder) };
  if (rows.ours.length > 0) {
    return { ...seen, state: stateOfOurs(service, claim, world) };
  }
  if (rows.dead) {
    return { ...known, ...readInheritedHolders(service, claim, world, table) };
  }
  if (claim.tree.length > 0) {
    return { ...known, state: stateWithoutSocket(service, claim, world) };
  }
  return { ...seen, ...stateOfNobody(service.port, claim, world) };
}

function readRunRecord(
  service: Service,
  world: World,
  table: ProcessTable,
): Claim {
  const nothing = { wrapperAlive: false, tree: [] };
  const reading = world.records.get(service.name) ?? { kind: "none" };
  if (reading.kind === "none") return nothing;
  if (reading.kind !== "valid") return { ...nothing, fault: reading.kind };
  const record = reading.record;
  const withRunId = world.processesByRunId.ok
    ? world.processesByRunId.value.get(record.run) ?? []
    : [];
  const orphans = orphansOf(record, table);
  const tree = treeOf(record, [...withRunId, ...orphans], table);
  if (tree.length > 0) {
    const wrapperAlive = findAlive(record, table) !== undefined;
    return { record, wrapperAlive, tree };
  }
  if (!world.processesByRunId.ok) {
    return { ...nothing, doubt: world.processesByRunId.reason };
  }
  if (withRunId.length > 0) {
    // Forked after the table was read: they live, but nothing of them is known.
    return { ...nothing, doubt: "its processes changed during the look" };
  }
  const number = table.get(record.pid);
  const isRecycled = number !== undefined && number.start !== record.start;
  const fault = isRecycled ? "recycled" : "dead";
  return { ...nothing, fault, lost: record };
}

/** What is known of the runs so far. */
function readPast(
  { name }: Service,
  { record, lost }: Claim,
  { endings, supervision }: World,
): Pick<Diagnosis, "restarts" | "ending" | "supervision"> {
  const run = record ?? lost;
  const ending = endings.get(name);
  const kept = run ? supervision.get(run.run) : undefined;
  return {
    restarts: kept?.restarts ?? run?.restarts ?? 0,
    ...(ending && run ? { ending } : {}),
    ...(kept ? { supervision: kept } : {}),
  };
}

function readRows(
  port: number,
  tree: readonly ProcessEntry[],
  world: World,
  table: ProcessTable,
): Rows {
  const rows = listenersOn(port, world.listeners);
  const pids = new Set(rows.flatMap((row) => row.pids));
  const members = new Set(tree.map((entry) => entry.pid));
  const ours: Holder[] = [];
  const others: Holder[] = [];
  for (const pid of pids) {
    const entry = table.get(pid);
    if (!entry || entry.zombie) continue;
    const holder = describe(entry, rows, world, table);
    (members.has(pid) ? ours : others).push(holder);
  }
  const isDead = (pid: number) => table.get(pid)?.zombie ?? true;
  return {
    ours,
    others,
    unseen: rows.some((row) => row.pids.length === 0),
    dead: rows.some((row) => row.pids.length > 0 && row.pids.every(isDead)),
  };
}

/**
 * Tells who lives on with a port whose owner is dead. They are this project's
 * where they began after its lost run, or by their own command.
 */
function readInheritedHolders(
  service: Service,
  claim: Claim,
  world: World,
  table: ProcessTable,
): Pick<Diagnosis, "state" | "holders" | "inheritedBy"> {
  const rows = listenersOn(service.port, world.listeners);
  const dead = new Set(
    rows.flatMap((row) => row.pids)
      .filter((pid) => table.get(pid)?.zombie ?? true),
  );
  const addresses = [...new Set(rows.map((row) => row.address))];
  const holders = [...dead]
    .flatMap((pid) => inheritedSocketHolders(pid, table, world.details))
    .map((entry) => ({ ...describe(entry, [], world, table), addresses }));
  if (holders.length === 0) return { state: "stale-owner", holders };
  const record = claim.record ?? claim.lost;
  const isOfRun = record !== undefined && record.port === service.port &&
    holders.every(({ startedAt }) => startedAt >= Date.parse(record.startedAt));
  const isOurs = isOfRun ||
    holders.every((holder) => isOfProject(service, holder, world));
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
  return {
    pid: entry.pid,
    start: entry.start,
    name: entry.name,
    args: detail?.args ?? [],
    startedAt: entry.startedAt,
    addresses: [...new Set(held.map((row) => row.address))],
    parents: parentsOf(entry.pid, table)
      .map(({ pid, name }) => ({ pid, name })),
    protected: isProtected(entry, world.self, table),
    ...(detail?.cwd === undefined ? {} : { cwd: detail.cwd }),
    ...(detail?.user === undefined ? {} : { user: detail.user }),
  };
}

function stateOfUnseen(
  unidentifiedHolder: UnidentifiedHolder | undefined,
): State {
  return unidentifiedHolder?.container === undefined ? "hidden" : "container";
}

function stateOfOthers(
  service: Service,
  others: readonly Holder[],
  world: World,
): State {
  if (others.some((holder) => isContainerProgram(holder.name))) {
    return "container";
  }
  return others.every((holder) => isOfProject(service, holder, world))
    ? "untracked"
    : "foreign";
}

/**
 * Tells whether a process works for this project although devsvc did not start
 * it: it works in a folder of the project, or, where the OS tells no folder, it
 * runs a file of the project or the command of the service.
 */
function isOfProject(
  service: Service,
  holder: Holder,
  world: World,
): boolean {
  if (holder.protected) return false;
  if (holder.cwd !== undefined) return isWithin(world.root, holder.cwd);
  return holder.args.some((arg) => isWithin(world.root, arg)) ||
    runsCommand(holder.args, service.command);
}

/** `python /venv/bin/uvicorn app:app` runs the command `uvicorn app:app`. */
function runsCommand(args: readonly string[], command: Command): boolean {
  const words = typeof command === "string"
    ? command.trim().split(/\s+/)
    : command;
  const tail = args.slice(-words.length);
  return tail.length === words.length && tail.every((arg, index) => {
    const word = words[index] ?? "";
    return arg === word || (index === 0 && programOf(arg) === programOf(word));
  });
}

function programOf(path: string): string {
  const name = path.slice(
    Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1,
  );
  return name.replace(/\.(exe|cmd|bat)$/i, "");
}

function stateOfOurs(service: Service, claim: Claim, world: World): State {
  if (!claim.wrapperAlive) return "orphan";
  const health = world.health.get(service.name) ?? "unknown";
  if (claim.record?.readyAt !== undefined) return stateOfHealth(health);
  // Whoever started it did not see it ready; what the checks say now counts,
  // as long as they say all: a line in the log cannot be asked for again.
  const isTold = service.ready.every(({ kind }) => kind !== "log");
  if (isTold && health === "healthy") return "running";
  return isOverdue(service, claim, world) ? "unhealthy" : "starting";
}

/** A living tree that holds no socket on the port, or has no port. */
function stateWithoutSocket(
  service: Service,
  claim: Claim,
  world: World,
): State {
  if (claim.tree.length === 0) return claim.fault ? gone(claim) : "stopped";
  if (!claim.wrapperAlive) return "orphan";
  if (claim.record?.readyAt === undefined) {
    return isOverdue(service, claim, world) ? "unhealthy" : "starting";
  }
  if (service.port !== undefined) return "unhealthy";
  return stateOfHealth(world.health.get(service.name) ?? "unknown");
}

function stateOfHealth(health: Health): State {
  return health === "unhealthy" ? "unhealthy" : "running";
}

function isOverdue(service: Service, claim: Claim, world: World): boolean {
  if (!claim.record) return false;
  const age = world.now - Date.parse(claim.record.startedAt);
  return age > service.readyTimeout;
}

function gone(claim: Claim): State {
  return claim.fault === "dead" || claim.fault === "recycled"
    ? "crashed"
    : "stopped";
}

function stateOfNobody(
  port: number,
  claim: Claim,
  world: World,
): Pick<Diagnosis, "state" | "reason"> {
  const probe = world.probes.get(port) ?? "unknown";
  switch (probe) {
    case "free": {
      const state = gone(claim);
      return { state: state === "stopped" ? "free" : state };
    }
    case "used":
      return { state: stateOfUnseen(world.unidentifiedHolders.get(port)) };
    case "privileged":
    case "reserved":
      return { state: "reserved", reason: probe };
    case "unknown":
      return { state: "unknown", reason: "probe" };
  }
}
