/** The page: the machine, the goals, the tables. */

import { markdownTable, renderTable } from "./_table.ts";
import type { Table } from "./_model.ts";
import { GOALS, type Tables } from "./goals.ts";
import type { Rivals } from "./rivals.ts";

/** What the page says besides the figures. */
export interface About {
  /** The words that the benchmark was called with. */
  readonly command: string;
  /** The day, as `2026-11-22`. */
  readonly date: string;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** The machine, in one line. */
  readonly machine: string;
  /** How many rounds counted. */
  readonly runs: number;
  /** The tools. */
  readonly rivals: Rivals;
}

/** Writes the page. */
export function renderPage(
  tables: readonly Table[],
  about: About,
): string {
  return [
    "# Measured side by side\n",
    `This page is written by \`${about.command}\`: every tool does the same ` +
    `work in turn, in one run, ${about.runs} times each after one that warms ` +
    "up; each round begins with another tool. A figure is the median; ratios " +
    "and differences are taken round by round, then their median. Where `n` " +
    "is less, the tool was too slow for its share of the time.\n",
    `- **Machine:** ${about.machine}`,
    `- **Date:** ${about.date}, ${Math.ceil(about.seconds / 60)} minutes`,
    `- **Tools:** ${versions(about.rivals)}`,
    ...missing(about.rivals),
    "",
    "devsvc is run by `deno run` with the flags of its tasks, from its source " +
    "and from the parts of its bundle (`deno task bundle FOLDER`). The services are a native server (`bench/server.c`), " +
    "so that the time of the tools shows. What a tool does not prove, it does " +
    "not wait for: the last column says so. How each tool is used is in " +
    "`bench/_managers`.\n",
    "![The main figures](benchmarks.svg)\n",
    "## Goals\n",
    renderGoals(tables),
    ...tables.map((table) =>
      `## ${table.title}\n\n${table.text}\n\n${renderTable(table)}`
    ),
  ].join("\n");
}

/** Writes the table of the goals. */
export function renderGoals(tables: readonly Table[]): string {
  const byId: Tables = new Map(tables.map((table) => [table.id, table]));
  const rows = GOALS.map(({ text, evaluate, reason = "" }) => {
    const verdict = evaluate(byId);
    if (!verdict) return [text, "not measured", "", ""];
    const word = verdict.isMet ? "met" : "**not met**";
    return [text, word, verdict.figures, verdict.isMet ? "" : reason];
  });
  return markdownTable([
    ["goal", "", "figures", "why, and what was tried"],
    ...rows,
  ]);
}

function versions({ tools }: Rivals): string {
  return [
    `Deno ${Deno.version.deno}`,
    ...[...tools.values()].map(({ name, version }) => `${name} ${version}`),
  ].join(", ");
}

function missing({ missing }: Rivals): readonly string[] {
  if (missing.length === 0) return [];
  const words = missing.map(({ name, version, reason }) =>
    `${name} ${version} (${reason.trim()})`
  );
  return [`- **Missing:** ${words.join("; ")}`];
}
