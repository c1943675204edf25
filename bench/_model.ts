/** The tables that the parts of the benchmark exchange. */

/** What a tool took, round by round. */
export interface Row {
  /** The tool, and how it was called. */
  readonly name: string;
  /** One figure a round, in the unit of the table. */
  readonly values: readonly number[];
  /** What else is to be said, by the column. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Why there are no figures, or not all. */
  readonly failure?: string;
}

/** One table of figures, all taken in turn in one run. */
export interface Table {
  /** Names the table for the goals: the letter of the workload, then what differs. */
  readonly id: string;
  /** What was measured. */
  readonly title: string;
  /** The unit of the figures. */
  readonly unit: "ms" | "MiB" | "‰ of a core" | "MB/s";
  /** More is better; else less is. */
  readonly moreIsBetter?: boolean;
  /** The row that the others are compared with. */
  readonly base?: string;
  /** What is taken from each figure: the base is what no tool can avoid. */
  readonly over?: boolean;
  /** The columns of notes. */
  readonly columns?: readonly string[];
  /** How it was measured. */
  readonly text: string;
  /** The rows, in the order in which the tools took turns. */
  readonly rows: readonly Row[];
}

/** The names of the rows that several workloads have. */
export const ROWS = {
  /** An empty Deno script. */
  empty: "an empty Deno script",
  /** devsvc run from its source. */
  source: "devsvc (source)",
  /** devsvc run from its bundle. */
  bundle: "devsvc (bundle)",
  /** The services alone. */
  alone: "the services alone",
} as const;
