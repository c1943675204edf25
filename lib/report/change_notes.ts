/**
 * Remarks on a service: what befell it, and what it does not know yet.
 *
 * @module
 */

import type { Diagnosis } from "../core/model.ts";
import { formatSpan, formatTime } from "./format.ts";
import type { View } from "./view.ts";

/**
 * Tells how the last run of a service ended, and what the supervisor does about it.
 *
 * @param now The present, in milliseconds since 1970.
 * @returns The lines; none where nothing befell it.
 */
export function pastNotes(
  { service: { label }, ending, supervision, tree }: Diagnosis,
  view: View,
  now: number,
): readonly string[] {
  const words = view.messages.status;
  const lines: string[] = [];
  if (ending && tree.length === 0) {
    const how = ending.signal === null
      ? words.byCode(ending.code)
      : words.bySignal(ending.signal);
    lines.push(words.ended(label, how, formatTime(ending.at, now)));
  }
  if (supervision?.dueAt !== undefined) {
    const left = Math.max(0, supervision.dueAt - now);
    const span = formatSpan(left, view.messages.units);
    lines.push(words.due(label, span, supervision.restarts));
  }
  if (supervision?.gaveUp) {
    lines.push(words.gaveUp(label, supervision.restarts));
  }
  return lines;
}

/**
 * Tells what changed since a service was started, and only a restart applies.
 *
 * @returns The lines; none where nothing changed.
 */
export function changeNotes(
  { service: { label }, configChanged, environmentChanges }: Diagnosis,
  view: View,
): readonly string[] {
  const words = view.messages.status;
  return [
    ...(configChanged ? [words.configChanged(label)] : []),
    ...(environmentChanges.length > 0
      ? [words.environmentChanged(label, environmentChanges)]
      : []),
  ];
}
