/** (d) Start, until all services are ready. */

import type { Workload } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { cycleStep } from "./_cycle_step.ts";

/** The workload. */
export const startAll: Workload = cycleStep({
  letter: "d",
  title: "Start to all ready",
  step: "start",
  sizes: [3, 20, 100],
  titleOf: (count) => `Start ${count} services until all are ready`,
  table: {
    base: ROWS.alone,
    over: true,
    columns: ["proves ready"],
    text: "The services listen 200 to 300 ms after they were started. The " +
      "clock runs until the command has ended, where it ends, and all listen. " +
      "Daemons of the tools run already.",
  },
});
