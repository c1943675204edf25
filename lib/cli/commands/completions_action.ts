/**
 * The action of `devsvc completions`. The scripts know nothing themselves: at
 * each TAB they ask `complete.ts`.
 *
 * @module
 */

import { suggest } from "../../core/did_you_mean.ts";
import { loadCompletionMessages } from "../../report/completion_messages/mod.ts";
import type { CliContext } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { type CompletionsFlags, SHELLS } from "./completions.ts";
import bash from "./shell_scripts/devsvc.bash" with { type: "text" };
import fish from "./shell_scripts/devsvc.fish" with { type: "text" };
import powershell from "./shell_scripts/devsvc.ps1" with { type: "text" };
import zsh from "./shell_scripts/devsvc.zsh" with { type: "text" };

const SCRIPTS: Readonly<Record<typeof SHELLS[number], string>> = {
  bash,
  zsh,
  fish,
  powershell,
};

/** Runs `devsvc completions`. */
export async function printScript(
  { terminal, messages, textLanguage }: CliContext,
  _flags: CompletionsFlags,
  [word = ""]: readonly string[],
): Promise<number> {
  const shell = SHELLS.find((name) => name === word);
  if (shell !== undefined) {
    terminal.write(SCRIPTS[shell]);
    return EXIT.ok;
  }
  const words = await loadCompletionMessages(textLanguage);
  const text = words.unknownShell(word, SHELLS, suggest(word, SHELLS));
  terminal.writeError(`${messages.errors.prefix} ${text}\n`);
  return EXIT.usage;
}
