/**
 * `devsvc start`: the services run once each, proven ready.
 *
 * @module
 */

import { type Command, definePlanCommand } from "../command.ts";

/** Defines `devsvc start`. */
export const start: Command = definePlanCommand(
  async () => (await import("./start_action.ts")).start,
);
