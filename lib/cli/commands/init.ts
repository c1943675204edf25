/**
 * `devsvc init`: writes services.toml from what it finds in the project.
 *
 * @module
 */

import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
} from "../command.ts";

/** The flags of `devsvc init`. */
export interface InitFlags extends CommonFlags {
  /** Print services.toml, and write nothing. */
  readonly dryRun: boolean;
  /** Replace files that are there, without asking. */
  readonly force: boolean;
  /** Leave `start.bat` and `stop.bat`, too, which call devsvc. */
  readonly batch: boolean;
}

/** Defines `devsvc init`. */
export const init: Command = defineCommand<InitFlags, []>({
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
