import type { Listener, Lookup } from "./model.ts";

/** The listeners on a port, at every address; none where they are unknown. */
export function listenersOn(
  port: number | undefined,
  listeners: Lookup<readonly Listener[]>,
): readonly Listener[] {
  return listeners.ok ? listeners.value.filter((row) => row.port === port) : [];
}
