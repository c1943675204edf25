/**
 * `devsvc up`: the services in the foreground. What they write is shown; Ctrl-C
 * stops them all.
 *
 * @module
 */

import {
  type Command,
  defineCommand,
  type PlanFlags,
  planFlags,
  serviceArguments,
} from "../command.ts";

/** The flags of `devsvc up`. */
export interface UpFlags extends Omit<PlanFlags, "json" | "dryRun"> {
  /** Leave the services running at the end. */
  readonly keep: boolean;
  /** Time and name stand before each line. */
  readonly prefix: boolean;
}

/** Defines `devsvc up`. */
export const up: Command = defineCommand<UpFlags>({
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
