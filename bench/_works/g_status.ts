/**
 * (g) The list of services.
 *
 * @module
 */

import type { Work } from "../_bench.ts";
import { ROWS } from "../_model.ts";
import { dayWork } from "./_day.ts";

/** The work. */
export const listAll: Work = dayWork({
  letter: "g",
  title: "List the services",
  step: "status",
  sizes: [3, 100],
  titleOf: (count) => `List ${count} running services`,
  table: {
    base: ROWS.source,
    text: "`devsvc status`, `pm2 list`, `process-compose process list`, " +
      "`pitchfork list`, `oxmgr list`, `overmind ps`. devsvc looks at sockets, " +
      "processes and health each time; a daemon tells what it remembers.",
  },
});
