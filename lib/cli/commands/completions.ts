/** `devsvc completions`: the script that teaches a shell to complete devsvc. */

import { type Command, commonFlags, defineCommand } from "../command.ts";
import { SHELLS } from "./shells.ts";
import type { CompletionsFlags } from "./completions_action.ts";

/** Defines `devsvc completions`. */
export const completions: Command = defineCommand<CompletionsFlags, [string]>({
  brief: {
    en: "Print the script that completes devsvc in a shell",
    fr: "Écrit le script qui complète devsvc dans un shell",
  },
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
