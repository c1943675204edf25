/**
 * The picture of the main figures: one group of bars a workload, the shorter the
 * better, in an SVG that needs nothing else.
 */

import { median, quantile } from "./_measure.ts";
import type { Row, Table } from "./_model.ts";
import { number } from "./_table.ts";

const WIDTH = 860;
const NAMES = 250;
const FIGURES = 90;
const BAR = 16;
const LINE = 22;
const TITLE = 40;

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 14px; font-weight: 600; }
  .bar { fill: #9aa4af; }
  .own { fill: #1f6feb; }
  .base { fill: #d0d7de; }
  .spread { stroke: #57606a; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .bar { fill: #6e7681; }
    .base { fill: #3d444d; }
    .spread { stroke: #c9d1d9; }
  }
`;

/**
 * Draws the medians of some tables as bars, with lines from the least to the
 * greatest figure.
 */
export function renderSvg(tables: readonly Table[]): string {
  const parts: string[] = [];
  let top = 10;
  for (const table of tables) {
    const rows = table.rows.filter(({ values }) => values.length > 0)
      .toSorted((a, b) => median(a.values) - median(b.values));
    if (rows.length === 0) continue;
    parts.push(text(10, top + 22, `${table.title} (${table.unit})`, "title"));
    top += TITLE;
    const longest = Math.max(...rows.map(({ values }) => median(values)));
    const scale = (WIDTH - NAMES - FIGURES) / longest;
    for (const row of rows) {
      parts.push(...bar(row, { top, scale, base: table.base }));
      top += LINE;
    }
  }
  const height = top + 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" ` +
    `height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img">\n` +
    `<title>devsvc beside other tools: medians</title>\n` +
    `<style>${STYLE}</style>\n${parts.join("\n")}\n</svg>\n`;
}

function bar(
  { name, values }: Row,
  { top, scale, base }: {
    readonly top: number;
    readonly scale: number;
    readonly base: string | undefined;
  },
): readonly string[] {
  const kind = name === base
    ? "bar base"
    : name.startsWith("devsvc")
    ? "bar own"
    : "bar";
  const at = (value: number) =>
    Math.min(NAMES + value * scale, WIDTH - FIGURES).toFixed(1);
  const middle = top + BAR / 2;
  const length = Math.max(1, median(values) * scale);
  return [
    text(10, top + BAR - 4, name, ""),
    `<rect class="${kind}" x="${NAMES}" y="${top}" ` +
    `width="${length.toFixed(1)}" height="${BAR}"/>`,
    `<line class="spread" x1="${at(quantile(values, 0))}" y1="${middle}" ` +
    `x2="${at(quantile(values, 1))}" y2="${middle}"/>`,
    text(WIDTH - FIGURES + 8, top + BAR - 4, number(median(values)), ""),
  ];
}

function text(x: number, y: number, words: string, kind: string): string {
  const escaped = words.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const attribute = kind === "" ? "" : ` class="${kind}"`;
  return `<text${attribute} x="${x}" y="${y}">${escaped}</text>`;
}
