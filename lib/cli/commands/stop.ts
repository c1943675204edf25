/**
 * `devsvc stop`: what is this project's is stopped, and proven to be.
 *
 * @module
 */

import { type Command, definePlanCommand } from "../command.ts";

/** Defines `devsvc stop`. */
export const stop: Command = definePlanCommand(
  async () => (await import("./stop_action.ts")).stop,
);
