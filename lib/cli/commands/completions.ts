/**
 * `devsvc completions`: the script that teaches a shell to complete devsvc.
 *
 * The scripts know nothing themselves: at each TAB they ask `complete.ts`.
 *
 * @module
 */

import { suggest } from "../../core/did_you_mean.ts";
import type { Language } from "../../core/model.ts";
import bash from "./shell_scripts/devsvc.bash" with { type: "text" };
import fish from "./shell_scripts/devsvc.fish" with { type: "text" };
import powershell from "./shell_scripts/devsvc.ps1" with { type: "text" };
import zsh from "./shell_scripts/devsvc.zsh" with { type: "text" };
import type { CliContext } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { isShell, type ShellName, SHELLS } from "./shells.ts";

const SCRIPTS: Readonly<Record<ShellName, string>> = {
  bash,
  zsh,
  fish,
  powershell,
};

/** The flags of `devsvc completions`. */
export interface CompletionsFlags {
  /** The language of the texts. */
  readonly lang?: Language;
}

/** Runs `devsvc completions`. */
export function completions(
  this: CliContext,
  _flags: CompletionsFlags,
  shell: string,
): void {
  if (isShell(shell)) {
    this.terminal.write(SCRIPTS[shell]);
    this.process.exitCode = EXIT.ok;
    return;
  }
  const { cli, errors } = this.messages;
  const text = cli.unknownShell(shell, SHELLS, suggest(shell, SHELLS));
  this.terminal.writeError(`${errors.prefix} ${text}\n`);
  this.process.exitCode = EXIT.usage;
}
