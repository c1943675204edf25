/**
 * The command line where it is plain: a command and names of services. That
 * needs no parser; to load one and run it for the first time would take a
 * quarter of the time of `check`.
 *
 * @module
 */

import type { Messages } from "../report/messages/mod.ts";
import {
  ACT_DEFAULTS,
  type CliContext,
  COMMON_DEFAULTS,
  DEFAULT_COMMAND,
  WATCH_DEFAULT,
} from "./cli_context.ts";
import { EXIT } from "./exit_codes.ts";

/** Runs a command for the services that are named. */
type Command = (
  context: CliContext,
  names: readonly string[],
) => Promise<void>;

/** The commands that take names, with the flags that nobody gave. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => {
    const { check } = await import("./commands/check.ts");
    return (context, names) => check.call(context, COMMON_DEFAULTS, ...names);
  },
  status: async () => {
    const { status } = await import("./commands/status.ts");
    const flags = { ...COMMON_DEFAULTS, watch: WATCH_DEFAULT };
    return (context, names) => status.call(context, flags, ...names);
  },
  start: async () => {
    const { start } = await import("./commands/start.ts");
    return (context, names) => start.call(context, ACT_DEFAULTS, ...names);
  },
  stop: async () => {
    const { stop } = await import("./commands/stop.ts");
    return (context, names) => stop.call(context, ACT_DEFAULTS, ...names);
  },
  restart: async () => {
    const { restart } = await import("./commands/start.ts");
    return (context, names) => restart.call(context, ACT_DEFAULTS, ...names);
  },
};

/** A plain command line, ready to be run. */
export type FastCall = (context: CliContext) => Promise<void>;

/**
 * Reads a command line that is plain.
 *
 * @returns The call, as it is loaded; `undefined` where a parser is needed: for
 * flags, for any other command, and for what is no command at all.
 */
export function readFastPath(
  args: readonly string[],
): Promise<FastCall> | undefined {
  const [command = DEFAULT_COMMAND, ...names] = args;
  const isPlain = Object.hasOwn(COMMANDS, command) &&
    !names.some((name) => name.startsWith("-"));
  return isPlain
    ? COMMANDS[command]?.().then((run) => (context) =>
      runSafely(run, context, names)
    )
    : undefined;
}

async function runSafely(
  run: Command,
  context: CliContext,
  names: readonly string[],
): Promise<void> {
  try {
    await run(context, names);
  } catch (error) {
    const text = unexpectedText(error, context.messages);
    context.terminal.writeError(`${text}\n`);
    context.process.exitCode = EXIT.failed;
  }
}

/** Says that something went wrong which nobody thought of. */
export function unexpectedText(
  error: unknown,
  { errors }: Messages,
): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `${errors.prefix} ${errors.unexpected(reason)}`;
}
