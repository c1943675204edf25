/**
 * What a command is given besides its arguments.
 *
 * @module
 */

import type { CommandContext, StricliProcess } from "@stricli/core";
import type { Language } from "../core/model.ts";
import type { Messages } from "../report/messages/mod.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** The command that is meant where none is named. */
export const DEFAULT_COMMAND = "start";

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

/** The flags that every command takes. */
export interface CommonFlags {
  /** Print the result as JSON. */
  readonly json: boolean;
  /** The services.toml to use. */
  readonly config?: string;
  /** The language of the texts. */
  readonly lang?: Language;
  /** Use colours. */
  readonly color: boolean;
}

/** What the flags of every command are where they are not given. */
export const COMMON_DEFAULTS = { json: false, color: true } as const;

/** The flags of the commands that change what runs. */
export interface ActFlags extends CommonFlags {
  /** Print what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** Ask nothing and stop whatever holds a port. */
  readonly force: boolean;
  /** What to do when a port is held. */
  readonly onConflict: OnConflict;
}

/** The choices of `--on-conflict`. */
export const ON_CONFLICT = ["ask", "fail", "restart", "keep"] as const;

/** One of {@linkcode ON_CONFLICT}. */
export type OnConflict = typeof ON_CONFLICT[number];

/** What the flags of {@linkcode ActFlags} are where they are not given. */
export const ACT_DEFAULTS = {
  ...COMMON_DEFAULTS,
  dryRun: false,
  force: false,
  onConflict: "ask",
} as const;

/** What the flag of `status` is where it is not given. */
export const WATCH_DEFAULT = false;
