/**
 * The report of `status`: one line a service.
 *
 * @module
 */

import stringWidth from "fast-string-width";
import type { Diagnosis, State } from "../core/model.ts";
import { driftLines } from "./drift.ts";
import { formatMemory, formatSpan } from "./format.ts";
import { type Color, paint } from "./style.ts";
import { urlOf, type View } from "./view.ts";

const COLORS: Readonly<Partial<Record<State, Color>>> = {
  running: "green",
  starting: "yellow",
  free: "dim",
  stopped: "dim",
};

/**
 * Writes the report of `status`.
 *
 * @param diagnoses The services.
 * @param view What the report needs.
 * @param now The present, in milliseconds since 1970.
 * @returns Its lines, the heads of the columns first.
 */
export function statusReport(
  diagnoses: readonly Diagnosis[],
  view: View,
  now: number,
): readonly string[] {
  const words = view.messages.status;
  const head = [
    words.service,
    words.state,
    words.port,
    words.pid,
    words.uptime,
    words.memory,
    words.url,
  ];
  const rows = diagnoses.map((diagnosis) => cellsOf(diagnosis, view, now));
  const lines = table([head, ...rows], (cell, column, row) => {
    const diagnosis = row === 0 ? undefined : diagnoses[row - 1];
    if (!diagnosis) return paint(cell, "bold", view.style);
    if (column !== 1) return cell;
    return paint(cell, COLORS[diagnosis.state] ?? "red", view.style);
  });
  const changed = diagnoses.filter(({ configChanged }) => configChanged)
    .map(({ service }) => words.configChanged(service.label));
  const drifted = diagnoses.flatMap((one) => driftLines(one, view));
  const notes = [...drifted, ...changed];
  return notes.length > 0 ? [...lines, "", ...notes] : lines;
}

function cellsOf(
  diagnosis: Diagnosis,
  view: View,
  now: number,
): readonly string[] {
  const { service, state, holders, tree } = diagnosis;
  const root = tree[0] ?? holders[0];
  const memory = tree.reduce((sum, entry) => sum + entry.memoryBytes, 0);
  return [
    service.label,
    view.messages.states[state],
    service.port === undefined ? "-" : String(service.port),
    root ? String(root.pid) : "-",
    root
      ? formatSpan(Math.max(0, now - root.startedAt), view.messages.units)
      : "-",
    memory > 0 ? formatMemory(memory, view.messages.units) : "-",
    root ? urlOf(diagnosis) ?? "-" : "-",
  ];
}

/**
 * Sets cells in columns by the width that the screen gives them.
 *
 * @param rows The cells.
 * @param dress Paints a cell after its width was taken.
 * @returns One line a row.
 */
function table(
  rows: readonly (readonly string[])[],
  dress: (cell: string, column: number, row: number) => string,
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    }
  }
  return rows.map((cells, row) =>
    cells.map((cell, column) => {
      const isLast = column === cells.length - 1;
      const gap = isLast ? 0 : (widths[column] ?? 0) - stringWidth(cell) + 2;
      return dress(cell, column, row) + " ".repeat(gap);
    }).join("")
  );
}
