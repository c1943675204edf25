/** Tables of figures in Markdown. */

import { excess, median, quantile, ratio } from "./_measure.ts";
import type { Row, Table } from "./_model.ts";

/** Writes a table of figures, the best median first. */
export function renderTable(table: Table): string {
  const { unit, base, over, columns = [] } = table;
  const baseRow = table.rows.find(({ name }) => name === base);
  const head = [
    "",
    `median ${unit}`,
    "min–max",
    "n",
    ...(baseRow ? [over ? `over the base, ${unit}` : "ratio"] : []),
    ...columns,
  ];
  const rows = sorted(table).map((row) => [
    row.name === base ? `*${row.name}*` : row.name,
    ...figures(row),
    ...(baseRow ? [compared(row, baseRow, over ?? false)] : []),
    ...columns.map((column) => row.notes?.[column] ?? ""),
  ]);
  return markdownTable([head, ...rows]);
}

/** Writes cells as a Markdown table. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " "))
  );
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...body].map((row) => [...row[column] ?? ""].length))
  );
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, i) => padded(row[i] ?? "", width)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...body].map(line).join("\n") + "\n";
}

function padded(cell: string, width: number): string {
  return cell + " ".repeat(width - [...cell].length);
}

function sorted({ rows, moreIsBetter }: Table): readonly Row[] {
  const measured = rows.filter(({ values }) => values.length > 0);
  const others = rows.filter(({ values }) => values.length === 0);
  const sign = moreIsBetter ? -1 : 1;
  return [
    ...measured.toSorted((a, b) =>
      sign * (median(a.values) - median(b.values))
    ),
    ...others,
  ];
}

function figures({ values, failure }: Row): readonly string[] {
  if (values.length === 0) return [failure ?? "not measured", "", "0"];
  const middle = number(median(values)) +
    (failure ? ` (then: ${failure})` : "");
  const spread = [0, 1].map((part) => number(quantile(values, part)));
  return [middle, spread.join("–"), String(values.length)];
}

function compared(row: Row, base: Row, over: boolean): string {
  if (row.values.length === 0) return "";
  return over
    ? signed(excess(row.values, base.values))
    : `${ratio(row.values, base.values).toFixed(2)} ×`;
}

function signed(value: number): string {
  return value < 0 ? `−${number(-value)}` : `+${number(value)}`;
}

/** Writes a figure with as many digits as it is worth. */
export function number(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
