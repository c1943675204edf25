/**
 * What devsvc says about a wrong services.toml, in English.
 *
 * @module
 */

import type {
  ConfigIssue,
  ConfigIssueCode,
  EnvLineProblem,
  Expected,
  NameProblem,
  ReadFault,
  TomlKind,
} from "../../core/config_issue.ts";
import { syntax } from "./en_syntax.ts";

/** The words for one mistake. */
export interface Explanation {
  /** What was found and what was expected, without a final period. */
  readonly text: string;
  /** What to do, where that is not plain; shown under the line of the file. */
  readonly advice?: string;
}

/** The texts about services.toml in one language. */
export interface ConfigMessages {
  /** The words for every kind of mistake. */
  readonly issue: {
    readonly [C in ConfigIssueCode]: (issue: ConfigIssue<C>) => Explanation;
  };
  /** The last line below the mistakes. */
  readonly nothingStarted: (file: string, count: number) => string;
  /** There is no services.toml. */
  readonly noConfig: {
    readonly notFound: string;
    readonly searched: string;
    readonly example: string;
  };
}

/** A value as it stands in a sentence: cut where it is long. */
function quote(value: string): string {
  const letters = Array.from(value);
  return `"${
    letters.length > 60 ? letters.slice(0, 59).join("") + "…" : value
  }"`;
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

function didYouMean(suggestion: string | undefined): string | undefined {
  return suggestion === undefined
    ? undefined
    : `did you mean ${quote(suggestion)}?`;
}

const EXPECTED: Readonly<Record<Expected, string>> = {
  text: "text between quotes",
  integer: "a whole number",
  true: "true",
  table: "a table",
  command: "a command: text, or an array of texts",
  names: "an array of the names of services",
  duration: 'a duration such as "10s"',
  env: "text between quotes",
};

const FOUND: Readonly<Record<TomlKind, string>> = {
  string: "text",
  integer: "a number",
  float: "a number",
  boolean: "true or false",
  date: "a date",
  array: "an array",
  table: "a table",
};

const READ: Readonly<Record<ReadFault, string>> = {
  "not-found": "it does not exist",
  "not-permitted": "access is denied",
  "is-folder": "it is a folder",
  "not-folder": "it is not a folder",
  "encoding": "it is not UTF-8",
  "other": "the system refuses it",
};

const ENV_LINE: Readonly<Record<EnvLineProblem, string>> = {
  "no-equals": "there is no =",
  "bad-name":
    "the name before = must begin with a letter or _, and have only letters, digits, _, . and -",
  "unclosed-quote": "a quote is not closed",
  "text-after-quote": "there is text after the closing quote",
  "nul": "there is a NUL character",
};

const NAME: Readonly<Record<NameProblem, string>> = {
  characters:
    "a name has letters without accents, digits, - and _, and begins with a letter or a digit",
  device: "Windows keeps this name for a device",
  reserved: "this name is reserved",
  case: "it differs from another one only in case, and so would their files",
};

/** What to write instead of a value of the wrong kind. */
function rewrite(issue: ConfigIssue<"wrong-type">): string | undefined {
  const { key, expected, value } = issue;
  switch (expected) {
    case "env":
    case "text":
      return value === undefined
        ? undefined
        : `write it between quotes: "${value}"`;
    case "duration":
      return value === undefined ? undefined : `write a unit: "${value}s"`;
    case "true":
      return `write ${key} = true, or leave the key out`;
    case "names":
      return `write ${key} = ["name"]`;
    default:
      return undefined;
  }
}

function withAdvice(text: string, advice: string | undefined): Explanation {
  return advice === undefined ? { text } : { text, advice };
}

/** The English texts. */
export const en: ConfigMessages = {
  issue: {
    "syntax": syntax,
    "unknown-key": ({ key, allowed, suggestion }) => ({
      text: `unknown key ${quote(key)}`,
      advice: didYouMean(suggestion) ?? `the keys here are: ${list(allowed)}`,
    }),
    "wrong-type": (issue) => {
      const { key, expected, found, value } = issue;
      return withAdvice(
        `${quote(key)} takes ${EXPECTED[expected]}: found ${
          value ?? FOUND[found]
        }`,
        rewrite(issue),
      );
    },
    "missing-key": ({ key, table }) => ({
      text: `service ${quote(table)} has no ${quote(key)}`,
      advice: key === "command"
        ? 'write what is run: command = "npm run dev"'
        : `add ${key} = …`,
    }),
    "out-of-range": ({ key, min, max, found }) => ({
      text:
        `${key} ${found} is out of range: expected an integer from ${min} to ${max}`,
    }),
    "not-a-port-text": ({ found, port }) => ({
      text: `"port" takes a whole number: found the text ${quote(found)}`,
      advice: `write it without quotes: port = ${port}`,
    }),
    "duplicate-port": ({ port, service }) => ({
      text: `port ${port} is already that of service ${quote(service)}`,
      advice: "give each service a port of its own",
    }),
    "cycle": ({ names }) => ({
      text: names.length === 1
        ? `service ${quote(names[0] ?? "")} depends on itself`
        : `services wait for each other: ${[...names, names[0]].join(" → ")}`,
      advice: "remove one of these dependencies",
    }),
    "unknown-dependency": ({ name, services, suggestion }) => ({
      text: `there is no service ${quote(name)} to depend on`,
      advice: didYouMean(suggestion) ??
        (services.length === 0
          ? "there is no other service in this file"
          : `the other services are: ${list(services)}`),
    }),
    "empty-value": ({ key }) => ({ text: `${quote(key)} is empty` }),
    "missing-folder": ({ folder, reason }) => ({
      text: `cannot use folder ${quote(folder)}: ${READ[reason]}`,
      advice: "a relative folder starts at the folder of this file",
    }),
    "unreadable-file": ({ file, reason }) => ({
      text: `cannot read ${quote(file)}: ${READ[reason]}`,
    }),
    "bad-env-line": ({ file, envLine, problem }) => ({
      text: `cannot read line ${envLine} of ${quote(file)}: ${
        ENV_LINE[problem]
      }`,
      advice: "a line reads NAME=value",
    }),
    "bad-env-name": ({ name }) => ({
      text: `${quote(name)} cannot be the name of a variable`,
    }),
    "bad-duration": ({ key, found }) => ({
      text: `${quote(key)} takes a duration: found ${quote(found)}`,
      advice: 'write "500ms", "10s", "2m" or "1m30s", from 1ms to 24h',
    }),
    "bad-http-path": ({ found, suggestion }) => ({
      text: `"http" takes the path of a URL, from its first /: found ${
        quote(found)
      }`,
      advice: suggestion === undefined
        ? "the host is this machine, the port is that of the service"
        : `write http = "${suggestion}": the host is this machine, the port is that of the service`,
    }),
    "bad-pattern": ({ found, detail }) => ({
      text: `${quote(found)} is not a regular expression: ${detail}`,
      advice:
        "a literal ( . + or ? has a backslash before it, between single quotes: log = 'ready \\(dev\\)'",
    }),
    "bad-choice": ({ key, found, choices, suggestion }) =>
      withAdvice(
        `${quote(key)} takes ${list(choices)}: found ${quote(found)}`,
        didYouMean(suggestion),
      ),
    "bad-name": ({ name, problem, other }) => ({
      text: `${quote(name)} cannot be the name of a service: ${NAME[problem]}`,
      advice: other === undefined
        ? 'choose another name; "label" can be any text'
        : `the other one is ${quote(other)}`,
    }),
    "needs-port": ({ check }) => ({
      text: `the check ${quote(check)} needs a port, and this service has none`,
      advice: "add port = …, or check with log or command",
    }),
    "no-services": () => ({
      text: "there is no service in this file",
      advice: "add a table such as [services.api] with a command",
    }),
  },
  nothingStarted: (file, count) =>
    `${count} ${
      count === 1 ? "mistake" : "mistakes"
    } in ${file}: nothing was started.`,
  noConfig: {
    notFound: "There is no services.toml.",
    searched: "Looked in:",
    example: "A services.toml looks like this:",
  },
};
