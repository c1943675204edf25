/**
 * The command line where it is plain: a command and names of services. That
 * needs no parser; to load one and run it for the first time would take a
 * quarter of the time of `check`.
 */

import type { Messages } from "../report/messages/load_messages.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMANDS, DEFAULT_COMMAND, isCommandName } from "./command_list.ts";
import { EXIT } from "./exit_codes.ts";
import { reasonOf } from "../core/reason_of.ts";

/** A plain call, ready to be run; returns the exit code. */
export type PlainCall = (context: CliContext) => Promise<number>;

/**
 * Loads the call that a plain command line asks for.
 *
 * @returns The call; `undefined` where a parser is needed: for flags, for
 * commands that take other words, and for what is no command at all.
 */
export async function loadPlainCall(
  args: readonly string[],
): Promise<PlainCall | undefined> {
  const [command = DEFAULT_COMMAND, ...names] = args;
  const isPlain = isCommandName(command) &&
    !names.some((name) => name.startsWith("-"));
  if (!isPlain) return undefined;
  const { runPlain } = await COMMANDS[command]();
  return runPlain && (async (context) => {
    try {
      return await runPlain(context, names);
    } catch (error) {
      const text = unexpectedText(error, context.messages);
      context.terminal.writeError(`${text}\n`);
      return EXIT.failed;
    }
  });
}

/** Words for an error that nothing else explains. */
export function unexpectedText(
  error: unknown,
  { errors }: Messages,
): string {
  const reason = reasonOf(error);
  return `${errors.prefix} ${errors.unexpected(reason)}`;
}
