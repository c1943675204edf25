/**
 * `devsvc up`: the services in the foreground. What they write is shown; Ctrl-C
 * stops them all.
 */

import {
  type Command,
  defineCommand,
  planFlags,
  serviceArguments,
} from "../command.ts";
import type { UpFlags } from "./up_action.ts";

/** Defines `devsvc up`. */
export const up: Command = defineCommand<UpFlags>({
  brief: {
    en: "Start the services in the foreground; Ctrl-C stops them",
    fr: "Démarre les services au premier plan ; Ctrl-C les arrête",
  },
  parameters: (cli, services) => {
    const { config, lang, color, force, onConflict } = planFlags(cli);
    return {
      flags: {
        config,
        lang,
        color,
        force,
        onConflict,
        keep: { kind: "boolean", brief: cli.keep, default: false },
        prefix: { kind: "boolean", brief: cli.prefix, default: true },
      },
      positional: serviceArguments(cli, services),
    };
  },
  load: async () => (await import("./up_action.ts")).runInForeground,
});
