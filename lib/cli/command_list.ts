/** The commands, in the order of the help. */

import type { Command } from "./command.ts";

// To add a command: its file in commands/, with its brief in each language, and
// one line here.
/** Loads each command. */
export const COMMANDS = {
  start: async () => (await import("./commands/start.ts")).start,
  stop: async () => (await import("./commands/stop.ts")).stop,
  restart: async () => (await import("./commands/start.ts")).restart,
  up: async () => (await import("./commands/up.ts")).up,
  check: async () => (await import("./commands/check.ts")).check,
  status: async () => (await import("./commands/status.ts")).status,
  logs: async () => (await import("./commands/logs.ts")).logs,
  why: async () => (await import("./commands/why.ts")).why,
  completions: async () =>
    (await import("./commands/completions.ts")).completions,
  init: async () => (await import("./commands/init.ts")).init,
} satisfies Readonly<Record<string, () => Promise<Command>>>;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** Tells whether a word is the name of a command. */
export function isCommandName(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word);
}

/** The names of the commands, in the order of the help. */
export const COMMAND_NAMES: readonly CommandName[] = Object.keys(COMMANDS)
  .filter(isCommandName);

/**
 * The commands that change nothing: the OS is queried for them at once, while
 * the rest is loaded.
 */
export const QUERIES: ReadonlySet<string> = new Set<CommandName>([
  "check",
  "status",
  "why",
]);

/** The command that is meant where none is named. */
export const DEFAULT_COMMAND = "start" satisfies CommandName;
