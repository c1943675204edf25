/**
 * Port mismatch: a service that listens, but not on its own port, as Vite does on 5174
 * where 5173 is taken.
 *
 * @module
 */

import type { Diagnosis, Listener, Lookup, ProcessEntry } from "./model.ts";

/**
 * Tells on which ports a tree listens instead of its own.
 *
 * @returns The ports in order; none where it listens on its own, or nowhere.
 */
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

/**
 * Adds to a diagnosis the ports that its service took instead. One that is still
 * starting may listen on another port first, such as that of a debugger.
 *
 * @returns The diagnosis, with `mismatchedPorts` where there is anything to tell.
 */
export function withPortMismatch(
  diagnosis: Diagnosis,
  listeners: Lookup<readonly Listener[]>,
): Diagnosis {
  const { service: { port }, state, tree } = diagnosis;
  if (port === undefined || !listeners.ok || state === "starting") {
    return diagnosis;
  }
  const mismatchedPorts = mismatchedPortsOf(port, tree, listeners.value);
  return mismatchedPorts.length > 0
    ? { ...diagnosis, mismatchedPorts }
    : diagnosis;
}
