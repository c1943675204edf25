/** (f) Restart of one service. */

import type { Workload } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { cycleStep } from "./_cycle_step.ts";

/** The workload. */
export const restartOne: Workload = cycleStep({
  letter: "f",
  title: "Restart of one",
  step: "restart",
  sizes: [3, 100],
  titleOf: (count) => `Restart one of ${count} services`,
  table: {
    base: ROWS.alone,
    over: true,
    columns: ["proves ready"],
    text: "The clock runs until the command has ended and another process " +
      "listens, which it does 200 ms after it was started.",
  },
});
