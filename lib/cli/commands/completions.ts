/**
 * `devsvc completions`: the script that teaches a shell to complete devsvc.
 *
 * @module
 */

import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
} from "../command.ts";

/** The shells that there is a script for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** The flags of `devsvc completions`. */
export type CompletionsFlags = Pick<CommonFlags, "lang">;

/** Defines `devsvc completions`. */
export const completions: Command = defineCommand<CompletionsFlags, [string]>({
  parameters: (cli) => ({
    flags: { lang: commonFlags(cli).lang },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        placeholder: "shell",
        proposeCompletions: () => SHELLS,
        brief: `${cli.shell}: ${SHELLS.join(", ")}`,
      }],
    },
  }),
  load: async () => (await import("./completions_action.ts")).printScript,
});
