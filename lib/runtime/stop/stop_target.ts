/**
 * The processes that end when a service is stopped, and those that may stay.
 */

import {
  lastSignOfLife,
  type Leftovers,
  leftoversOf,
  UNSURE,
} from "../../core/leftovers.ts";
import { listenersOn } from "../../core/listeners.ts";
import type {
  Diagnosis,
  Identity,
  Lookup,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  Service,
  World,
} from "../../core/model.ts";
import {
  findAlive,
  orphansOf,
  parentsOf,
  rootOf,
  serviceChainOf,
  treeOf,
  withDescendants,
} from "../../core/process_tree.ts";
import {
  inRealFolder,
  runsServiceCommand,
} from "../../core/service_command.ts";
import { pidsOfRun } from "../../core/tagged_runs.ts";
import type { ActContext } from "../act_context.ts";
import { settleRoots } from "../observe.ts";

/** All processes that are to end: the target grows while its members fork. */
export interface StopTarget {
  /** The service. */
  readonly service: Service;
  /** The run record of its run, if devsvc started it. */
  readonly record?: RunRecord;
  /** The runs that live beside it. */
  readonly otherRuns?: readonly RunRecord[];
  /**
   * The folder of the project: all that names it and the service is to end.
   * Absent where only the run itself is.
   */
  readonly root?: string;
  /** The roots of processes that devsvc did not start. */
  readonly roots: readonly Identity[];
  /** When its wrapper lived for certain, in milliseconds since 1970. */
  readonly livedUntil?: number;
  /** The sessions of wrappers of which the last read showed members. */
  readonly sessions?: Set<number>;
  /** Every member that was ever seen. */
  readonly known: Map<number, ProcessEntry>;
  /** The processes that may hold the port afterwards. */
  readonly ignoredHolders: IgnoredHolders;
}

/** The holders of a port that are not stopped with the service. */
export interface IgnoredHolders {
  /** The processes that the OS shows. */
  readonly holders: readonly Identity[];
  /** There are others, which the OS does not show. */
  readonly hasHidden: boolean;
}

/** No process may hold the port afterwards. */
export const NO_IGNORED_HOLDERS: IgnoredHolders = {
  holders: [],
  hasHidden: false,
};

/** Decides from a diagnosis which processes are to end. */
export async function stopTargetOf(
  diagnosis: Diagnosis,
  world: World,
  context: ActContext,
): Promise<StopTarget> {
  const { service, record, otherRuns, tree } = diagnosis;
  // Members count although their wrapper, which led to them, may end first.
  const known = new Map(tree.map((entry) => [entry.pid, entry]));
  const others = diagnosis.holders.filter(({ pid }) => !known.has(pid));
  // Only a holder of this project is stopped from the root of its tree.
  const roots = diagnosis.state === "untracked"
    ? await projectRootsOf(service, others, world, context)
    : others;
  return {
    service,
    ...(record ? { record } : {}),
    ...(otherRuns ? { otherRuns } : {}),
    root: world.root,
    livedUntil: record ? lastSignOfLife(record, diagnosis.ending?.at) : 0,
    sessions: new Set(),
    roots,
    known,
    ignoredHolders: roots.length > 0
      ? NO_IGNORED_HOLDERS
      : ignoredHoldersOf(service, known, world),
  };
}

async function projectRootsOf(
  service: Service,
  holders: readonly Identity[],
  world: World,
  { platform }: ActContext,
): Promise<readonly Identity[]> {
  if (holders.length === 0 || !world.processes.ok) return [];
  const table = world.processes.value;
  const parents = holders.flatMap(({ pid }) =>
    parentsOf(pid, table).map((parent) => parent.pid)
  );
  const details = new Map([
    ...world.details,
    ...await platform.details([...new Set(parents)]),
  ]);
  const real = inRealFolder(service, world);
  const isService = ({ pid }: ProcessEntry) => {
    const detail = details.get(pid);
    return detail !== undefined && runsServiceCommand(detail, real);
  };
  // The root may have ended meanwhile: the holder is a root all the same.
  return holders.flatMap((holder) => {
    const entry = findAlive(holder, table);
    if (!entry) return [holder];
    const chain = serviceChainOf(entry, table, details, world, isService);
    return [rootOf(chain, table, isService), holder];
  });
}

function ignoredHoldersOf(
  { port }: Service,
  members: ReadonlyMap<number, ProcessEntry>,
  world: World,
): IgnoredHolders {
  const table = world.processes.ok ? world.processes.value : new Map();
  const rows = listenersOn(port, world.listeners);
  const pids = rows.flatMap((row) => row.pids)
    .filter((pid) => !members.has(pid));
  return {
    holders: pids.flatMap((pid) => table.get(pid) ?? []),
    hasHidden: rows.some((row) => row.pids.length === 0),
  };
}

/** The living members, and the table that shows them. */
export interface Members {
  /** Parents before children. */
  readonly members: readonly ProcessEntry[];
  /** All processes. */
  readonly table: ProcessTable;
}

/** How often processes that keep changing are read. */
const READS_MAX = 5;

/**
 * Reads the living members.
 *
 * Run ids are read from every environment, which is slow; so they are read only
 * when the table shows no member. They count for the table read before them: in
 * a later one a number may be another process's. Where that table does not show
 * them, both are read again.
 *
 * @param onNoneShown Is called as soon as a table shows no member, so that the
 * port can be checked while the run ids are read.
 */
export async function readMembers(
  target: StopTarget,
  context: ActContext,
  onNoneShown?: () => void,
): Promise<Lookup<Members>> {
  const { platform } = context;
  for (let read = 0; read < READS_MAX; read++) {
    const processes = await platform.processTable();
    if (!processes.ok) return processes;
    const table = processes.value;
    const shown = membersIn(target, NOT_ASKED, table);
    if (shown.length === 0) onNoneShown?.();
    const isTagging = target.record ?? target.root;
    if (shown.length > 0 || isTagging === undefined) {
      return { ok: true, value: { members: shown, table } };
    }
    const taggedProcesses = await readTagged(target, context);
    if (!taggedProcesses.ok) return taggedProcesses;
    const members = membersIn(target, taggedProcesses, table);
    const isTagged = runsOf(target)
      .some(({ run }) => pidsOfRun(run, { taggedProcesses }).length > 0) ||
      taggedOf(target, taggedProcesses).length > 0;
    if (members.length === 0 && !isTagged) {
      const isUnsure = runsOf(target)
        .some((record) => leftIn(record, [], target, table).isUnsure);
      if (isUnsure) return { ok: false, reason: UNSURE };
    }
    if (members.length > 0 || !isTagged) {
      return { ok: true, value: { members, table } };
    }
  }
  return {
    ok: false,
    reason: "its processes change faster than they are seen",
  };
}

/** Where the project of a process cannot be told, it may be of this one. */
async function readTagged(
  target: StopTarget,
  context: ActContext,
): Promise<World["taggedProcesses"]> {
  const found = await context.platform.taggedProcesses();
  if (target.root === undefined) return found;
  const settled = await settleRoots(found, target.root, context);
  if (!found.ok || !settled.ok) return settled;
  const runs = new Set(runsOf(target).map(({ run }) => run));
  const { root } = target;
  const isUnclear = settled.value.some(({ service, run, root }) =>
    root === undefined && service === target.service.name && !runs.has(run)
  );
  return isUnclear
    ? { ok: false, reason: "the project of a process could not be told" }
    // devsvc may run inside the service, which has not ended then.
    : {
      ok: true,
      value: [
        ...settled.value,
        ...found.value.filter(({ pid }) => pid === context.platform.self)
          .map((self) => ({ root, ...self })),
      ],
    };
}

/** The environments were not searched. */
const NOT_ASKED: World["taggedProcesses"] = { ok: true, value: [] };

/** All runs that are to end. */
function runsOf({ record, otherRuns }: StopTarget): readonly RunRecord[] {
  return record ? [record, ...otherRuns ?? []] : [];
}

/** The processes that name the service and the project, of whatever run. */
function taggedOf(
  { service, root }: StopTarget,
  taggedProcesses: World["taggedProcesses"],
): readonly number[] {
  if (root === undefined || !taggedProcesses.ok) return [];
  return taggedProcesses.value
    .filter((one) => one.service === service.name && one.root === root)
    .map(({ pid }) => pid);
}

/**
 * The session of a wrapper stays that of the run from one read to the next, also
 * where all members that were known have ended in between.
 */
function leftIn(
  record: RunRecord,
  byRunId: readonly number[],
  { known, sessions, livedUntil = 0 }: StopTarget,
  table: ProcessTable,
): Leftovers {
  const alive = [...known.values()].filter((one) => findAlive(one, table));
  const proven = [...byRunId, ...alive.map(({ pid }) => pid)];
  const until = sessions?.has(record.pid) ? Infinity : livedUntil;
  const left = leftoversOf(record, proven, until, table);
  const isTheirs = left.pids.length > 0 || findAlive(record, table);
  if (isTheirs) sessions?.add(record.pid);
  else sessions?.delete(record.pid);
  return left;
}

function membersIn(
  target: StopTarget,
  taggedProcesses: World["taggedProcesses"],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const { roots, known } = target;
  const tree = runsOf(target).flatMap((record) => {
    const byRunId = pidsOfRun(record.run, { taggedProcesses });
    const left = leftIn(record, byRunId, target, table).pids;
    const orphans = orphansOf(record, table);
    return treeOf(record, [...byRunId, ...orphans, ...left], table);
  });
  const tagged = taggedOf(target, taggedProcesses)
    .flatMap((pid) => table.get(pid) ?? []);
  const others = [...roots, ...known.values(), ...tagged]
    .flatMap((identity) => findAlive(identity, table) ?? []);
  const found = new Map(
    [...tree, ...withDescendants(others, table)]
      .map((entry) => [entry.pid, entry]),
  );
  for (const entry of found.values()) known.set(entry.pid, entry);
  return [...found.values()];
}
