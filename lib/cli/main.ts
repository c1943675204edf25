/** The command line of devsvc: from its words to an exit code. */

import { type Language, LANGUAGES } from "../core/model.ts";
import { INTERRUPT_SIGNALS } from "../platform/os.ts";
import {
  languageOfSystem,
  loadMessages,
} from "../report/messages/load_messages.ts";
import type { CliContext } from "./cli_context.ts";
import { DEFAULT_COMMAND, isCommandName, QUERIES } from "./command_list.ts";
import type { BegunQueries } from "./early_queries.ts";
import { loadPlainCall, type PlainCall } from "./fast_path.ts";
import { openTerminal } from "./terminal/terminal.ts";
import type { OwnsConsole } from "./terminal/window.ts";

/** How the internal commands begin. */
const INTERNAL_PREFIX = "__";

/** What a plain call does without. */
const load = {
  /** For commands that change nothing. */
  earlyQueries: () => import("./early_queries.ts"),
  /** For calls by a program: the supervisor, a shell that completes. */
  internalCommands: () => import("./internal_commands.ts"),
  /** For all that is not plain. */
  parser: () => import("./app.ts"),
  /** Where devsvc may have been double-clicked. */
  platform: () => import("../platform/current.ts"),
  /** Where it was. */
  window: () => import("./terminal/window.ts"),
};

/**
 * Runs devsvc.
 *
 * @param ownsConsole Tells whether the console window closes with devsvc; only
 * called where devsvc may have been double-clicked. By default the OS is asked.
 */
export async function main(
  words: readonly string[],
  ownsConsole?: OwnsConsole,
): Promise<number> {
  const args = commandFirst(words);
  if (args[0]?.startsWith(INTERNAL_PREFIX)) {
    const { runInternal } = await load.internalCommands();
    const code = await runInternal(args, interruptible, () => contextOf(args));
    if (code !== undefined) return code;
  }
  // The tools of the OS start before the rest is loaded, and work beside it.
  const begun = await begin(args);
  // Loaded beside the texts.
  const plain = loadPlainCall(args);
  const context = { ...await contextOf(args), ...(begun ? { begun } : {}) };
  if (args.length > 0 || !context.terminal.isInteractive) {
    return await runCommand(args, context, plain);
  }
  const isOwn = (ownsConsole ?? ownsThisConsole)();
  const code = await runCommand(args, context, plain);
  if (await isOwn) {
    const { holdWindow } = await load.window();
    await holdWindow(context);
  }
  return code;
}

/** Nothing is begun for a services.toml elsewhere, or for the help. */
function begin(args: readonly string[]): Promise<BegunQueries> | undefined {
  const isMeant = QUERIES.has(args[0] ?? "") &&
    !args.some((word) => /^(--config(=.*)?|--help|-h)$/.test(word));
  return isMeant
    ? load.earlyQueries().then(({ beginQueries }) =>
      // `check` is about ports.
      beginQueries(Deno.cwd(), args[0] !== "check")
    )
    : undefined;
}

async function ownsThisConsole(): Promise<boolean> {
  const { currentPlatform } = await load.platform();
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
  plain: Promise<PlainCall | undefined>,
): Promise<number> {
  const call = await plain;
  const code = call
    ? await call(context)
    : await (await load.parser()).runParsed(withCommand(args), context);
  const { terminal, messages: { errors } } = context;
  const failure = terminal.outputFailure?.();
  if (failure !== undefined) {
    const text = errors.outputFailed(failure);
    terminal.writeError(`${errors.prefix} ${text}\n`);
  }
  return code;
}

/**
 * Adds the default command, as for a file that is double-clicked.
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

/** Flags that stand before a command and are followed by a value. */
const VALUE_FLAGS: ReadonlySet<string> = new Set(["--config", "--lang"]);

/** Puts a command before the flags that stand in front of it. */
export function commandFirst(words: readonly string[]): readonly string[] {
  let at = 0;
  while (words[at]?.startsWith("-") && words[at] !== "--") {
    at += VALUE_FLAGS.has(words[at] ?? "") ? 2 : 1;
  }
  const command = words[at];
  return at > 0 && command !== undefined && isCommandName(command)
    ? [command, ...words.toSpliced(at, 1)]
    : words;
}

/** Read before the parser, whose errors are in this language, too. */
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
