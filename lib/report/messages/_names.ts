/**
 * What is named alike in every language.
 *
 * @module
 */

import type { NamedProcess } from "../../core/events.ts";
import { printable } from "../format.ts";

/** Names processes. */
export function nameProcesses(processes: readonly NamedProcess[]): string {
  return processes.map(({ pid, name }) => `${printable(name)} (PID ${pid})`)
    .join(", ");
}

/**
 * Names a time that services.toml set, as exact as it was set.
 *
 * @param ms The time in milliseconds.
 * @returns Seconds, or milliseconds where it is not a whole number of them.
 */
export function nameWait(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

/**
 * Names the status codes that a check wants.
 *
 * @param status The codes; none where services.toml names none.
 */
export function nameStatus(status: readonly number[] | undefined): string {
  return status === undefined ? "" : ` (${status.join(", ")})`;
}
