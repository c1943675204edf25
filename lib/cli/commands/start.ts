/**
 * `devsvc start`: the services run once each, proven ready; and `devsvc
 * restart`: they are stopped before, in the same plan.
 *
 * @module
 */

import { type Command, definePlanCommand } from "../command.ts";

const load = () => import("./start_action.ts");

/** Defines `devsvc start`. */
export const start: Command = definePlanCommand(async () =>
  (await load()).start
);

/** Defines `devsvc restart`. */
export const restart: Command = definePlanCommand(async () =>
  (await load()).restart
);
