/**
 * What a command is: its brief, its parameters and its action. A definition does
 * not load the command line library, which a plain call does without.
 */

import type {
  buildCommand,
  Command as ParsedCommand,
  FlagParametersForType,
  TypedCommandParameters,
  TypedPositionalParameter,
  TypedPositionalParameters,
} from "@stricli/core";
import { type Language, LANGUAGES } from "../core/model.ts";
import type { Messages } from "../report/messages/load_messages.ts";
import type { CliContext } from "./cli_context.ts";

/** A command as its file in `commands/` defines it. */
interface Definition<
  Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  Args extends readonly string[],
> {
  /** What it does, for the help and the completions. */
  readonly brief: Readonly<Record<Language, string>>;
  /** The flags and the arguments, in one language. */
  readonly parameters: (
    cli: Messages["cli"],
    services: readonly string[],
  ) => TypedCommandParameters<Flags, Args, CliContext>;
  /** The flags where none is given: such a call needs no parser. */
  readonly defaults?: Flags;
  /** Carries it out for the services named; returns the exit code. */
  readonly action: (
    context: CliContext,
    flags: Flags,
    names: readonly string[],
  ) => number | Promise<number>;
}

/** A command, whatever its flags are. */
export interface Command extends Pick<Definition<never, never>, "brief"> {
  /** Makes what the command line library parses it by. */
  readonly toParsed: (
    build: typeof buildCommand,
    texts: {
      readonly language: Language;
      readonly cli: Messages["cli"];
      /** The names to propose where a service can be named. */
      readonly services: readonly string[];
    },
  ) => ParsedCommand<CliContext>;
  /** Runs it without flags, if it can do without a parser. */
  readonly runPlain?: (
    context: CliContext,
    names: readonly string[],
  ) => number | Promise<number>;
}

/** Defines a command. */
export function defineCommand<
  Flags extends Readonly<Partial<Record<keyof Flags, unknown>>>,
  Args extends readonly string[] = string[],
>({ brief, parameters, defaults, action }: Definition<Flags, Args>): Command {
  return {
    brief,
    toParsed: (build, { language, cli, services }) =>
      build<Flags, Args, CliContext>({
        async func(flags, ...names) {
          this.process.exitCode = await action(this, flags, names);
        },
        parameters: parameters(cli, services),
        docs: { brief: brief[language] },
      }),
    ...(defaults === undefined ? {} : {
      runPlain: (context, names) => action(context, defaults, names),
    }),
  };
}

/** The flags that every command takes. */
export interface CommonFlags {
  /** Print the result as JSON. */
  readonly json: boolean;
  /** The services.toml to use. */
  readonly config?: string;
  /** The language of the texts. */
  readonly lang?: Language;
  /** Use colours. */
  readonly color: boolean;
}

/** The common flags where none is given. */
export const COMMON_DEFAULTS = { json: false, color: true } as const;

/** Describes the common flags. */
export const commonFlags = (
  cli: Messages["cli"],
): FlagParametersForType<CommonFlags, CliContext> => ({
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
});

/** The choices of `--on-conflict`. */
const ON_CONFLICT = ["ask", "fail", "restart", "keep"] as const;

/** The flags of the commands that change what runs. */
export interface PlanFlags extends CommonFlags {
  /** Print what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** Ask nothing and stop whatever holds a port. */
  readonly force: boolean;
  /** What to do when a port is held. */
  readonly onConflict: typeof ON_CONFLICT[number];
}

/** The flags of {@linkcode PlanFlags} where none is given. */
const PLAN_DEFAULTS = {
  ...COMMON_DEFAULTS,
  dryRun: false,
  force: false,
  onConflict: "ask",
} as const satisfies PlanFlags;

/** Describes the flags of the commands that change what runs. */
export const planFlags = (
  cli: Messages["cli"],
): FlagParametersForType<PlanFlags, CliContext> => ({
  ...commonFlags(cli),
  dryRun: {
    kind: "boolean",
    brief: cli.dryRun,
    default: PLAN_DEFAULTS.dryRun,
  },
  force: {
    kind: "boolean",
    brief: cli.force,
    default: PLAN_DEFAULTS.force,
  },
  onConflict: {
    kind: "enum",
    values: ON_CONFLICT,
    brief: cli.onConflict,
    default: PLAN_DEFAULTS.onConflict,
  },
});

/** Describes the name of one service. */
export const serviceArgument = (
  brief: string,
  services: readonly string[],
): TypedPositionalParameter<string, CliContext> => ({
  parse: String,
  placeholder: "service",
  proposeCompletions: () => services,
  brief,
});

/** Describes the names of services; all are meant where none is given. */
export const serviceArguments = (
  cli: Messages["cli"],
  services: readonly string[],
): TypedPositionalParameters<string[], CliContext> => ({
  kind: "array",
  parameter: serviceArgument(cli.service, services),
});

/** Defines a command that changes what runs. */
export function definePlanCommand(
  definition: Pick<Definition<PlanFlags, string[]>, "brief" | "action">,
): Command {
  return defineCommand<PlanFlags>({
    ...definition,
    defaults: PLAN_DEFAULTS,
    parameters: (cli, services) => ({
      flags: planFlags(cli),
      positional: serviceArguments(cli, services),
    }),
  });
}
