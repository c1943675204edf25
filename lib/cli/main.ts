/**
 * From the words of the command line to an exit code.
 *
 * @module
 */

import { run } from "@stricli/core";
import { type Language, LANGUAGES } from "../core/model.ts";
import { languageOfSystem, loadMessages } from "../report/messages/mod.ts";
import { buildApp } from "./app.ts";
import type { CliContext } from "./context.ts";
import { EXIT } from "./exit.ts";
import { openTerminal } from "./terminal.ts";

/**
 * Runs devsvc.
 *
 * @param args The words behind its name.
 * @returns The exit code.
 */
export async function main(args: readonly string[]): Promise<number> {
  const language = languageFlag(args);
  const textLanguage = language ?? languageOfSystem();
  const messages = await loadMessages(textLanguage);
  const terminal = openTerminal(!args.includes("--no-color"));
  const process: CliContext["process"] = {
    stdout: { write: terminal.write },
    stderr: { write: terminal.writeError },
  };
  const context: CliContext = {
    process,
    terminal,
    args,
    cwd: Deno.cwd(),
    messages,
    textLanguage,
    interruptible,
    ...(language ? { language } : {}),
  };
  await run(buildApp(messages), withCommand(args), context);
  // The library has negative codes of its own for words it does not know.
  const code = Number(process.exitCode ?? EXIT.ok);
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
  if (first === undefined) return ["start"];
  const isFlag = first.startsWith("-") &&
    !/^(-h|--help|-v|--version)$/.test(first);
  return isFlag ? ["start", ...args] : args;
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
