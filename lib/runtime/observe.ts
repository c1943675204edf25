/**
 * Observing: a snapshot of everything that a diagnosis needs, with as few queries
 * of the OS as possible.
 */

import { diagnose } from "../core/diagnose.ts";
import {
  type Diagnosis,
  type Health,
  isRepeatable,
  type Listener,
  type Lookup,
  type Probe,
  type ProcessDetail,
  type ProcessTable,
  type Project,
  type RunRecordReading,
  type Service,
  type World,
} from "../core/model.ts";
import { findAlive, isContainerProgram, treeOf } from "../core/process_tree.ts";
import type { Host, QueryHost } from "../platform/host.ts";
import type { PlatformQueries } from "../platform/platform.ts";
import { recordNames, type StateDir, stateDirOf } from "./state/state_dir.ts";

/** Queries that were begun before the services were known. */
export interface EarlyQueries {
  /** All listeners of the machine. */
  readonly listeners: Promise<Lookup<readonly Listener[]>>;
  /** All processes of the machine. */
  readonly processes: Promise<Lookup<ProcessTable>>;
}

/** What is observed. */
export interface ObserveOptions {
  /** Queries in progress, used instead of new ones. */
  readonly early?: EarlyQueries | undefined;
  /** Compares the environments of the services; false by default. */
  readonly environment?: boolean | undefined;
  /**
   * Runs every check, commands too, and asks also what this project runs without
   * devsvc: for commands by which the user starts services. By default only what
   * the user's devsvc started is asked, over the network.
   */
  readonly checks?: Host | undefined;
  /**
   * Leaves out health, and the details of processes that devsvc started; false by
   * default.
   */
  readonly ownershipOnly?: boolean | undefined;
}

/**
 * Observes the machine, the run records and the health of services.
 *
 * @returns The snapshot, which says of each lookup whether it failed.
 */
export async function observe(
  project: Project,
  services: readonly Service[],
  host: QueryHost,
  { early, environment = false, ownershipOnly = false, checks }:
    ObserveOptions = {},
): Promise<World> {
  const { platform } = host;
  const dir = stateDirOf(project.root, host.fs);
  const records = await findRunRecords(dir, services, host.clock.now());
  const hasRunRecord = [...records.values()].some(({ kind }) =>
    kind === "valid"
  );
  const quick = hasRunRecord ? new Map() : await probeAll(services, platform);
  const isQuick = quick.size > 0 &&
    [...quick.values()].every((probe) => probe === "free");
  // The holder of a used port is looked up in it: both queries run concurrently.
  const needsTable = hasRunRecord || [...quick.values()].includes("used");
  // Health checks are likely to follow: loaded while the tools run.
  if (hasRunRecord && !ownershipOnly) void loadChecks();
  const [listeners, table] = await Promise.all([
    isQuick ? NO_LISTENERS : early?.listeners ?? platform.listeners(),
    needsTable ? early?.processes ?? platform.processTable() : undefined,
  ]);
  const rows = rowsOf(services, listeners);
  const processes = table ??
    (rows.length > 0 ? await platform.processTable() : NO_PROCESSES);
  const base = {
    now: host.clock.now(),
    root: project.root,
    self: platform.self,
    listeners,
    processes,
    records,
  };
  const readingRunIds = readProcessesByRunId(
    records,
    rows,
    processes,
    platform,
  );
  const [
    processesByRunId,
    details,
    probes,
    configHashes,
    health,
    past,
  ] = await Promise.all([
    readingRunIds,
    readDetails(
      rows,
      processes,
      platform,
      ownershipOnly ? membersOf(records, processes) : NO_PIDS,
    ),
    isQuick ? quick : probeUnlisted(services, listeners, host),
    hashConfigs(services, records, host),
    ownershipOnly || !hasRunRecord ? NO_HEALTH : readingRunIds.then(
      (processesByRunId) =>
        readOwnHealth(
          dir,
          diagnose(services, { ...NOT_READ, ...base, processesByRunId }),
          host,
          checks,
        ),
    ),
    hasRunRecord
      ? readPast(dir, services, { records, processes, platform, environment })
      : NO_PAST,
  ]);
  const unidentifiedHolders = await readUnidentifiedHolders(
    rows,
    probes,
    processes,
    platform,
  );
  const world = {
    ...base,
    now: host.clock.now(),
    processesByRunId,
    details,
    probes,
    unidentifiedHolders,
    configHashes,
    health,
    ...past,
  };
  if (!checks || ownershipOnly || rows.length === 0) return world;
  const others = await readUntrackedHealth(
    dir,
    diagnose(services, world),
    checks,
  );
  return others.size > 0
    ? { ...world, health: new Map([...health, ...others]) }
    : world;
}

/** What is not needed to find the living runs. */
const NOT_READ = {
  details: new Map(),
  probes: new Map(),
  unidentifiedHolders: new Map(),
  configHashes: new Map(),
  health: new Map(),
  endings: new Map(),
  supervision: new Map(),
  environmentChanges: new Map(),
} as const;

/** Mostly there is none at all, and nothing to be loaded to read it. */
async function findRunRecords(
  dir: StateDir,
  services: readonly Service[],
  now: number,
): Promise<ReadonlyMap<string, RunRecordReading>> {
  if (recordNames(dir)?.size === 0) return new Map();
  const { readRunRecords } = await import("./state/run_record.ts");
  return readRunRecords(dir, services.map(({ name }) => name), now);
}

type Past = Pick<World, "endings" | "supervision" | "environmentChanges">;

const NO_PAST: Past = {
  endings: new Map(),
  supervision: new Map(),
  environmentChanges: new Map(),
};

async function readPast(
  dir: StateDir,
  services: readonly Service[],
  { records, processes, platform, environment }: {
    readonly records: ReadonlyMap<string, RunRecordReading>;
    readonly processes: Lookup<ProcessTable>;
    readonly platform: PlatformQueries;
    readonly environment: boolean;
  },
): Promise<Past> {
  const { readEndings, readEnvironmentChanges, readSupervision } = await import(
    "./run_history.ts"
  );
  const [endings, supervision, environmentChanges] = await Promise.all([
    readEndings(dir, records, processes),
    readSupervision(dir, records),
    environment
      ? readEnvironmentChanges(services, records, platform)
      : NO_PAST.environmentChanges,
  ]);
  return { endings, supervision, environmentChanges };
}

/** All ports were proven free, so no tool was run. */
const NO_LISTENERS: Lookup<readonly Listener[]> = { ok: true, value: [] };

/** No process matters, so the table was not read. */
const NO_PROCESSES: Lookup<ProcessTable> = { ok: true, value: new Map() };

const NO_RUN_IDS: World["processesByRunId"] = { ok: true, value: new Map() };

function rowsOf(
  services: readonly Service[],
  listeners: Lookup<readonly Listener[]>,
): readonly Listener[] {
  if (!listeners.ok) return [];
  const ports = new Set(services.map(({ port }) => port));
  return listeners.value.filter(({ port }) => ports.has(port));
}

/**
 * The environments are searched for run ids only where the process table does not
 * suffice: the wrapper has ended, or the owner of the port is outside its tree.
 */
async function readProcessesByRunId(
  records: ReadonlyMap<string, RunRecordReading>,
  rows: readonly Listener[],
  processes: Lookup<ProcessTable>,
  platform: PlatformQueries,
): Promise<World["processesByRunId"]> {
  if (!processes.ok) return NO_RUN_IDS;
  const table = processes.value;
  for (const reading of records.values()) {
    if (reading.kind !== "valid") continue;
    const { record } = reading;
    const pids = new Set(treeOf(record, [], table).map(({ pid }) => pid));
    const isDoubtful = !findAlive(record, table) ||
      rows.some((row) =>
        row.port === record.port && row.pids.some((pid) => !pids.has(pid))
      );
    if (isDoubtful) return await platform.processesByRunId();
  }
  return NO_RUN_IDS;
}

const NO_PIDS: ReadonlySet<number> = new Set();

const NO_HEALTH: ReadonlyMap<string, Health> = new Map();

/** The members of the trees of all run records. */
function membersOf(
  records: ReadonlyMap<string, RunRecordReading>,
  processes: Lookup<ProcessTable>,
): ReadonlySet<number> {
  const table = processes.ok ? processes.value : new Map();
  return new Set(
    [...records.values()].flatMap((reading) =>
      reading.kind === "valid" ? treeOf(reading.record, [], table) : []
    ).map(({ pid }) => pid),
  );
}

async function readDetails(
  rows: readonly Listener[],
  processes: Lookup<ProcessTable>,
  platform: PlatformQueries,
  known: ReadonlySet<number>,
): Promise<ReadonlyMap<number, ProcessDetail>> {
  const owners = [...new Set(rows.flatMap((row) => row.pids))]
    .filter((pid) => !known.has(pid));
  const isDead = (pid: number) => processes.ok && !processes.value.has(pid);
  // Any process may hold the inherited socket of a dead owner: the arguments show it.
  const pids = processes.ok && owners.some(isDead)
    ? [...processes.value.keys()]
    : owners;
  return pids.length > 0 ? await platform.details(pids) : new Map();
}

/** Where a probe is reliable and has no side effect, it is cheaper than a tool. */
async function probeAll(
  services: readonly Service[],
  platform: PlatformQueries,
): Promise<ReadonlyMap<number, Probe>> {
  return platform.probesFirst
    ? await probePorts(services, new Set(), (port) => platform.probe(port))
    : new Map();
}

/** A port without a listener in the list may be held by another user or container. */
async function probeUnlisted(
  services: readonly Service[],
  listeners: Lookup<readonly Listener[]>,
  host: QueryHost,
): Promise<ReadonlyMap<number, Probe>> {
  if (!listeners.ok) return new Map();
  const listed = new Set(listeners.value.map(({ port }) => port));
  return await probePorts(
    services,
    listed,
    (port) => probeRepeatedly(port, host),
  );
}

async function probePorts(
  services: readonly Service[],
  listed: ReadonlySet<number>,
  probe: (port: number) => Promise<Probe>,
): Promise<ReadonlyMap<number, Probe>> {
  const probes = new Map<number, Probe>();
  for (const { port } of services) {
    if (port === undefined || listed.has(port) || probes.has(port)) continue;
    probes.set(port, await probe(port));
  }
  return probes;
}

/** How many probes in a row make an unlisted port count as used. */
const PROBES = 4;

/** The longest pause between two probes, in milliseconds. */
const PROBE_PAUSE = 12;

/**
 * A probe listens for an instant, so that two devsvc may take each other for an
 * unlisted holder. Each pauses for times that depend on its process id, or both
 * could collide again.
 */
async function probeRepeatedly(
  port: number,
  { platform, clock }: QueryHost,
): Promise<Probe> {
  for (let round = 1; round < PROBES; round++) {
    const found = await platform.probe(port);
    if (found !== "used") return found;
    const { pause } = await import("./poll.ts");
    await pause(clock, 1 + platform.self * round % PROBE_PAUSE);
  }
  return await platform.probe(port);
}

/** Looks up holders that the list does not name, or names a container proxy for. */
async function readUnidentifiedHolders(
  rows: readonly Listener[],
  probes: ReadonlyMap<number, Probe>,
  processes: Lookup<ProcessTable>,
  platform: PlatformQueries,
): Promise<World["unidentifiedHolders"]> {
  const nameOf = (pid: number) =>
    processes.ok ? processes.value.get(pid)?.name ?? "" : "";
  const isUnidentified = ({ pids }: Listener) =>
    pids.length === 0 || pids.some((pid) => isContainerProgram(nameOf(pid)));
  const ports = new Set([
    ...rows.filter(isUnidentified).map(({ port }) => port),
    ...[...probes].filter(([, probe]) => probe === "used").map(([port]) =>
      port
    ),
  ]);
  return ports.size > 0
    ? await platform.unidentifiedHolders([...ports])
    : new Map();
}

async function hashConfigs(
  services: readonly Service[],
  records: ReadonlyMap<string, RunRecordReading>,
  { sha256 }: QueryHost,
): Promise<ReadonlyMap<string, string>> {
  const recorded = services.filter(({ name }) =>
    records.get(name)?.kind === "valid"
  );
  if (recorded.length === 0) return new Map();
  const { configHash } = await import("../config/config_hash.ts");
  return new Map(
    await Promise.all(
      recorded.map(async (service) =>
        [service.name, await configHash(service, sha256)] as const
      ),
    ),
  );
}

/** Only where something runs that devsvc started, or is being started. */
function loadChecks() {
  return Promise.all([
    import("../core/living_run.ts"),
    import("./start/probes.ts"),
  ]);
}

/**
 * Reads the health of the services that the user's devsvc started and that live:
 * of a service with a port, where its processes alone hold it.
 *
 * @param checks Also runs the commands among the checks.
 * @returns `unknown` where the other checks pass and a command was not run.
 */
async function readOwnHealth(
  dir: StateDir,
  diagnoses: readonly Diagnosis[],
  host: QueryHost,
  checks: Host | undefined,
): Promise<ReadonlyMap<string, Health>> {
  const health = new Map<string, Health>();
  const [{ LivingRun }, probes] = await loadChecks();
  await Promise.all(diagnoses.map(async (diagnosis) => {
    const { service } = diagnosis;
    const run = LivingRun.find(diagnosis);
    if (!run || (service.port !== undefined && !run.ownsPort)) return;
    const all = service.ready.filter(isRepeatable);
    const asked = checks ? all : all.filter(({ kind }) => kind !== "command");
    const target = probes.checkTargetFor(diagnosis, dir);
    const asking = checks ?? probes.networkChecksOf(run, host);
    const failure = await probes.firstFailure(asked, target, asking);
    health.set(
      service.name,
      failure ? "unhealthy" : asked.length < all.length ? "unknown" : "healthy",
    );
  }));
  return health;
}

/** Reads the health of what this project runs without devsvc. */
async function readUntrackedHealth(
  dir: StateDir,
  diagnoses: readonly Diagnosis[],
  checks: Host,
): Promise<ReadonlyMap<string, Health>> {
  const health = new Map<string, Health>();
  const untracked = diagnoses.filter(({ state }) => state === "untracked");
  if (untracked.length === 0) return health;
  const { checkTargetFor, firstFailure } = await import("./start/probes.ts");
  await Promise.all(untracked.map(async (diagnosis) => {
    const { name, ready } = diagnosis.service;
    const target = checkTargetFor(diagnosis, dir);
    const failure = await firstFailure(
      ready.filter(isRepeatable),
      target,
      checks,
    );
    health.set(name, failure ? "unhealthy" : "healthy");
  }));
  return health;
}
