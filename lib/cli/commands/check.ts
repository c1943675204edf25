/** `devsvc check`: which ports are free, and who holds the others. */

import {
  type Command,
  COMMON_DEFAULTS,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";

/** Defines `devsvc check`. */
export const check: Command = defineCommand<CommonFlags>({
  brief: {
    en: "Say which ports are free, and who holds the others",
    fr: "Dit quels ports sont libres, et qui tient les autres",
  },
  defaults: COMMON_DEFAULTS,
  parameters: (cli, services) => ({
    flags: commonFlags(cli),
    positional: serviceArguments(cli, services),
  }),
  load: async () => (await import("./check_action.ts")).checkPorts,
});
