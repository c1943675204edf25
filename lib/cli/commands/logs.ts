/**
 * `devsvc logs`: what the services wrote, in the order of time, each line with
 * the name of its service.
 */

import {
  type Command,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import type { LogFlags } from "./logs_action.ts";
import { parseSince } from "../since.ts";

/** More lines than this are no longer the end of a log. */
const LOG_LINES_MAX = 1_000_000;

/** Defines `devsvc logs`. */
export const logs: Command = defineCommand<LogFlags>({
  brief: {
    en: "Show what the services wrote",
    fr: "Montre ce que les services ont écrit",
  },
  parameters: (cli, services) => ({
    flags: {
      ...commonFlags(cli),
      follow: { kind: "boolean", brief: cli.follow, default: false },
      lines: {
        kind: "parsed",
        parse: (word: string) => parseLines(word, cli.notALineCount),
        brief: cli.lines,
        placeholder: "n",
        optional: true,
      },
      since: {
        kind: "parsed",
        parse: (word: string) => parseTime(word, cli.notATime),
        brief: cli.since,
        placeholder: "time",
        optional: true,
      },
      grep: {
        kind: "parsed",
        parse: (word: string) => parsePattern(word, cli.notAPattern),
        brief: cli.grep,
        placeholder: "regex",
        optional: true,
      },
      prefix: { kind: "boolean", brief: cli.prefix, default: true },
    },
    aliases: { f: "follow", n: "lines" },
    positional: serviceArguments(cli, services),
  }),
  load: async () => (await import("./logs_action.ts")).showLogs,
});

function parseLines(word: string, expected: string): number {
  const count = Number(word);
  const isCount = /^\d+$/.test(word) && count <= LOG_LINES_MAX;
  if (!isCount) throw new SyntaxError(expected);
  return count;
}

function parseTime(word: string, expected: string): number {
  const time = parseSince(word, Date.now());
  if (time === undefined) throw new SyntaxError(expected);
  return time;
}

function parsePattern(word: string, expected: string): RegExp {
  try {
    return new RegExp(word);
  } catch {
    throw new SyntaxError(expected);
  }
}
