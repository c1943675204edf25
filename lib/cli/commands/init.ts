/** `devsvc init`: writes services.toml from what it finds in the project. */

import { type Command, commonFlags, defineCommand } from "../command.ts";
import type { InitFlags } from "./init_action.ts";

/** Defines `devsvc init`. */
export const init: Command = defineCommand<InitFlags, []>({
  brief: {
    en: "Writes services.toml from what it finds in the project",
    fr: "Écrit services.toml d'après ce qu'il trouve dans le projet",
  },
  parameters: (cli) => ({
    flags: {
      ...commonFlags(cli),
      dryRun: { kind: "boolean", brief: cli.initDryRun, default: false },
      force: { kind: "boolean", brief: cli.initForce, default: false },
      batch: { kind: "boolean", brief: cli.batch, default: false },
    },
  }),
  load: async () => (await import("./init_action.ts")).writeConfig,
});
