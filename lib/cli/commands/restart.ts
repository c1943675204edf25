/**
 * `devsvc restart`: `stop`, then `start`, in one plan.
 *
 * @module
 */

import { type Command, definePlanCommand } from "../command.ts";

/** Defines `devsvc restart`. */
export const restart: Command = definePlanCommand(
  async () => (await import("./start_action.ts")).restart,
);
