/** `devsvc completions`: the script that teaches a shell to complete devsvc. */

import bash from "./shell_scripts/devsvc.bash" with { type: "text" };
import fish from "./shell_scripts/devsvc.fish" with { type: "text" };
import powershell from "./shell_scripts/devsvc.ps1" with { type: "text" };
import zsh from "./shell_scripts/devsvc.zsh" with { type: "text" };
import { suggest } from "../../core/did_you_mean.ts";
import type { CliContext } from "../cli_context.ts";
import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { SHELLS } from "./shells.ts";

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
  action: printScript,
});

/** The flags of `devsvc completions`. */
export type CompletionsFlags = Pick<CommonFlags, "lang">;

const SCRIPTS: Readonly<Record<typeof SHELLS[number], string>> = {
  bash,
  zsh,
  fish,
  powershell,
};

/** Runs `devsvc completions`. */
function printScript(
  { terminal, messages: { cli, errors } }: CliContext,
  _flags: CompletionsFlags,
  [word = ""]: readonly string[],
): number {
  const shell = SHELLS.find((name) => name === word);
  if (shell !== undefined) {
    terminal.write(SCRIPTS[shell]);
    return EXIT.ok;
  }
  const text = cli.unknownShell(word, SHELLS, suggest(word, SHELLS));
  terminal.writeError(`${errors.prefix} ${text}\n`);
  return EXIT.usage;
}
