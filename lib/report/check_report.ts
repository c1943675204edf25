/** The report of `check`. */

import type { Diagnosis } from "../core/model.ts";
import { isSilent } from "../core/ownership.ts";
import { banner, type Mark, markOf, paint } from "./style.ts";
import type { View } from "./view.ts";

type PortVerdict = "free" | "used" | "closing" | "reserved" | "unknown";

/**
 * Sums up a state as `check` does: `used` is where somebody listens or has an end
 * of a connection, `free` only what was proven free.
 */
export function verdictOf(
  diagnosis: Pick<Diagnosis, "state" | "holders">,
): PortVerdict {
  if (isSilent(diagnosis)) return "free";
  switch (diagnosis.state) {
    case "restarting":
    case "stopping":
      return diagnosis.holders.length > 0 ? "used" : "free";
    case "free":
    case "crashed":
    case "stopped":
      return "free";
    case "closing":
      return "closing";
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
  closing: "wait",
  reserved: "bad",
  unknown: "unknown",
};

/**
 * Writes the report of `check`.
 *
 * @param now The present, in milliseconds since 1970.
 */
export async function checkReport(
  diagnoses: readonly Diagnosis[],
  view: View,
  now: number,
): Promise<readonly string[]> {
  const { messages, style } = view;
  const lines = [
    ...banner(`${markOf("search", style)} ${messages.check.title}`),
    "",
  ];
  // Where every port is free there is nothing to load.
  const notes = diagnoses.every(({ state }) => state === "free")
    ? undefined
    : await import("./holder_notes.ts");
  for (const diagnosis of diagnoses) {
    const details = notes?.explain(diagnosis, view, now) ?? [];
    lines.push(...portLines(diagnosis, view, details));
  }
  return [...lines, "", ...banner(conclusion(diagnoses, view))];
}

function portLines(
  diagnosis: Diagnosis,
  view: View,
  details: readonly string[],
): readonly string[] {
  const { messages, style } = view;
  const { port, label } = diagnosis.service;
  if (port === undefined) return [];
  const verdict = verdictOf(diagnosis);
  const word = messages.check[verdict];
  const color = verdict === "free"
    ? "green"
    : verdict === "closing"
    ? "yellow"
    : "red";
  const line = messages.check.line(port, label, paint(word, color, style));
  return [
    `${markOf(MARKS[verdict], style)} ${line}`,
    ...details.map((detail) => `   ${detail}`),
  ];
}

function conclusion(diagnoses: readonly Diagnosis[], view: View): string {
  const { messages, style } = view;
  const withPort = diagnoses
    .filter(({ service }) => service.port !== undefined);
  const verdicts = withPort.map(verdictOf);
  if (verdicts.length === 0) return messages.check.noPorts;
  const isTaken = withPort.some(({ state }, index) => {
    const verdict = verdicts[index];
    return verdict === "reserved" ||
      (verdict === "used" && state !== "connected");
  });
  if (isTaken) {
    return `${markOf("warn", style)} ${messages.check.someUsed}`;
  }
  if (verdicts.includes("used")) {
    return `${markOf("warn", style)} ${messages.check.someConnected}`;
  }
  if (verdicts.includes("closing")) {
    return `${markOf("wait", style)} ${messages.check.someClosing}`;
  }
  return verdicts.includes("unknown")
    ? `${markOf("warn", style)} ${messages.check.someUnknown}`
    : `${markOf("ok", style)} ${messages.check.allFree}`;
}
