/**
 * The report of `check`, in the form of the guide.
 *
 * @module
 */

import type { Diagnosis, State } from "../core/model.ts";
import { driftLines } from "./drift.ts";
import { printable } from "./format.ts";
import { holderLines } from "./holder.ts";
import { banner, type Mark, markOf, paint } from "./style.ts";
import type { View } from "./view.ts";

/** What `check` has to say about a port. */
export type PortVerdict = "free" | "used" | "reserved" | "unknown";

/**
 * Tells whether a port is free, as far as `check` is concerned.
 *
 * @param state The state of its service.
 * @returns The verdict; only a port that was proven free is `free`.
 */
export function verdictOf(state: State): PortVerdict {
  switch (state) {
    case "free":
    case "crashed":
    case "stopped":
      return "free";
    case "reserved":
      return "reserved";
    case "unknown":
      return "unknown";
    default:
      return "used";
  }
}

const MARKS: Readonly<Record<PortVerdict, Mark>> = {
  free: "ok",
  used: "bad",
  reserved: "bad",
  unknown: "unknown",
};

/**
 * Writes the report of `check`.
 *
 * @param diagnoses The services.
 * @param view What the report needs.
 * @param now The present, in milliseconds since 1970.
 * @returns Its lines.
 */
export function checkReport(
  diagnoses: readonly Diagnosis[],
  view: View,
  now: number,
): readonly string[] {
  const { messages, style } = view;
  const lines = [
    ...banner(`${markOf("search", style)} ${messages.check.title}`),
    "",
  ];
  for (const diagnosis of diagnoses) {
    lines.push(...portLines(diagnosis, view, now));
  }
  return [...lines, "", ...banner(conclusion(diagnoses, view))];
}

function portLines(
  diagnosis: Diagnosis,
  view: View,
  now: number,
): readonly string[] {
  const { messages, style } = view;
  const { port, label } = diagnosis.service;
  if (port === undefined) return [];
  const verdict = verdictOf(diagnosis.state);
  const word = messages.check[verdict];
  const color = verdict === "free" ? "green" : "red";
  const head = markOf(MARKS[verdict], style) + " " +
    messages.check.line(port, label, paint(word, color, style));
  return [head, ...explain(diagnosis, view, now).map((line) => `   ${line}`)];
}

/**
 * Says who holds the port of a service, or why that cannot be told.
 *
 * @param diagnosis The service.
 * @param view What the report needs.
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
  const isFor = diagnosis.stranger || diagnosis.state === "ghost";
  const lines = isFor || holders.length === 0 ? [told, ...holders] : holders;
  return [...lines, ...driftLines(diagnosis, view)];
}

/**
 * Tells what is known where no process can be named.
 *
 * @param diagnosis The service.
 * @param view What the report needs.
 * @returns What a look-up said, a container or a user; `undefined` if nothing.
 */
export function knownOf(
  diagnosis: Diagnosis,
  view: View,
): string | undefined {
  const { stranger, reason } = diagnosis;
  const known = reason ?? stranger?.container ?? stranger?.user;
  if (known === undefined) return undefined;
  const words: Readonly<Record<string, string>> = view.messages.reasons;
  return printable(Object.hasOwn(words, known) ? words[known] ?? "" : known);
}

function conclusion(diagnoses: readonly Diagnosis[], view: View): string {
  const { messages, style } = view;
  const verdicts = diagnoses
    .filter(({ service }) => service.port !== undefined)
    .map(({ state }) => verdictOf(state));
  if (verdicts.length === 0) return messages.check.noPorts;
  if (
    verdicts.some((verdict) => verdict === "used" || verdict === "reserved")
  ) {
    return `${markOf("warn", style)} ${messages.check.someUsed}`;
  }
  return verdicts.includes("unknown")
    ? `${markOf("warn", style)} ${messages.check.someUnknown}`
    : `${markOf("ok", style)} ${messages.check.allFree}`;
}
