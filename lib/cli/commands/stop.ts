/** `devsvc stop`: what is this project's is stopped, and proven to be. */

import { type Command, definePlanCommand } from "../command.ts";

/** Defines `devsvc stop`. */
export const stop: Command = definePlanCommand({
  brief: {
    en: "Stop the services and prove that they are stopped",
    fr: "Arrête les services et prouve qu'ils sont arrêtés",
  },
  load: async () => (await import("./stop_action.ts")).stop,
});
