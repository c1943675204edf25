/**
 * The commands and their flags; what they do is loaded when they are called.
 *
 * @module
 */

import {
  type Application,
  type ApplicationText,
  ArgumentScannerError,
  buildApplication,
  buildCommand,
  buildRouteMap,
  formatMessageForArgumentScannerError,
  run,
  text_en,
} from "@stricli/core";
import metadata from "../../deno.json" with { type: "json" };
import { LANGUAGES } from "../core/model.ts";
import type { Messages } from "../report/messages/mod.ts";
import {
  ACT_DEFAULTS,
  type CliContext,
  COMMON_DEFAULTS,
  ON_CONFLICT,
  WATCH_DEFAULT,
} from "./cli_context.ts";
import { unexpectedText } from "./fast_path.ts";
import { SHELLS } from "./commands/shells.ts";
import { parseSince } from "./commands/since.ts";

/** More than this is no longer the end of a log. */
const LOG_LINES_MAX = 1_000_000;

/** Builds the command line in one language. */
export function buildApp(
  messages: Messages,
  services: readonly string[] = [],
): Application<CliContext> {
  const { cli } = messages;
  const common = {
    json: {
      kind: "boolean",
      brief: cli.json,
      default: COMMON_DEFAULTS.json,
    },
    config: {
      kind: "parsed",
      parse: String,
      brief: cli.config,
      placeholder: "path",
      optional: true,
    },
    lang: {
      kind: "enum",
      values: LANGUAGES,
      brief: cli.lang,
      optional: true,
    },
    color: {
      kind: "boolean",
      brief: cli.color,
      default: COMMON_DEFAULTS.color,
    },
  } as const;
  const actFlags = {
    ...common,
    dryRun: {
      kind: "boolean",
      brief: cli.dryRun,
      default: ACT_DEFAULTS.dryRun,
    },
    force: {
      kind: "boolean",
      brief: cli.force,
      default: ACT_DEFAULTS.force,
    },
    onConflict: {
      kind: "enum",
      values: ON_CONFLICT,
      brief: cli.onConflict,
      default: ACT_DEFAULTS.onConflict,
    },
  } as const;
  const service = {
    parse: String,
    placeholder: "service",
    proposeCompletions: () => services,
  } as const;
  const positional = {
    kind: "array",
    parameter: { ...service, brief: cli.service },
  } as const;

  const root = buildRouteMap<string, CliContext>({
    routes: {
      start: buildCommand({
        loader: async () => (await import("./commands/start.ts")).start,
        parameters: { flags: actFlags, positional },
        docs: { brief: cli.start },
      }),
      stop: buildCommand({
        loader: async () => (await import("./commands/stop.ts")).stop,
        parameters: { flags: actFlags, positional },
        docs: { brief: cli.stop },
      }),
      restart: buildCommand({
        loader: async () => (await import("./commands/start.ts")).restart,
        parameters: { flags: actFlags, positional },
        docs: { brief: cli.restart },
      }),
      up: buildCommand({
        loader: async () => (await import("./commands/up.ts")).up,
        parameters: {
          flags: {
            config: common.config,
            lang: common.lang,
            color: common.color,
            force: actFlags.force,
            onConflict: actFlags.onConflict,
            keep: { kind: "boolean", brief: cli.keep, default: false },
            prefix: { kind: "boolean", brief: cli.prefix, default: true },
          },
          positional,
        },
        docs: { brief: cli.up },
      }),
      check: buildCommand({
        loader: async () => (await import("./commands/check.ts")).check,
        parameters: { flags: common, positional },
        docs: { brief: cli.check },
      }),
      status: buildCommand({
        loader: async () => (await import("./commands/status.ts")).status,
        parameters: {
          flags: {
            ...common,
            watch: {
              kind: "boolean",
              brief: cli.watch,
              default: WATCH_DEFAULT,
            },
          },
          positional,
        },
        docs: { brief: cli.status },
      }),
      logs: buildCommand({
        loader: async () => (await import("./commands/logs.ts")).logs,
        parameters: {
          flags: {
            ...common,
            follow: { kind: "boolean", brief: cli.follow, default: false },
            lines: {
              kind: "parsed",
              parse: (word: string) => parseLines(word, messages),
              brief: cli.lines,
              placeholder: "n",
              optional: true,
            },
            since: {
              kind: "parsed",
              parse: (word: string) => parseTime(word, messages),
              brief: cli.since,
              placeholder: "time",
              optional: true,
            },
            grep: {
              kind: "parsed",
              parse: (word: string) => parsePattern(word, messages),
              brief: cli.grep,
              placeholder: "regex",
              optional: true,
            },
            prefix: { kind: "boolean", brief: cli.prefix, default: true },
          },
          aliases: { f: "follow", n: "lines" },
          positional,
        },
        docs: { brief: cli.logs },
      }),
      why: buildCommand({
        loader: async () => (await import("./commands/why.ts")).why,
        parameters: {
          flags: common,
          positional: {
            kind: "tuple",
            parameters: [{ ...service, brief: cli.oneService }],
          },
        },
        docs: { brief: cli.why },
      }),
      completions: buildCommand({
        loader: async () =>
          (await import("./commands/completions.ts")).completions,
        parameters: {
          flags: { lang: common.lang },
          positional: {
            kind: "tuple",
            parameters: [{
              parse: String,
              placeholder: "shell",
              proposeCompletions: () => SHELLS,
              brief: `${cli.shell}: ${SHELLS.join(", ")}`,
            }],
          },
        },
        docs: { brief: cli.completions },
      }),
      init: buildCommand({
        loader: async () => (await import("./commands/init.ts")).init,
        parameters: {
          flags: {
            ...common,
            dryRun: { kind: "boolean", brief: cli.initDryRun, default: false },
            force: { kind: "boolean", brief: cli.initForce, default: false },
            batch: { kind: "boolean", brief: cli.batch, default: false },
          },
        },
        docs: { brief: cli.init },
      }),
    },
    docs: { brief: cli.brief, fullDescription: cli.description },
  });

  return buildApplication(root, {
    name: "devsvc",
    versionInfo: { currentVersion: metadata.version },
    scanner: {
      caseStyle: "allow-kebab-for-camel",
      // The default would take any short word for a slip of another.
      distanceOptions: {
        threshold: 3,
        weights: {
          insertion: 1,
          deletion: 2,
          substitution: 2,
          transposition: 1,
        },
      },
    },
    documentation: {
      caseStyle: "convert-camel-to-kebab",
      disableAnsiColor: true,
    },
    localization: { text: applicationText(messages) },
  });
}

/**
 * Parses the command line and runs the command.
 *
 * @param context What commands are given; it takes the exit code.
 */
export async function runParsed(
  words: readonly string[],
  context: CliContext,
): Promise<void> {
  await run(buildApp(context.messages), words, context);
}

function parseLines(word: string, messages: Messages): number {
  const count = Number(word);
  const isCount = /^\d+$/.test(word) && count <= LOG_LINES_MAX;
  if (!isCount) throw new SyntaxError(messages.cli.notALineCount);
  return count;
}

function parseTime(word: string, messages: Messages): number {
  const moment = parseSince(word, Date.now());
  if (moment === undefined) throw new SyntaxError(messages.cli.notATime);
  return moment;
}

function parsePattern(word: string, messages: Messages): RegExp {
  try {
    return new RegExp(word);
  } catch {
    throw new SyntaxError(messages.cli.notAPattern);
  }
}

function applicationText(messages: Messages): ApplicationText {
  const { cli, errors } = messages;
  const unexpected = (error: unknown) => unexpectedText(error, messages);
  return {
    ...text_en,
    keywords: { ...text_en.keywords, default: cli.defaultWord },
    headers: {
      usage: cli.usage,
      commands: cli.commands,
      flags: cli.flags,
      arguments: cli.arguments,
      aliases: cli.aliases,
    },
    briefs: { ...text_en.briefs, help: cli.help, version: cli.version },
    noCommandRegisteredForInput: ({ input, corrections }) =>
      `${errors.prefix} ${cli.unknownCommand(input, corrections)}`,
    exceptionWhileParsingArguments: (error) =>
      `${errors.prefix} ${scannerText(error, cli)}`,
    exceptionWhileLoadingCommandFunction: unexpected,
    exceptionWhileLoadingCommandContext: unexpected,
    exceptionWhileRunningCommand: unexpected,
    commandErrorResult: unexpected,
  };
}

function scannerText(error: unknown, cli: Messages["cli"]): string {
  if (!(error instanceof ArgumentScannerError)) {
    return cli.badUsage(reasonOf(error));
  }
  return formatMessageForArgumentScannerError(error, {
    FlagNotFoundError: ({ input, corrections }) =>
      cli.unknownFlag(input, corrections.map(toKebab)),
    AliasNotFoundError: ({ input }) => cli.unknownAlias(input),
    EnumValidationError: ({ externalFlagName, input, values }) =>
      cli.badChoice(externalFlagName, input, values),
    ArgumentParseError: ({ externalFlagNameOrPlaceholder, input, exception }) =>
      cli.badValue(
        `--${externalFlagNameOrPlaceholder}`,
        input,
        reasonOf(exception),
      ),
    UnsatisfiedPositionalError: ({ placeholder }) =>
      cli.missingArgument(placeholder),
    UnexpectedPositionalError: ({ expectedCount, input }) =>
      cli.tooManyArguments(expectedCount, input),
    UnsatisfiedFlagError: ({ externalFlagName }) =>
      cli.missingValue(externalFlagName),
    UnexpectedFlagError: ({ externalFlagName }) =>
      cli.givenTwice(externalFlagName),
    InvalidNegatedFlagSyntaxError: ({ externalFlagName }) =>
      cli.noValue(externalFlagName),
  });
}

/** As the help writes it: `--dry-run`, not `--dryRun`. */
function toKebab(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
