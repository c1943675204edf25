/** The command line of a parser: for flags, the help and the completions. */

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
import type { Language } from "../core/model.ts";
import { printable } from "../core/printable.ts";
import type { Messages } from "../report/messages/load_messages.ts";
import type { CliContext } from "./cli_context.ts";
import { COMMAND_NAMES, COMMANDS, isCommandName } from "./command_list.ts";
import { EXIT } from "./exit_codes.ts";
import { unexpectedText } from "./fast_path.ts";
import { reasonOf } from "../core/reason_of.ts";

/** What the command line is built for. */
export interface AppOptions {
  /** The language of the messages. */
  readonly language: Language;
  /** The first word, where it is known: no other command is loaded then. */
  readonly command?: string | undefined;
  /** The names of services that completions propose. */
  readonly services?: readonly string[];
}

/** Builds the command line in one language. */
export async function buildApp(
  messages: Messages,
  { language, command, services = [] }: AppOptions,
): Promise<Application<CliContext>> {
  const { cli } = messages;
  const names = command !== undefined && isCommandName(command)
    ? [command]
    : COMMAND_NAMES;
  const routes = await Promise.all(
    names.map(async (name) => {
      const { toParsed } = await COMMANDS[name]();
      const route = toParsed(buildCommand, { language, cli, services });
      return [name, route] as const;
    }),
  );
  const root = buildRouteMap<string, CliContext>({
    routes: Object.fromEntries(routes),
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
 * @returns The exit code.
 */
export async function runParsed(
  words: readonly string[],
  context: CliContext,
): Promise<number> {
  const app = await buildApp(context.messages, {
    language: context.textLanguage,
    command: words[0],
  });
  await run(app, words, context);
  // The library has negative codes of its own for words it does not know.
  const code = Number(context.process.exitCode ?? EXIT.ok);
  return code < 0 ? EXIT.usage : code;
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
      `${errors.prefix} ${printable(cli.unknownCommand(input, corrections))}`,
    exceptionWhileParsingArguments: (error) =>
      `${errors.prefix} ${printable(scannerText(error, cli))}`,
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
      IS_BOOLEAN.test(reasonOf(exception))
        ? cli.noValue(externalFlagNameOrPlaceholder)
        : cli.badValue(
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

/** The library says it in English: of a flag that is given or not. */
const IS_BOOLEAN = /^Cannot convert .* to a boolean$/s;

/** As the help writes it: `--dry-run`, not `--dryRun`. */
function toKebab(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
