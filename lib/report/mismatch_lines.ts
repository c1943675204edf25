/**
 * What the reports say of a service that took another port than its own.
 *
 * @module
 */

import type { Diagnosis } from "../core/model.ts";
import { labelled, type View } from "./view.ts";

/**
 * Says which ports a service took instead of its own, and what to do.
 *
 * @returns Its lines, none for a service that did not port mismatch.
 */
export function mismatchLines(
  { service: { label, port }, mismatchedPorts }: Diagnosis,
  view: View,
): readonly string[] {
  if (port === undefined || mismatchedPorts === undefined) return [];
  const { progress } = view.messages;
  return [
    labelled(label, progress.portMismatch(port, mismatchedPorts, []), view),
    `→ ${progress.portMismatchAdvice(mismatchedPorts)}`,
  ];
}
