/**
 * What devsvc says about a wrong services.toml, in English.
 *
 * @module
 */

import type {
  ConfigIssue,
  ConfigIssueCode,
  ConfigPath,
  EnvLineReason,
  Expected,
  HeaderReason,
  NameReason,
  ReadFailure,
  TomlKind,
} from "../../config/errors/config_issue.ts";
import { syntax } from "./en_syntax.ts";

/** The words for one issue. */
export interface Explanation {
  /** What was found and what was expected, without a final period. */
  readonly text: string;
  /** What to do, where that is not plain; shown under the line of the file. */
  readonly advice?: string;
}

/** The texts about services.toml in one language. */
export interface ConfigMessages {
  /** The words for every kind of issue. */
  readonly issue: {
    readonly [C in ConfigIssueCode]: (issue: ConfigIssue<C>) => Explanation;
  };
  /** The line below the first issues, where more are not shown. */
  readonly more: (count: number) => string;
  /** The last line below the issues. */
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

function list(names: readonly string[], isCut = false): string {
  return [...names, ...(isCut ? ["…"] : [])].join(", ");
}

/** `49,980`. */
function count(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
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
  size: 'a size such as "10MB"',
  boolean: "true or false",
  statuses: "an array of HTTP status codes",
  env: "text between quotes",
  header: "text between quotes",
  http: "a path, or a table with a path",
  restart: "never, on-failure, always, or a table",
  live: "false, or a table",
  choice: "one of a few words",
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

const READ: Readonly<Record<ReadFailure, string>> = {
  "not-found": "it does not exist",
  "not-permitted": "access is denied",
  "is-folder": "it is a folder",
  "not-folder": "it is not a folder",
  "encoding": "it is not UTF-8",
  "other": "the system refuses it",
};

const ENV_LINE: Readonly<Record<EnvLineReason, string>> = {
  "no-equals": "there is no =",
  "bad-name":
    "the name before = must begin with a letter or _, and have only letters, digits, _, . and -",
  "unclosed-quote": "a quote is not closed",
  "text-after-quote": "there is text after the closing quote",
  "nul": "there is a NUL character",
};

const NAME: Readonly<Record<NameReason, string>> = {
  characters:
    "a name has letters without accents, digits, - and _, and begins with a letter or a digit",
  device: "Windows keeps this name for a device",
  reserved: "this name is reserved",
  case: "it differs from another one only in case, and so would their files",
};

const HEADER: Readonly<Record<HeaderReason, string>> = {
  characters:
    "a name has letters without accents, digits and -, such as X-Api-Key",
  framing: "devsvc itself says where the request ends",
  reserved: "this name is reserved",
};

/** What to write instead of a value of the wrong kind. */
function rewrite(issue: ConfigIssue<"wrong-type">): string | undefined {
  const { key, expected, value } = issue;
  switch (expected) {
    case "env":
    case "header":
    case "text":
      return value === undefined
        ? undefined
        : `write it between quotes: "${value}"`;
    case "duration":
      return value === undefined ? undefined : `write a unit: "${value}s"`;
    case "size":
      return value === undefined ? undefined : `write a unit: "${value}MB"`;
    case "statuses":
      return value === undefined ? undefined : `write ${key} = [${value}]`;
    case "table":
      return key === "log" && issue.found === "string"
        ? 'a line of the output is waited for by ready = { log = "…" }'
        : undefined;
    case "restart":
      return 'write restart = "on-failure"';
    case "live":
      return "write live = false to switch it off, or leave the key out";
    case "true":
      return `write ${key} = true, or leave the key out`;
    case "names":
      return `write ${key} = ["name"]`;
    default:
      return undefined;
  }
}

/** The path stands in `http` itself, or in its table. */
function httpKey(path: ConfigPath): string {
  return path.at(-1) === "path" ? "path" : "http";
}

/** `a → b → a`, or `a → b → … → a`. */
function trail(names: readonly string[], isCut = false): string {
  return [...names, ...(isCut ? ["…"] : []), names[0]].join(" → ");
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
      const { key, expected, found, value, choices } = issue;
      const takes = expected === "choice" && choices
        ? list(choices)
        : EXPECTED[expected];
      return withAdvice(
        `${quote(key)} takes ${takes}: found ${value ?? FOUND[found]}`,
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
    "cycle": ({ names, isCut }) => ({
      text: names.length === 1
        ? `service ${quote(names[0] ?? "")} depends on itself`
        : `services wait for each other: ${trail(names, isCut)}`,
      advice: "remove one of these dependencies",
    }),
    "unknown-dependency": ({ name, services, isCut, suggestion }) => ({
      text: `there is no service ${quote(name)} to depend on`,
      advice: didYouMean(suggestion) ??
        (services.length === 0
          ? "there is no other service in this file"
          : `the other services are: ${list(services, isCut)}`),
    }),
    "empty-value": ({ key }) => ({ text: `${quote(key)} is empty` }),
    "missing-folder": ({ folder, reason }) => ({
      text: `cannot use folder ${quote(folder)}: ${READ[reason]}`,
      advice: "a relative folder starts at the folder of this file",
    }),
    "unreadable-file": ({ file, reason }) => ({
      text: `cannot read ${quote(file)}: ${READ[reason]}`,
    }),
    "bad-env-line": ({ file, envLine, reason }) => ({
      text: `cannot read line ${envLine} of ${quote(file)}: ${
        ENV_LINE[reason]
      }`,
      advice: "a line reads NAME=value",
    }),
    "bad-env-name": ({ name }) => ({
      text: `${quote(name)} cannot be the name of a variable`,
    }),
    "bad-duration": ({ key, found }) => ({
      text: `${quote(key)} takes a duration: found ${quote(found)}`,
      advice: 'write "500ms", "10s", "2m" or "1m30s", from 1ms to 24h' +
        (key === "every" ? "; live = false switches it off" : ""),
    }),
    "bad-size": ({ key, found, suggestion }) => ({
      text: `${quote(key)} takes a size: found ${quote(found)}`,
      advice: didYouMean(suggestion) ??
        'write "500kB", "10MB" or "1GB", from 64kB to 10GB',
    }),
    "bad-header-name": ({ name, reason }) => ({
      text: `${quote(name)} cannot be a header of the check: ${HEADER[reason]}`,
    }),
    "bad-header-value": ({ name }) => ({
      text: `the value of the header ${
        quote(name)
      } has a line end or a NUL character`,
    }),
    "bad-http-path": ({ found, suggestion, path }) => ({
      text: `${
        quote(httpKey(path))
      } takes the path of a URL, from its first /: found ${quote(found)}`,
      advice: suggestion === undefined
        ? "the host is this machine, the port is that of the service"
        : `write ${
          httpKey(path)
        } = "${suggestion}": the host is this machine, the port is that of the service`,
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
    "bad-name": ({ name, reason, other }) => ({
      text: `${quote(name)} cannot be the name of a service: ${NAME[reason]}`,
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
  more: (number) => `and ${count(number)} more`,
  nothingStarted: (file, number) =>
    `${count(number)} ${
      number === 1 ? "mistake" : "mistakes"
    } in ${file}: nothing was started.`,
  noConfig: {
    notFound: "There is no services.toml.",
    searched: "Looked in:",
    example: "A services.toml looks like this:",
  },
};
