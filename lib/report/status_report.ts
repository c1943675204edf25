/** The report of `status`: one line a service. */

import stringWidth from "fast-string-width";
import type { Diagnosis, State } from "../core/model.ts";
import { mainOf } from "../core/process_tree.ts";
import { formatMemory, formatSpan } from "./format.ts";
import {
  changeNotes,
  duplicateNotes,
  endingNotes,
  mismatchNotes,
  recordNotes,
  removedNote,
  unknownNotes,
} from "./service_notes.ts";
import { type Color, paint } from "./style.ts";
import { urlOf, type View } from "./view.ts";

const COLORS: Readonly<Partial<Record<State, Color>>> = {
  running: "green",
  started: "green",
  starting: "yellow",
  closing: "yellow",
  restarting: "yellow",
  stopping: "yellow",
  free: "dim",
  stopped: "dim",
};

/**
 * Writes the report of `status`.
 *
 * @param now The present, in milliseconds since 1970.
 * @param options.before What was shown before: the use of the processor is that since then.
 * @default options.before It is that since the start of each service.
 * @param options.removed Services that run, but are not in services.toml.
 * @returns The lines, the names of the columns first.
 */
export function statusReport(
  diagnoses: readonly Diagnosis[],
  view: View,
  now: number,
  { before, removed = [] }: {
    readonly before?: ShownStatus | undefined;
    readonly removed?: readonly Diagnosis[];
  } = {},
): readonly string[] {
  const words = view.messages.status;
  const hasRestarts = diagnoses.some(({ restarts }) => restarts > 0);
  const columns: readonly Column[] = [
    { title: words.service, cell: ({ service }) => service.label },
    { title: words.state, cell: ({ state }) => view.messages.states[state] },
    { title: words.port, cell: ({ service }) => String(service.port ?? "-") },
    { title: words.pid, cell: (one) => String(rootOf(one)?.pid ?? "-") },
    { title: words.uptime, cell: (one) => uptimeOf(one, view, now) },
    ...hasRestarts
      ? [{
        title: words.restarts,
        cell: ({ restarts }: Diagnosis) => String(restarts),
      }]
      : [],
    { title: words.cpu, cell: (one) => cpuOf(one, now, before) },
    { title: words.memory, cell: (one) => memoryOf(one, view) },
    { title: words.url, cell: (one) => rootOf(one) ? urlOf(one) ?? "-" : "-" },
  ];
  const rows = [
    columns.map(({ title }) => title),
    ...diagnoses.map((one) => columns.map(({ cell }) => cell(one))),
  ];
  const lines = table(rows, (cell, column, row) => {
    const diagnosis = row === 0 ? undefined : diagnoses[row - 1];
    if (!diagnosis) return paint(cell, "bold", view.style);
    if (column !== 1) return cell;
    return paint(cell, COLORS[diagnosis.state] ?? "red", view.style);
  });
  const notes = [
    ...diagnoses.flatMap((one) => [
      ...unknownNotes(one, view),
      ...recordNotes(one, view),
      ...duplicateNotes(one, view),
      ...mismatchNotes(one, view),
      ...endingNotes(one, view, now),
      ...changeNotes(one, view),
    ]),
    ...removed.map((one) => removedNote(one, view)),
  ];
  return notes.length > 0 ? [...lines, "", ...notes] : lines;
}

/** What was shown before. */
export interface ShownStatus {
  /** When, in milliseconds since 1970. */
  readonly now: number;
  /** The services. */
  readonly diagnoses: readonly Diagnosis[];
}

interface Column {
  readonly title: string;
  readonly cell: (diagnosis: Diagnosis) => string;
}

/** Its main process, or the first listener on its port. */
function rootOf({ state, tree, record, holders }: Diagnosis) {
  const main = mainOf(tree, record);
  // A client at the end of a connection is no service.
  return main ?? (state === "connected" ? undefined : holders[0]);
}

function uptimeOf(diagnosis: Diagnosis, view: View, now: number): string {
  const root = rootOf(diagnosis);
  return root
    ? formatSpan(Math.max(0, now - root.startedAt), view.messages.units)
    : "-";
}

function memoryOf({ tree }: Diagnosis, view: View): string {
  const memory = tree.reduce((sum, entry) => sum + entry.memoryBytes, 0);
  return memory > 0 ? formatMemory(memory, view.messages.units) : "-";
}

function cpuOf(
  diagnosis: Diagnosis,
  now: number,
  before: ShownStatus | undefined,
): string {
  const root = rootOf(diagnosis);
  if (!root || diagnosis.tree.length === 0) return "-";
  const known = new Map(
    before?.diagnoses.flatMap(({ tree }) => tree)
      .map((entry) => [`${entry.pid} ${entry.start}`, entry.cpuSeconds]),
  );
  const used = diagnosis.tree.reduce(
    (sum, { pid, start, cpuSeconds }) =>
      sum + cpuSeconds - (known.get(`${pid} ${start}`) ?? 0),
    0,
  );
  const since = Math.max(before?.now ?? 0, root.startedAt);
  return `${Math.round(used * 100_000 / Math.max(1, now - since))} %`;
}

/** Aligns cells by the width that a terminal gives their characters. */
function table(
  rows: readonly (readonly string[])[],
  format: (cell: string, column: number, row: number) => string,
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
      return format(cell, column, row) + " ".repeat(gap);
    }).join("")
  );
}
