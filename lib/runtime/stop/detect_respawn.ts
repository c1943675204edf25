/**
 * Whether what devsvc did not start, and stopped, comes back: it may have a
 * supervisor that is not part of the service.
 *
 * @module
 */

import type { StopFailure } from "../../core/events.ts";
import type { Holder, ProcessTable } from "../../core/model.ts";
import { findAlive, parentsOf } from "../../core/process_tree.ts";
import type { ActContext } from "../act_context.ts";
import type { Platform } from "../../platform/platform.ts";
import { type Backoff, waitFor } from "../poll.ts";

/**
 * How long the port must stay free, in milliseconds: systemd waits for 100 ms
 * before it starts a service again, and a server needs some time to listen.
 */
const QUIET_TIME = 1_000;

/** A probe is a listener for an instant: who comes back must not meet it often. */
const QUIET_BACKOFF: Backoff = { first: 100, last: 300, factor: 1.5 };

/** What was stopped. */
export interface Stopped {
  /** Those who held the port. */
  readonly holders: readonly Holder[];
  /** The processes as they were before. */
  readonly before: ProcessTable;
}

/**
 * Waits whether somebody listens again, or is about to.
 *
 * @returns Who came back; `undefined` if nobody did.
 */
export async function detectRespawn(
  stopped: Stopped,
  findPortHolders: () => Promise<StopFailure | undefined>,
  { platform, clock, signal }: Pick<
    ActContext,
    "platform" | "clock" | "signal"
  >,
): Promise<StopFailure | undefined> {
  if (stopped.holders.length === 0) return undefined;
  const waited = await waitFor(
    clock,
    async () =>
      await readSuccessors(stopped, platform) ?? await findPortHolders(),
    { timeout: QUIET_TIME, backoff: QUIET_BACKOFF, signal },
  );
  return waited.kind === "done" ? waited.value : undefined;
}

/** A new child of the same parent that runs the same: it may not listen yet. */
async function readSuccessors(
  { holders, before }: Stopped,
  platform: Platform,
): Promise<StopFailure | undefined> {
  const lookup = await platform.processTable();
  if (!lookup.ok) return undefined;
  const table = lookup.value;
  const children = holders.flatMap((holder) => {
    const [parent] = parentsOf(holder.pid, before);
    if (!parent || !findAlive(parent, table)) return [];
    return [...table.values()].filter((entry) =>
      entry.ppid === parent.pid && entry.name === holder.name &&
      !entry.zombie && !findAlive(entry, before)
    );
  });
  if (children.length === 0) return undefined;
  const details = await platform.details(children.map(({ pid }) => pid));
  const lines = holders.filter(({ args }) => args.length > 0)
    .map(({ args }) => args.join("\0"));
  const returned = children.filter(({ pid }) =>
    lines.includes(details.get(pid)?.args.join("\0") ?? "")
  );
  return returned.length === 0 ? undefined : {
    kind: "held",
    holders: returned.map(({ pid, name }) => ({ pid, name })),
  };
}
