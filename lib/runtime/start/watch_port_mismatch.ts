/**
 * Looks now and then, while a service is waited for, whether it took another
 * port than its own.
 *
 * @module
 */

import { mismatchedPortsOf } from "../../core/listeners.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import { findAlive, treeOf } from "../../core/process_tree.ts";
import type { Host } from "../../platform/host.ts";
import type { Platform } from "../../platform/platform.ts";

/** The shortest pause between two looks, in milliseconds. */
export const MISMATCH_PAUSE = 500;

/** By how much a pause is longer than the look before it, at the least. */
const PAUSE_PER_QUERY = 4;

/**
 * Watches on which ports a service that is waited for listens instead of its
 * own.
 *
 * A look costs two tools, so most answers are those of the look before; the
 * first one is due only after a pause, which a quick service never sees.
 *
 * @param service The service; without a port it cannot port mismatch.
 * @returns Tells the ports; none where it listens nowhere, or that cannot be
 * told; `gone` where a look shows that its wrapper is.
 */
export function watchPortMismatch(
  { port, readyTimeout }: Service,
  record: RunRecord,
  { platform, clock }: Host,
): () => Promise<readonly number[] | "gone"> {
  if (port === undefined) return () => Promise.resolve([]);
  let due = clock.elapsed() + Math.min(MISMATCH_PAUSE, readyTimeout / 2);
  let took: readonly number[] | "gone" = [];
  return async () => {
    const now = clock.elapsed();
    if (now < due) return took;
    took = await readMismatch(port, record, platform);
    const cost = clock.elapsed() - now;
    due = clock.elapsed() + Math.max(MISMATCH_PAUSE, cost * PAUSE_PER_QUERY);
    return took;
  };
}

async function readMismatch(
  port: number,
  record: RunRecord,
  platform: Platform,
): Promise<readonly number[] | "gone"> {
  const [listeners, processes] = await Promise.all([
    platform.listeners(),
    platform.processTable(),
  ]);
  if (!listeners.ok || !processes.ok) return [];
  if (!findAlive(record, processes.value)) return "gone";
  const tree = treeOf(record, [], processes.value);
  return mismatchedPortsOf(port, tree, listeners.value);
}
