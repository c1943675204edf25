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
  type TaggedProcess,
  type World,
} from "../core/model.ts";
import { listenersOn } from "../core/listeners.ts";
import {
  deadOwnersOf,
  findAlive,
  isContainerProgram,
  treeOf,
} from "../core/process_tree.ts";
import { realPathOf, statOrUndefined } from "../platform/file_system.ts";
import type { Host, QueryHost } from "../platform/host.ts";
import type { PlatformQueries } from "../platform/platform.ts";
import { recordNames, type StateDir, stateDirOf } from "./state/state_dir.ts";

/** Queries that were begun before the services were known. */
export interface EarlyQueries {
  /** All listeners of the machine. */
  readonly listeners?: Promise<Lookup<readonly Listener[]>>;
  /** All processes of the machine. */
  readonly processes?: Promise<Lookup<ProcessTable>>;
  /** All processes that name a run. */
  readonly taggedProcesses?: Promise<World["taggedProcesses"]>;
}

/** Which variables of services are compared. */
export type EnvironmentScope = "all" | "configured";

/** What is observed. */
export interface ObserveOptions {
  /** Queries in progress, used instead of new ones. */
  readonly early?: EarlyQueries | undefined;
  /**
   * Compares the environments of the services, or of these what services.toml and
   * the env files set; nothing by default.
   */
  readonly environment?: EnvironmentScope | undefined;
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
  /**
   * Searches all processes for runs of this project, also where no service is in
   * doubt; false by default. It finds what the run records do not know: services
   * that are not in services.toml, and second runs.
   */
  readonly everyRun?: boolean | undefined;
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
  options: ObserveOptions = {},
): Promise<World> {
  const world = await observeOnce(project, services, host, options);
  return await hasChanged(services, world, host)
    ? await observeOnce(project, services, host, {
      ...options,
      early: undefined,
    })
    : world;
}

/**
 * Whether a service began to listen between the list and the probe of its port, or
 * ended between the list and the table of processes.
 */
async function hasChanged(
  services: readonly Service[],
  { listeners, probes, processes }: World,
  { platform }: QueryHost,
): Promise<boolean> {
  if (!listeners.ok) return false;
  const ports = services.flatMap(({ port }) => port ?? []);
  const unlisted = ports.filter((port) =>
    probes.get(port) === "used" && listenersOn(port, listeners).length === 0
  );
  const deadOwners = (found: Lookup<readonly Listener[]>) =>
    processes.ok && processes !== NO_PROCESSES
      ? deadOwnersOf(
        ports.flatMap((port) => listenersOn(port, found)),
        processes.value,
      )
      : [];
  const dead = deadOwners(listeners);
  if (unlisted.length === 0 && dead.length === 0) return false;
  const now = await platform.listeners();
  return unlisted.some((port) => listenersOn(port, now).length > 0) ||
    (now.ok && deadOwners(now).join() !== dead.join());
}

async function observeOnce(
  project: Project,
  services: readonly Service[],
  host: QueryHost,
  {
    early,
    environment,
    ownershipOnly = false,
    everyRun = false,
    checks,
  }: ObserveOptions,
): Promise<World> {
  const { platform } = host;
  const detailsOf = (pids: readonly number[]) =>
    pids.length > 0 ? platform.details(pids) : NO_DETAILS;
  const dir = stateDirOf(project.root, host.fs);
  const root = realPathOf(host.fs, project.root);
  const recorded = everyRun ? allServices(dir, project, services) : services;
  const records = await findRunRecords(dir, recorded, host.clock.now());
  const hasRunRecord = [...records.values()].some(({ kind }) =>
    kind === "valid"
  );
  const looksFirst = everyRun || services.some((one) => isLost(one, records));
  const quick = hasRunRecord ? new Map() : await probeAll(services, platform);
  const isQuick = quick.size > 0 &&
    [...quick.values()].every((probe) => probe === "free");
  // The holder of a used port is looked up in it: both queries run concurrently.
  const needsTable = hasRunRecord || [...quick.values()].includes("used");
  // Health checks are likely to follow: loaded while the tools run.
  if (hasRunRecord && !ownershipOnly) void loadChecks();
  const listing = isQuick
    ? Promise.resolve(NO_LISTENERS)
    : early?.listeners ?? platform.listeners();
  // Beside the table, which takes longer than the list.
  const ownerDetails = isQuick || ownershipOnly
    ? undefined
    : listing.then((found) => detailsOf(ownersOf(rowsOf(services, found))));
  const [listeners, table, tagged] = await Promise.all([
    listing,
    needsTable ? early?.processes ?? platform.processTable() : undefined,
    looksFirst
      ? (early?.taggedProcesses ?? platform.taggedProcesses()).then((found) =>
        settleRoots(found, root, host)
      )
      : undefined,
  ]);
  const rows = rowsOf(services, listeners);
  const isTagged = tagged?.ok === true &&
    hasOtherRuns(tagged.value, root, table && membersOf(records, table));
  const processes = table ??
    (rows.length > 0 || isTagged
      ? await platform.processTable()
      : NO_PROCESSES);
  const looksAgain = tagged
    ? isTagged
    : isInDoubt(services, records, rows, processes);
  const base = {
    now: host.clock.now(),
    root,
    self: platform.self,
    listeners,
    processes,
    configured: new Set(project.services.map(({ name }) => name)),
    records,
  };
  const findingTagged = looksAgain
    ? platform.taggedProcesses().then((found) => settleRoots(found, root, host))
    : Promise.resolve(tagged ?? NO_TAGGED);
  const findingDetails = Promise.resolve(
    hasDeadOwner(rows, processes)
      // Any process may hold the inherited socket: the arguments show it.
      ? detailsOf([...processes.value.keys()])
      : ownerDetails ?? detailsOf(othersThan(records, rows, processes)),
  );
  const [
    taggedProcesses,
    facts,
    probes,
    configHashes,
    health,
    past,
  ] = await Promise.all([
    findingTagged,
    findingDetails.then((details) =>
      holderFacts(details, services, othersThan(records, rows, processes), {
        processes,
        root,
        host,
      })
    ),
    isQuick ? quick : probeUnlisted(services, listeners, host),
    hashConfigs(services, records, host),
    ownershipOnly || !hasRunRecord ? NO_HEALTH : findingTagged.then(
      (taggedProcesses) =>
        readOwnHealth(
          dir,
          diagnose(services, { ...NOT_READ, ...base, taggedProcesses }),
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
  const connected = [...unidentifiedHolders.values()]
    .flatMap(({ connected = [] }) => connected);
  const isNew = connected.length > 0 && processes === NO_PROCESSES;
  const world = {
    ...base,
    now: host.clock.now(),
    ...(isNew ? { processes: await platform.processTable() } : {}),
    taggedProcesses,
    ...facts,
    ...(connected.length > 0
      ? {
        details: new Map([...facts.details, ...await detailsOf(connected)]),
      }
      : {}),
    probes,
    unidentifiedHolders,
    configHashes,
    health,
    ...past,
  };
  if (ownershipOnly) return world;
  const debugPorts = hasRunRecord && listeners.ok
    ? await readMismatchedDebugPorts(services, world, platform)
    : undefined;
  const explained = debugPorts ? { ...world, debugPorts } : world;
  if (!checks || rows.length === 0) return explained;
  const others = await readUntrackedHealth(
    dir,
    diagnose(services, explained),
    checks,
  );
  return others.size > 0
    ? { ...explained, health: new Map([...health, ...others]) }
    : explained;
}

/** Reads what distinguishes a debugger, where a port mismatch would be told. */
async function readMismatchedDebugPorts(
  services: readonly Service[],
  world: World,
  platform: PlatformQueries,
): Promise<ReadonlySet<number> | undefined> {
  const rows = world.listeners.ok ? world.listeners.value : [];
  const isSilent = ({ port }: Service) =>
    port !== undefined && rows.every((row) => row.port !== port);
  if (!services.some(isSilent)) return undefined;
  const owners = diagnose(services, world)
    .flatMap(({ mismatchedPorts = [], tree }) => {
      const members = new Set(tree.map(({ pid }) => pid));
      return rows.filter(({ port }) => mismatchedPorts.includes(port))
        .flatMap(({ pids }) => pids.filter((pid) => members.has(pid)));
    });
  if (owners.length === 0) return undefined;
  const { readDebugPorts } = await import("./debug_ports.ts");
  return await readDebugPorts([...new Set(owners)], platform);
}

/** What is not needed to find the living runs. */
const NOT_READ = {
  details: new Map(),
  projects: new Map(),
  folders: new Map(),
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
  services: readonly Pick<Service, "name">[],
  now: number,
): Promise<ReadonlyMap<string, RunRecordReading>> {
  if (recordNames(dir)?.size === 0) return new Map();
  const { readRunRecords } = await import("./state/run_record.ts");
  return readRunRecords(dir, services.map(({ name }) => name), now);
}

/** Adds the services that have a run record, but are not in services.toml. */
function allServices(
  dir: StateDir,
  project: Project,
  services: readonly Service[],
): readonly Pick<Service, "name">[] {
  const configured = new Set(project.services.map(({ name }) => name));
  const others = [...recordNames(dir) ?? []]
    .flatMap((file) => /^([\w-]+)\.json$/.exec(file)?.[1] ?? [])
    .filter((name) => !configured.has(name))
    .map((name) => ({ name }));
  return [...services, ...others];
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
    readonly environment: EnvironmentScope | undefined;
  },
): Promise<Past> {
  const { readEndings, readEnvironmentChanges, readSupervision } = await import(
    "./run_history.ts"
  );
  const [endings, supervision, environmentChanges] = await Promise.all([
    readEndings(dir, records, processes),
    readSupervision(dir, records),
    environment
      ? readEnvironmentChanges(services, records, platform, environment)
      : NO_PAST.environmentChanges,
  ]);
  return { endings, supervision, environmentChanges };
}

/** All ports were proven free, so no tool was run. */
const NO_LISTENERS: Lookup<readonly Listener[]> = { ok: true, value: [] };

/** No process matters, so the table was not read. */
const NO_PROCESSES: Lookup<ProcessTable> = { ok: true, value: new Map() };

/** Nobody looked. */
const NO_TAGGED: World["taggedProcesses"] = { ok: true, value: [] };

function rowsOf(
  services: readonly Service[],
  listeners: Lookup<readonly Listener[]>,
): readonly Listener[] {
  if (!listeners.ok) return [];
  const ports = new Set(services.map(({ port }) => port));
  return listeners.value.filter(({ port }) => ports.has(port));
}

/**
 * Tells whether a service may run although its run record says nothing of it,
 * and no port would show it.
 */
function isLost(
  { name, port }: Service,
  records: ReadonlyMap<string, RunRecordReading>,
): boolean {
  const kind = records.get(name)?.kind ?? "none";
  return kind !== "valid" && (port === undefined || kind !== "none");
}

/**
 * Tells whether the process table does not suffice: a wrapper has ended, or a
 * port is held by a process outside the tree of its service.
 */
function isInDoubt(
  services: readonly Service[],
  records: ReadonlyMap<string, RunRecordReading>,
  rows: readonly Listener[],
  processes: Lookup<ProcessTable>,
): boolean {
  if (!processes.ok) return false;
  const table = processes.value;
  return services.some(({ name, port }) => {
    const reading = records.get(name);
    const record = reading?.kind === "valid" ? reading.record : undefined;
    if (record && !findAlive(record, table)) return true;
    const tree = record ? treeOf(record, [], table) : [];
    const pids = new Set(tree.map(({ pid }) => pid));
    return rows.some((row) =>
      row.port === port && row.pids.some((pid) => !pids.has(pid))
    );
  });
}

/**
 * Tells whether a first look at the environments shows more than the run records
 * do. It ran beside the other queries, and a process id may have had another
 * process in the table of processes: only that there is nothing counts. Else the
 * environments are searched again, after the table.
 */
function hasOtherRuns(
  tagged: readonly TaggedProcess[],
  root: string,
  members: ReadonlySet<number> = NO_PIDS,
): boolean {
  return tagged.some((process) =>
    (process.root ?? root) === root && !members.has(process.pid)
  );
}

/**
 * Adds the root where an earlier devsvc did not set it, or where the project was
 * moved since: the project is then that of the folder in which the process works.
 * devsvc itself counts for no run, also where a service has called it.
 */
export async function settleRoots(
  tagged: World["taggedProcesses"],
  root: string,
  { platform, fs }: QueryHost,
): Promise<World["taggedProcesses"]> {
  if (!tagged.ok || tagged.value.length === 0) return tagged;
  const isThere = new Map([[root, true]]);
  const value = tagged.value.filter(({ pid }) => pid !== platform.self)
    .map(({ root, ...process }): TaggedProcess => {
      if (root === undefined) return process;
      const known = isThere.get(root) ??
        statOrUndefined(fs, root) !== undefined;
      isThere.set(root, known);
      return known ? { ...process, root } : process;
    });
  const rootless = value.filter((process) => process.root === undefined);
  if (rootless.length === 0) return { ok: true, value };
  const [details, { projectOfFolder }] = await Promise.all([
    platform.details(rootless.map(({ pid }) => pid)),
    import("./observe_projects.ts"),
  ]);
  const settled = value.map((process) => {
    const cwd = details.get(process.pid)?.cwd;
    return process.root !== undefined || cwd === undefined
      ? process
      : { ...process, root: projectOfFolder(cwd, root, fs) ?? cwd };
  });
  if (settled.every((process) => process.root !== undefined)) {
    return { ok: true, value: settled };
  }
  // Those that have ended meanwhile work in no folder.
  const now = await platform.taggedProcesses();
  if (!now.ok) return { ok: true, value: settled };
  const living = new Set(now.value.map(({ pid }) => pid));
  // A number may be that of another process by now.
  const seen = new Set(tagged.value.map(({ pid, run }) => `${pid} ${run}`));
  return {
    ok: true,
    value: [
      ...settled.filter(({ pid, root }) =>
        root !== undefined || living.has(pid)
      ),
      // What they became meanwhile.
      ...now.value.filter(({ pid, run }) => !seen.has(`${pid} ${run}`)),
    ],
  };
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

const NO_DETAILS: ReadonlyMap<number, ProcessDetail> = new Map();

function ownersOf(rows: readonly Listener[]): readonly number[] {
  return [...new Set(rows.flatMap(({ pids }) => pids))];
}

/** Tells whether the OS names an owner that does not exist. */
function hasDeadOwner(
  rows: readonly Listener[],
  processes: Lookup<ProcessTable>,
): processes is Extract<Lookup<ProcessTable>, { ok: true }> {
  return processes.ok &&
    ownersOf(rows).some((pid) => !processes.value.has(pid));
}

/** The owners that are of no run. */
function othersThan(
  records: ReadonlyMap<string, RunRecordReading>,
  rows: readonly Listener[],
  processes: Lookup<ProcessTable>,
): readonly number[] {
  const members = membersOf(records, processes);
  return ownersOf(rows).filter((pid) => !members.has(pid));
}

/** Where all holders are of runs, nothing is loaded to find out whose they are. */
async function holderFacts(
  details: ReadonlyMap<number, ProcessDetail>,
  services: readonly Service[],
  others: readonly number[],
  { processes, root, host }: {
    readonly processes: Lookup<ProcessTable>;
    readonly root: string;
    readonly host: QueryHost;
  },
): Promise<Pick<World, "details" | "projects" | "folders">> {
  if (others.length === 0 || !processes.ok) {
    return { details, projects: new Map(), folders: new Map() };
  }
  const { readHolderFacts } = await import("./observe_projects.ts");
  const table = processes.value;
  const seen = { others, services, table, root, host };
  return await readHolderFacts(details, seen);
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
    // It accepts connections and never answers.
    if (diagnosis.state === "suspended") return;
    const all = service.ready.filter(isRepeatable);
    const asked = checks ? all : all.filter(({ kind }) => kind !== "command");
    const target = probes.checkTargetFor(diagnosis, dir);
    const asking = checks ?? probes.networkChecksOf(run, host);
    const failure = await probes.firstFailure(asked, target, asking, {
      timeout: service.live.timeout,
    });
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
    const { name, ready, live: { timeout } } = diagnosis.service;
    if (diagnosis.holders.some(({ suspended }) => suspended)) {
      health.set(name, "unhealthy");
      return;
    }
    const target = checkTargetFor(diagnosis, dir);
    const failure = await firstFailure(
      ready.filter(isRepeatable),
      target,
      checks,
      { timeout },
    );
    health.set(name, failure ? "unhealthy" : "healthy");
  }));
  return health;
}
