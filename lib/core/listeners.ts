import type { Listener, Lookup, ProcessEntry } from "./model.ts";

/** The listeners on a port, at every address; none where they are unknown. */
export function listenersOn(
  port: number | undefined,
  listeners: Lookup<readonly Listener[]>,
): readonly Listener[] {
  return listeners.ok ? listeners.value.filter((row) => row.port === port) : [];
}

/** Lists the ports that a tree listens on instead of its own, in order. */
export function mismatchedPortsOf(
  port: number,
  tree: readonly ProcessEntry[],
  listeners: readonly Listener[],
): readonly number[] {
  const members = new Set(tree.map(({ pid }) => pid));
  const ports = new Set(
    listeners.filter(({ pids }) => pids.some((pid) => members.has(pid)))
      .map((row) => row.port),
  );
  return ports.has(port) ? [] : [...ports].toSorted((a, b) => a - b);
}
