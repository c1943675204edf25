/**
 * Tells who still lives while a service is waited for to stop.
 *
 * @module
 */

import type { ProcessEntry } from "../../core/model.ts";
import type { ActContext } from "../act_context.ts";

/** After how long a wait is worth a line that stays, in milliseconds. */
export const LONG_WAIT = 2_000;

/**
 * Watches those who still live.
 *
 * @returns Takes those who live at each look, and tells them when they are
 * others than before, and once more after {@linkcode LONG_WAIT}.
 */
export function reportStillRunning(
  service: string,
  told: readonly ProcessEntry[],
  { emit, clock }: Pick<ActContext, "emit" | "clock">,
): (members: readonly ProcessEntry[]) => void {
  const begun = clock.elapsed();
  let last = keyOf(told);
  let wasLong = false;
  return (members) => {
    const isLong = !wasLong && clock.elapsed() - begun >= LONG_WAIT;
    const key = keyOf(members);
    if (key === last && !isLong) return;
    last = key;
    wasLong ||= isLong;
    const processes = members.map(({ pid, name }) => ({ pid, name }));
    emit({ kind: "still-running", service, processes, isLong });
  };
}

function keyOf(members: readonly ProcessEntry[]): string {
  return members.map(({ pid }) => pid).toSorted((a, b) => a - b).join();
}
