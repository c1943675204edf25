/** (g) The list of services. */

import type { Workload } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { cycleStep } from "./_cycle_step.ts";

/** The workload. */
export const listAll: Workload = cycleStep({
  letter: "g",
  title: "List the services",
  step: "status",
  sizes: [3, 100],
  titleOf: (count) => `List ${count} running services`,
  table: {
    base: ROWS.source,
    text: "`devsvc status`, `pm2 list`, `process-compose process list`, " +
      "`pitchfork list`, `oxmgr list`, `overmind ps`. devsvc reads sockets, " +
      "processes and health each time; a daemon reports what it remembers.",
  },
});
