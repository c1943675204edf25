/**
 * Which processes belong together, told from one table of processes.
 *
 * @module
 */

import type { Identity, ProcessEntry, ProcessTable } from "./model.ts";

/**
 * Finds a process that still is the one meant, and alive.
 *
 * @returns Its entry, or `undefined` if it is gone, a zombie, or another
 * process has its number now.
 */
export function findAlive(
  identity: Identity,
  table: ProcessTable,
): ProcessEntry | undefined {
  const entry = table.get(identity.pid);
  return entry && entry.start === identity.start && !entry.zombie
    ? entry
    : undefined;
}

/**
 * Lists the parents of a process, nearest first.
 *
 * A parent younger than its child is a stranger that was given the number of
 * the real one; the chain ends before it.
 */
export function parentsOf(
  pid: number,
  table: ProcessTable,
): readonly ProcessEntry[] {
  const parents: ProcessEntry[] = [];
  const seen = new Set([pid]);
  let child = table.get(pid);
  while (child) {
    const parent: ProcessEntry | undefined = table.get(child.ppid);
    if (!parent || seen.has(parent.pid) || parent.order > child.order) break;
    seen.add(parent.pid);
    parents.push(parent);
    child = parent;
  }
  return parents;
}

/** Adds to some processes all that descend from them. */
export function withDescendants(
  roots: readonly ProcessEntry[],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const children = new Map<number, ProcessEntry[]>();
  for (const entry of table.values()) {
    const siblings = children.get(entry.ppid);
    if (siblings) siblings.push(entry);
    else children.set(entry.ppid, [entry]);
  }
  const found = new Map<number, ProcessEntry>();
  const take = (entry: ProcessEntry): void => {
    if (found.has(entry.pid)) return;
    found.set(entry.pid, entry);
    for (const child of children.get(entry.pid) ?? []) {
      if (child.order >= entry.order) take(child);
    }
  };
  // A root below another is reached from there, after its parents.
  const given = new Set(roots.map(({ pid }) => pid));
  const topmost = roots.filter(({ pid }) =>
    !parentsOf(pid, table).some((parent) => given.has(parent.pid))
  );
  for (const root of [...topmost, ...roots]) take(root);
  return [...found.values()].filter((entry) => !entry.zombie);
}

/**
 * Tells the living processes of a service that devsvc started.
 *
 * While its wrapper lives they are its session, its group and all that
 * descends from it. Processes that carry the run id belong to it
 * wherever they went. Without leader only the mark counts: the number of a dead
 * leader says nothing, for it may have led another session since.
 *
 * @returns The tree, root first; empty if nothing of it lives.
 */
export function treeOf(
  wrapper: Identity,
  withRunId: readonly number[],
  table: ProcessTable,
): readonly ProcessEntry[] {
  const roots = new Map<number, ProcessEntry>();
  const alive = findAlive(wrapper, table);
  if (alive) {
    roots.set(alive.pid, alive);
    for (const entry of table.values()) {
      const isMember = (entry.session === wrapper.pid ||
        entry.group === wrapper.pid) && entry.order >= alive.order;
      if (isMember) roots.set(entry.pid, entry);
    }
  }
  for (const pid of withRunId) {
    const entry = table.get(pid);
    if (entry) roots.set(pid, entry);
  }
  return withDescendants([...roots.values()], table);
}

/**
 * Finds the process that people mean by a service: what its wrapper runs, or
 * whoever is left first where the wrapper runs nothing.
 *
 * @returns The process, or `undefined` where nothing lives.
 */
export function mainOf(
  tree: readonly ProcessEntry[],
  wrapper: Identity | undefined,
): ProcessEntry | undefined {
  const [root] = tree;
  if (!root || root.pid !== wrapper?.pid) return root;
  return tree.find(({ ppid }) => ppid === root.pid) ?? root;
}
