/**
 * `devsvc status`: one line a service.
 *
 * @module
 */

import {
  type Command,
  COMMON_DEFAULTS,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";

/** The flags of `devsvc status`. */
export interface StatusFlags extends CommonFlags {
  /** Show it again and again, in place. */
  readonly watch: boolean;
}

const DEFAULTS: StatusFlags = { ...COMMON_DEFAULTS, watch: false };

/** Defines `devsvc status`. */
export const status: Command = defineCommand<StatusFlags>({
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
