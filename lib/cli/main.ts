/**
 * From the words of the command line to an exit code.
 *
 * @module
 */

import { run } from "@stricli/core";
import { type Language, LANGUAGES } from "../core/model.ts";
import { languageOfSystem, loadMessages } from "../report/messages/mod.ts";
import { KEEPER_COMMAND } from "../runtime/self.ts";
import { buildApp, DEFAULT_COMMAND } from "./app.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit.ts";
import { openTerminal } from "./terminal.ts";
import type { OwnsConsole } from "./window.ts";

/** Asks for what could be typed next; the scripts of `completions` say it. */
const COMPLETE = "__complete";

/**
 * Runs devsvc.
 *
 * @param args The words behind its name.
 * @param ownsConsole Tells whether the console window closes with devsvc, if
 * not as usual; it is only asked where devsvc may have been double-clicked.
 * @returns The exit code.
 */
export async function main(
  args: readonly string[],
  ownsConsole?: OwnsConsole,
): Promise<number> {
  const [command, ...words] = args;
  if (command === KEEPER_COMMAND) {
    const { runKeeper } = await import("./keeper.ts");
    return await runKeeper(words[0] ?? "", interruptible());
  }
  const context = await contextOf(args);
  if (command === COMPLETE) {
    const { complete } = await import("./complete.ts");
    await complete(context, words);
    return EXIT.ok;
  }
  if (args.length > 0 || !context.terminal.isInteractive) {
    return await runCommand(args, context);
  }
  const isOwn = (ownsConsole ?? await usualOwner())();
  const code = await runCommand(args, context);
  if (await isOwn) {
    const { holdWindow } = await import("./window.ts");
    await holdWindow(context);
  }
  return code;
}

/** On any other system the answer is known without a look. */
async function usualOwner(): Promise<OwnsConsole> {
  return Deno.build.os === "windows"
    ? (await import("./window.ts")).ownsThisConsole
    : () => Promise.resolve(false);
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
): Promise<number> {
  await run(buildApp(context.messages), withCommand(args), context);
  // The library has negative codes of its own for words it does not know.
  const code = Number(context.process.exitCode ?? EXIT.ok);
  return code < 0 ? EXIT.usage : code;
}

/**
 * Without a command it is `start`: so it is when the file is double-clicked.
 *
 * @param args The words behind the name of the program.
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
  const names: readonly Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK", "SIGHUP"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  const onSignal = () => {
    controller.abort();
    for (const name of names) Deno.removeSignalListener(name, onSignal);
  };
  for (const name of names) Deno.addSignalListener(name, onSignal);
  return controller.signal;
}
