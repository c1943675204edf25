/**
 * Ports that are used although nobody listens on them: the OS keeps a port for a
 * while after the last of its connections was closed (TIME-WAIT, RFC 9293).
 */

import type { Service } from "../core/model.ts";
import type { PlatformQueries } from "../platform/platform.ts";
import type { ActContext } from "./act_context.ts";
import { type Backoff, waitFor } from "./poll.ts";

/**
 * How long a system keeps a port where it does not say so, in milliseconds:
 * TCP_TIMEWAIT_LEN in include/net/tcp.h of Linux.
 */
const KEPT = 60_000;

/** How much longer it may take, in milliseconds. */
const MARGIN = 5_000;

/** How often it is said that a port is waited for, in milliseconds. */
const SAY_INTERVAL = 15_000;

/** How often a port is waited for that is used again and again. */
const ROUNDS = 3;

/** A probe on Linux costs 0.05 ms. */
const BACKOFF: Backoff = { first: 50, last: 250, factor: 1.5 };

/** Tells whether nobody listens on a port that is used. */
export async function isUnlistened(
  port: number,
  platform: PlatformQueries,
): Promise<boolean> {
  const holder = (await platform.unidentifiedHolders([port])).get(port);
  return holder?.container === undefined &&
    (holder?.closing !== undefined || holder?.connected !== undefined);
}

/**
 * Waits while the OS keeps the port of a service after closed connections, for
 * as long as it does so at most. A port that a server with SO_REUSEADDR has left
 * is free at once: a probe finds it free.
 */
export async function untilPortClosed(
  { name, port }: Service,
  context: Pick<ActContext, "platform" | "clock" | "emit" | "signal">,
): Promise<void> {
  const { platform, clock, emit, signal } = context;
  if (port === undefined || signal.aborted) return;
  // What could not be told is not free.
  const isUsed = async () =>
    ["used", "unknown"].includes(await platform.probe(port));
  // Another program may use and leave the port meanwhile.
  for (let round = 0; round < ROUNDS && !signal.aborted; round++) {
    if (!await isUsed()) return;
    const holder = (await platform.unidentifiedHolders([port])).get(port);
    if (!holder?.closing || holder.container !== undefined) return;
    const { left = KEPT } = holder.closing;
    const event = { kind: "closing", service: name, port } as const;
    emit({ ...event, left });
    let said = clock.elapsed();
    const end = said + left;
    await waitFor(
      clock,
      async () => {
        if (!await isUsed()) return true;
        const now = clock.elapsed();
        if (now - said >= SAY_INTERVAL && now < end) {
          emit({ ...event, left: end - now, isRepeated: true });
          said = now;
        }
        return undefined;
      },
      { timeout: left + MARGIN, backoff: BACKOFF, signal },
    );
  }
}
