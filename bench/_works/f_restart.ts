/**
 * (f) Restart of one service.
 *
 * @module
 */

import type { Work } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { dayWork } from "./_day.ts";

/** The work. */
export const restartOne: Work = dayWork({
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
