/** `devsvc status`: one line a service. */

import {
  type Command,
  COMMON_DEFAULTS,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import type { StatusFlags } from "./status_action.ts";

const DEFAULTS: StatusFlags = { ...COMMON_DEFAULTS, watch: false };

/** Defines `devsvc status`. */
export const status: Command = defineCommand<StatusFlags>({
  brief: {
    en: "Show each service: state, port, process, uptime, URL",
    fr: "Montre chaque service : état, port, processus, durée, URL",
  },
  defaults: DEFAULTS,
  parameters: (cli, services) => ({
    flags: {
      ...commonFlags(cli),
      watch: { kind: "boolean", brief: cli.watch, default: DEFAULTS.watch },
    },
    positional: serviceArguments(cli, services),
  }),
  load: async () => (await import("./status_action.ts")).showStatus,
});
