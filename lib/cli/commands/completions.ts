/**
 * `devsvc completions`: the script that teaches a shell to complete devsvc. The
 * scripts know nothing themselves: at each TAB they ask `complete.ts`.
 */

import { printable } from "../../core/printable.ts";
import { suggest } from "../../core/did_you_mean.ts";
import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import bash from "./shell_scripts/devsvc.bash" with { type: "text" };
import fish from "./shell_scripts/devsvc.fish" with { type: "text" };
import powershell from "./shell_scripts/devsvc.ps1" with { type: "text" };
import zsh from "./shell_scripts/devsvc.zsh" with { type: "text" };

const SCRIPTS = new Map([
  ["bash", bash],
  ["zsh", zsh],
  ["fish", fish],
  ["powershell", powershell],
]);

const SHELLS = [...SCRIPTS.keys()];

/** Defines `devsvc completions`. */
export const completions: Command = defineCommand<
  Pick<CommonFlags, "lang">,
  [string]
>({
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
  action: ({ terminal, messages: { cli, errors } }, _flags, [word = ""]) => {
    const script = SCRIPTS.get(word);
    if (script !== undefined) {
      terminal.write(script);
      return EXIT.ok;
    }
    const text = cli.unknownShell(
      printable(word),
      SHELLS,
      suggest(word, SHELLS),
    );
    terminal.writeError(`${errors.prefix} ${text}\n`);
    return EXIT.usage;
  },
});
