/** `devsvc why`: the reasons for the state of one service. */

import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArgument,
} from "../command.ts";

/** Defines `devsvc why`. */
export const why: Command = defineCommand<CommonFlags, [string]>({
  brief: {
    en: "Say why a service is up, down, waiting or in conflict",
    fr: "Dit pourquoi un service marche, est arrêté, attend ou est en conflit",
  },
  parameters: (cli, services) => ({
    flags: commonFlags(cli),
    positional: {
      kind: "tuple",
      parameters: [serviceArgument(cli.oneService, services)],
    },
  }),
  load: async () => (await import("./why_action.ts")).explainService,
});
