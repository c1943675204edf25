/**
 * Runs that are known by their processes alone: the environment of each names
 * its run, its service and its project, whatever became of the run record.
 */

import type {
  Identity,
  ProcessEntry,
  ProcessTable,
  RunRecord,
  Service,
  World,
} from "./model.ts";
import { findAlive, treeOf } from "./process_tree.ts";

/** A living run. */
export interface TaggedRun {
  /** Its run id. */
  readonly run: string;
  /** Its wrapper, or the process that stands for it. */
  readonly leader: Identity;
  /** Whether that is the wrapper. */
  readonly wrapperAlive: boolean;
  /** When the oldest of its processes began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** Its processes, the leader first. */
  readonly tree: readonly ProcessEntry[];
}

/** Lists the processes that name a run as theirs. */
export function pidsOfRun(
  run: string,
  { taggedProcesses }: Pick<World, "taggedProcesses">,
): readonly number[] {
  return taggedProcesses.ok
    ? taggedProcesses.value.filter((process) => process.run === run)
      .map(({ pid }) => pid)
    : [];
}

/**
 * Finds the living runs of a service of this project, newest first.
 *
 * @returns The runs, and whether there are processes of which that is unknown:
 * the table does not show them yet, or nobody knows of which project they are.
 */
export function taggedRunsOf(
  service: string,
  world: Pick<World, "taggedProcesses" | "root">,
  table: ProcessTable,
): { readonly runs: readonly TaggedRun[]; readonly hasUnseen: boolean } {
  if (!world.taggedProcesses.ok) return { runs: [], hasUnseen: false };
  const own = world.taggedProcesses.value.filter((process) =>
    process.service === service && process.root === world.root
  );
  const byRun = [...Map.groupBy(own, ({ run }) => run)];
  const runs = byRun.flatMap(([run, processes]) =>
    runOf(run, processes.map(({ pid }) => pid), table) ?? []
  );
  // It may be of this project: nobody could see in which folder it works.
  const isUnclear = world.taggedProcesses.value.some((process) =>
    process.service === service && process.root === undefined &&
    table.get(process.pid)?.zombie === false
  );
  const shown = new Set(runs.map(({ run }) => run));
  const hasUnseen = isUnclear ||
    own.some(({ pid, run }) => !shown.has(run) && !table.has(pid));
  return {
    runs: runs.toSorted((a, b) => b.startedAt - a.startedAt),
    hasUnseen,
  };
}

function runOf(
  run: string,
  pids: readonly number[],
  table: ProcessTable,
): TaggedRun | undefined {
  const entries = pids.flatMap((pid) => table.get(pid) ?? [])
    .filter((entry) => findAlive(entry, table))
    .toSorted((a, b) => a.order - b.order || a.pid - b.pid);
  const [oldest] = entries;
  if (!oldest) return undefined;
  const leader = entries.find(leadsSession) ?? oldest;
  return {
    run,
    leader,
    wrapperAlive: leadsSession(leader),
    startedAt: oldest.startedAt,
    tree: treeOf(leader, pids, table),
  };
}

/** A wrapper does; macOS shows no sessions, but the group that it leads. */
function leadsSession({ pid, group, session }: ProcessEntry): boolean {
  return session === 0 ? group === pid : session === pid;
}

/** What the processes of a run show of it, in the form of a run record. */
export function recordOfRun(
  { name, command }: Pick<Service, "name" | "command">,
  { run, leader, startedAt }: TaggedRun,
): RunRecord {
  return {
    version: 1,
    service: name,
    run,
    pid: leader.pid,
    start: leader.start,
    command,
    configHash: "",
    startedAt: new Date(startedAt).toISOString(),
    logOffset: 0,
  };
}
