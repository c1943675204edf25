/**
 * (e) Stop, until nothing is left.
 *
 * @module
 */

import type { Work } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { dayWork } from "./_day.ts";

/** The work. */
export const stopAll: Work = dayWork({
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
      "command has ended, nobody listens and no process of a service is left.",
  },
});
