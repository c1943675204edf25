/**
 * From the words of the command line to an exit code.
 *
 * @module
 */

import { type Language, LANGUAGES } from "../core/model.ts";
import { INTERRUPT_SIGNALS } from "../platform/os.ts";
import { languageOfSystem, loadMessages } from "../report/messages/mod.ts";
import { type CliContext, DEFAULT_COMMAND } from "./cli_context.ts";
import { EXIT } from "./exit_codes.ts";
import { type FastCall, readFastPath } from "./fast_path.ts";
import { openTerminal } from "./terminal/terminal.ts";
import type { OwnsConsole } from "./terminal/window.ts";

/** How the commands begin that only programs call. */
const HIDDEN_PREFIX = "__";

/**
 * Runs devsvc.
 *
 * @param ownsConsole Tells whether the console window closes with devsvc, if
 * not as usual; it is only asked where devsvc may have been double-clicked.
 */
export async function main(
  args: readonly string[],
  ownsConsole?: OwnsConsole,
): Promise<number> {
  if (args[0]?.startsWith(HIDDEN_PREFIX)) {
    const { runHidden } = await import("./commands/hidden.ts");
    const code = await runHidden(args, interruptible, () => contextOf(args));
    if (code !== undefined) return code;
  }
  // Loaded beside the texts.
  const plain = readFastPath(args);
  const context = await contextOf(args);
  if (args.length > 0 || !context.terminal.isInteractive) {
    return await runCommand(args, context, plain);
  }
  const isOwn = (ownsConsole ?? ownsThisConsole)();
  const code = await runCommand(args, context, plain);
  if (await isOwn) {
    const { holdWindow } = await import("./terminal/window.ts");
    await holdWindow(context);
  }
  return code;
}

async function ownsThisConsole(): Promise<boolean> {
  const { currentPlatform } = await import("../platform/current.ts");
  return await (await currentPlatform()).ownsConsole();
}

async function contextOf(args: readonly string[]): Promise<CliContext> {
  const language = languageFlag(args);
  const textLanguage = language ?? languageOfSystem();
  const messages = await loadMessages(textLanguage);
  const terminal = openTerminal(!args.includes("--no-color"));
  const process: CliContext["process"] = {
    stdout: { write: terminal.write },
    stderr: { write: terminal.writeError },
  };
  return {
    process,
    terminal,
    args,
    cwd: Deno.cwd(),
    messages,
    textLanguage,
    interruptible,
    ...(language ? { language } : {}),
  };
}

async function runCommand(
  args: readonly string[],
  context: CliContext,
  plain: Promise<FastCall> | undefined,
): Promise<number> {
  if (plain) await (await plain)(context);
  else {
    const { runParsed } = await import("./app.ts");
    await runParsed(withCommand(args), context);
  }
  // The library has negative codes of its own for words it does not know.
  const code = Number(context.process.exitCode ?? EXIT.ok);
  return code < 0 ? EXIT.usage : code;
}

/**
 * Without a command it is `start`: so it is when the file is double-clicked.
 *
 * @returns The words with a command in front, where there was none.
 */
function withCommand(args: readonly string[]): readonly string[] {
  const first = args[0];
  if (first === undefined) return [DEFAULT_COMMAND];
  const isFlag = first.startsWith("-") &&
    !/^(-h|--help|-v|--version)$/.test(first);
  return isFlag ? [DEFAULT_COMMAND, ...args] : args;
}

/** Texts about wrong words must be in the language asked for, too. */
function languageFlag(args: readonly string[]): Language | undefined {
  const at = args.findIndex((word) => /^--lang(=|$)/.test(word));
  const word = args[at];
  if (word === undefined) return undefined;
  const value = word.includes("=") ? word.split("=")[1] : args[at + 1];
  return LANGUAGES.find((language) => language === value);
}

function interruptible(): AbortSignal {
  const controller = new AbortController();
  const onSignal = () => {
    controller.abort();
    for (const name of INTERRUPT_SIGNALS) {
      Deno.removeSignalListener(name, onSignal);
    }
  };
  for (const name of INTERRUPT_SIGNALS) Deno.addSignalListener(name, onSignal);
  return controller.signal;
}
