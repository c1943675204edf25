/** The context of a command: all that it gets besides its arguments. */

import type { CommandContext, StricliProcess } from "@stricli/core";
import type { Language } from "../core/model.ts";
import type { BegunQueries } from "./early_queries.ts";
import type { Host } from "../platform/host.ts";
import type { Messages } from "../report/messages/load_messages.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** The context of a command. */
export interface CliContext extends CommandContext {
  /** The streams of the command line library, and the exit code it sets. */
  readonly process: StricliProcess;
  /** The screen and the keyboard. */
  readonly terminal: Terminal;
  /** The command line, without the name of devsvc. */
  readonly args: readonly string[];
  /** The folder in which devsvc was called, absolute. */
  readonly cwd: string;
  /** The machine, where it is not the one that devsvc runs on. */
  readonly host?: Host;
  /** Queries that were begun for the project of the folder. */
  readonly begun?: BegunQueries;
  /** The language of `--lang`, where it is given. */
  readonly language?: Language;
  /** The texts in the language of `--lang`, else of the OS. */
  readonly messages: Messages;
  /** The language of these texts. */
  readonly textLanguage: Language;
  /**
   * Makes Ctrl-C, SIGTERM and the closing of the window abort the signal; the
   * second of them ends devsvc at once.
   */
  readonly interruptible: () => AbortSignal;
}
