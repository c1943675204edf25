/**
 * Looks now and then, while a service is waited for, whether it took another
 * port than its own.
 *
 * @module
 */

import { driftedPorts } from "../../core/port_mismatch.ts";
import type { Lease, Service } from "../../core/model.ts";
import { findAlive, treeOf } from "../../core/process_tree.ts";
import type { Platform } from "../../platform/platform.ts";

/** The shortest pause between two looks, in milliseconds. */
export const DRIFT_PAUSE = 500;

/** By how much a pause is longer than the look before it, at the least. */
const PAUSE_PER_LOOK = 4;

/**
 * Watches on which ports a service that is waited for listens instead of its
 * own.
 *
 * A look costs two tools, so most answers are those of the look before; the
 * first one is due only after a pause, which a quick service never sees.
 *
 * @param service The service; without a port it cannot drift.
 * @param lease The lease of its run.
 * @param platform The operating system.
 * @returns Tells the ports; none where it listens nowhere, or that cannot be
 * told; `gone` where a look shows that its leader is.
 */
export function watchDrift(
  { port, readyTimeout }: Service,
  lease: Lease,
  platform: Platform,
): () => Promise<readonly number[] | "gone"> {
  if (port === undefined) return () => Promise.resolve([]);
  let due = performance.now() + Math.min(DRIFT_PAUSE, readyTimeout / 2);
  let took: readonly number[] | "gone" = [];
  return async () => {
    const now = performance.now();
    if (now < due) return took;
    took = await readDrift(port, lease, platform);
    const cost = performance.now() - now;
    due = performance.now() + Math.max(DRIFT_PAUSE, cost * PAUSE_PER_LOOK);
    return took;
  };
}

async function readDrift(
  port: number,
  lease: Lease,
  platform: Platform,
): Promise<readonly number[] | "gone"> {
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!listeners.ok || !processes.ok) return [];
  if (!findAlive(lease, processes.value)) return "gone";
  const tree = treeOf(lease, [], processes.value);
  return driftedPorts(port, tree, listeners.value);
}
