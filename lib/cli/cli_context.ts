/**
 * What a command is given besides its arguments.
 *
 * @module
 */

import type { CommandContext, StricliProcess } from "@stricli/core";
import type { Language } from "../core/model.ts";
import type { Messages } from "../report/messages/mod.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** What a command is given besides its arguments. */
export interface CliContext extends CommandContext {
  /** Where the command line library writes, and the exit code. */
  readonly process: StricliProcess;
  /** The screen and the keyboard. */
  readonly terminal: Terminal;
  /** The words behind the name of devsvc. */
  readonly args: readonly string[];
  /** The folder in which devsvc was called, absolute. */
  readonly cwd: string;
  /** The language that the user asked for by a flag. */
  readonly language?: Language;
  /** The texts of the language of the flag, else of the OS. */
  readonly messages: Messages;
  /** Its language. */
  readonly textLanguage: Language;
  /**
   * From now on Ctrl-C, SIGTERM and the closing of the window only abort the
   * signal; a second one ends devsvc at once.
   */
  readonly interruptible: () => AbortSignal;
}
