/**
 * `devsvc start`: the services run once each, proven ready; and `devsvc
 * restart`: they are stopped before, in the same plan.
 */

import { type Command, definePlanCommand } from "../command.ts";

const load = () => import("./start_action.ts");

/** Defines `devsvc start`. */
export const start: Command = definePlanCommand({
  brief: {
    en: "Start the services and wait until they are proven ready",
    fr: "Démarre les services et attend la preuve qu'ils sont prêts",
  },
  load: async () => (await load()).start,
});

/** Defines `devsvc restart`. */
export const restart: Command = definePlanCommand({
  brief: {
    en: "Stop the services, then start them",
    fr: "Arrête les services, puis les redémarre",
  },
  load: async () => (await load()).restart,
});
