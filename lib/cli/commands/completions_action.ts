/**
 * The action of `devsvc completions`. The scripts know nothing themselves: at
 * each TAB they ask `complete.ts`.
 */

import { suggest } from "../../core/did_you_mean.ts";
import type { CliContext } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import bash from "./shell_scripts/devsvc.bash" with { type: "text" };
import fish from "./shell_scripts/devsvc.fish" with { type: "text" };
import powershell from "./shell_scripts/devsvc.ps1" with { type: "text" };
import zsh from "./shell_scripts/devsvc.zsh" with { type: "text" };
import type { CommonFlags } from "../command.ts";
import { SHELLS } from "./shells.ts";

/** The flags of `devsvc completions`. */
export type CompletionsFlags = Pick<CommonFlags, "lang">;

const SCRIPTS: Readonly<Record<typeof SHELLS[number], string>> = {
  bash,
  zsh,
  fish,
  powershell,
};

/** Runs `devsvc completions`. */
export function printScript(
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
