/** (e) Stop, until nothing is left. */

import type { Workload } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { cycleStep } from "./_cycle_step.ts";

/** The workload. */
export const stopAll: Workload = cycleStep({
  letter: "e",
  title: "Stop until nothing is left",
  step: "stop",
  sizes: [3, 20, 100],
  titleOf: (count) => `Stop ${count} services until nothing is left`,
  table: {
    base: ROWS.alone,
    over: true,
    columns: ["proves stopped"],
    text: "The services end at once by SIGTERM. The clock runs until the " +
      "command has ended, nothing listens and no process of a service is left.",
  },
});
