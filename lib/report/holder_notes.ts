/**
 * Who holds a port, or why that cannot be told: what there is to say about a
 * service whose port is not simply free.
 *
 * @module
 */

import type { Diagnosis } from "../core/model.ts";
import { verdictOf } from "./check_report.ts";
import { mismatchLines } from "./mismatch_lines.ts";
import { printable } from "../core/printable.ts";
import { holderLines } from "./holder.ts";
import type { View } from "./view.ts";

/**
 * Says who holds the port of a service, or why that cannot be told.
 *
 * @param now The present, in milliseconds since 1970.
 * @returns Its lines, none for a port that is simply free.
 */
export function explain(
  diagnosis: Diagnosis,
  view: View,
  now: number,
): readonly string[] {
  const { messages } = view;
  const holders = holderLines(diagnosis, view, now);
  const verdict = verdictOf(diagnosis.state);
  if (verdict === "free" && diagnosis.state !== "crashed") return [];
  const sentence = messages.states[diagnosis.state];
  const known = knownOf(diagnosis, view);
  const told = known === undefined ? sentence : `${sentence} (${known})`;
  const isFor = diagnosis.unidentifiedHolder ||
    diagnosis.state === "stale-owner";
  const lines = isFor || holders.length === 0 ? [told, ...holders] : holders;
  return [...lines, ...mismatchLines(diagnosis, view)];
}

/**
 * Tells what is known where no process can be named.
 *
 * @returns What a look-up said, a container or a user; `undefined` if nothing.
 */
export function knownOf(
  diagnosis: Diagnosis,
  view: View,
): string | undefined {
  const { unidentifiedHolder, reason } = diagnosis;
  const known = reason ?? unidentifiedHolder?.container ??
    unidentifiedHolder?.user;
  if (known === undefined) return undefined;
  const words: Readonly<Record<string, string>> = view.messages.reasons;
  return printable(Object.hasOwn(words, known) ? words[known] ?? "" : known);
}
