/**
 * What the workloads (d) to (g) share: each reads one step of the same cycles.
 */

import type { Workload } from "../_bench.ts";
import { cycles, type Step } from "../_cycles.ts";
import type { Table } from "../_model.ts";

/** A step of the cycles as a workload. */
export interface CycleStep {
  /** Its letter. */
  readonly letter: string;
  /** What is measured. */
  readonly title: string;
  /** The step. */
  readonly step: Step;
  /** The projects that it is shown for, by how many services they have. */
  readonly sizes: readonly number[];
  /** The title of a table. */
  readonly titleOf: (count: number) => string;
  /** What is alike for all tables. */
  readonly table: Pick<Table, "text" | "base" | "over" | "columns">;
}

/** Makes a workload of a step. */
export function cycleStep(
  { letter, title, step, sizes, titleOf, table }: CycleStep,
): Workload {
  return {
    letter,
    title,
    run: async (bench) => {
      const tables: Table[] = [];
      for (const count of sizes) {
        tables.push({
          id: `${letter}-${count}`,
          title: `(${letter}) ${titleOf(count)}`,
          unit: "ms",
          ...table,
          rows: (await cycles(bench, count)).get(step) ?? [],
        });
      }
      return tables;
    },
  };
}
