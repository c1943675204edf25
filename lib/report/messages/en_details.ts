/**
 * The messages in English about a wrong services.toml, of `why` and of `init`.
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
  SyntaxReason,
  TomlKind,
} from "../../config/errors/config_issue.ts";
import type { State } from "../../core/model.ts";
import type { WindowsHazard } from "../../core/path.ts";
import { formatCount, formatCycle, formatNames, shorten } from "../format.ts";

/** What is said about one issue. */
export interface Explanation {
  /** What was found and what was expected, without a final period. */
  readonly text: string;
  /** What to do; shown below the line of the file. */
  readonly advice?: string | undefined;
}

type Explanations = {
  readonly [C in ConfigIssueCode]: (issue: ConfigIssue<C>) => Explanation;
};

function quote(value: string): string {
  return `"${shorten(value, 60)}"`;
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
  "not-file": "it is not a plain file",
  "too-large": "it is larger than 1 MiB",
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

const WINDOWS_PATH: Readonly<Record<WindowsHazard, string>> = {
  network: "a path of another machine, to which Windows would show who you are",
  device: "a device of Windows",
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

/** The key that holds the path: `http`, or `path` in its table. */
function httpKey(path: ConfigPath): string {
  return path.at(-1) === "path" ? "path" : "http";
}

function invalidValue(text: string): Explanation {
  const lower = text.toLowerCase();
  if (lower === "true" || lower === "false") {
    return { text: `${text} is not a value`, advice: `write ${lower}` };
  }
  if (/^[“”‘’«]/.test(text)) {
    return {
      text: `${text} begins with a quote that TOML does not know`,
      advice: 'write straight quotes: "…"',
    };
  }
  return {
    text: `${text} is not a value`,
    advice: `text stands between quotes: "${text}"`,
  };
}

const SYNTAX: Readonly<
  Record<SyntaxReason, (text: string, detail: string) => Explanation>
> = {
  "invalid-value": invalidValue,
  "missing-value": () => ({
    text: "a value is missing after =",
    advice: "text stands between quotes, numbers without",
  }),
  "missing-equals": () => ({
    text: "expected = after the name of a key",
    advice: "a line reads: key = value",
  }),
  "missing-line-end": (text) => ({
    text: `expected the end of the line, found ${text}`,
    advice: "one key a line",
  }),
  "missing-comma": () => ({
    text: "expected a comma, or the end of the array or table",
    advice: "an array ends with ], a table with }",
  }),
  "unclosed-text": () => ({
    text: "this quote is not closed on its line",
    advice: "close it with the same quote",
  }),
  "bad-escape": () => ({
    text:
      "unknown escape: between double quotes a backslash begins a special character",
    advice: "write the text between single quotes: 'C:\\folder'",
  }),
  "bad-key": (text) => ({
    text: `${text || "this"} cannot stand in the name of a key`,
    advice:
      "a name has letters without accents, digits, - and _; others stand between quotes",
  }),
  "bad-number": (text) => ({
    text: `${text} is not a number that can be read`,
  }),
  "bad-date": (text) => ({
    text: `${text} is not a date`,
    advice: `text stands between quotes: "${text}"`,
  }),
  "control-character": () => ({
    text: "a control character is not allowed here",
    advice: "remove it, or write it as an escape such as \\t",
  }),
  "duplicate": (text) => ({
    text: `${text} is defined twice`,
    advice: "keep one of the two",
  }),
  "encoding": () => ({
    text: "the file is not UTF-8 here",
    advice: "save it as UTF-8 in the editor",
  }),
  "other": (_, detail) => ({ text: `this is not TOML: ${detail}` }),
};

const STATE_REASONS: Readonly<Record<State, string>> = {
  free: "Nothing of it runs, and its port is free",
  running: "Its process lives, its port is its own, and its checks pass",
  started:
    "It was started, and has neither port nor check: nothing proves that it is ready",
  starting: "Its process lives, but it is not ready yet",
  unhealthy: "Its process lives, but it does not do its work",
  suspended:
    "Its process is suspended (SIGSTOP, Ctrl-Z): it does nothing until SIGCONT",
  untracked:
    "Its port is held by a process of this project that devsvc did not start",
  foreign: "Its port is held by a program that is not of this project",
  container: "Its port is held by a container",
  hidden: "Its port is held by somebody whose processes you cannot see",
  connected:
    "Nobody listens on its port, but a program has it as its end of a connection",
  closing:
    "Nobody listens on its port; the system keeps it for a minute after its last connection (TIME_WAIT), and start waits for that",
  restarting: "A command is restarting it just now",
  stopping: "A command is stopping it just now",
  reserved: "The system does not give its port to programs like this one",
  orphan: "Its first process is gone, but processes that it left still run",
  duplicate: "It was started more than once, and all of its runs live",
  "stale-owner": "Its port is held in the name of a process that is dead",
  crashed: "It ended, and devsvc did not stop it",
  stopped: "Nothing of it runs",
  unknown: "The system could not tell, and nothing is taken for granted",
};

function ports(numbers: readonly number[]): string {
  if (numbers.length === 0) return "";
  return ` (${numbers.length === 1 ? "port" : "ports"} ${numbers.join(", ")})`;
}

const ISSUES: Explanations = {
  "syntax": ({ reason, text, detail }) => SYNTAX[reason](text, detail),
  "unknown-key": ({ key, allowed, suggestion }) => ({
    text: `unknown key ${quote(key)}`,
    advice: didYouMean(suggestion) ??
      `the keys here are: ${formatNames(allowed)}`,
  }),
  "wrong-type": (issue) => {
    const { key, expected, found, value, choices } = issue;
    const takes = expected === "choice" && choices
      ? formatNames(choices)
      : EXPECTED[expected];
    return {
      text: `${quote(key)} takes ${takes}: found ${value ?? FOUND[found]}`,
      advice: rewrite(issue),
    };
  },
  "missing-key": ({ key, table }) => ({
    text: key === "command"
      ? `service ${quote(table)} has no ${quote(key)}`
      : `${quote(table)} has no ${quote(key)}`,
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
      : `services wait for each other: ${formatCycle(names, isCut)}`,
    advice: "remove one of these dependencies",
  }),
  "unknown-dependency": ({ name, services, isCut, suggestion }) => ({
    text: `there is no service ${quote(name)} to depend on`,
    advice: didYouMean(suggestion) ??
      (services.length === 0
        ? "there is no other service in this file"
        : `the other services are: ${formatNames(services, isCut)}`),
  }),
  "empty-value": ({ key }) => ({ text: `${quote(key)} is empty` }),
  "hidden-character": ({ key, character }) => ({
    text: `${
      quote(key)
    } has a character that is not seen or acts on the screen: ${character}`,
    advice: "remove it, or type the text again",
  }),
  "windows-path": ({ key, found, reason }) => ({
    text: `${quote(key)} is ${WINDOWS_PATH[reason]}: ${quote(found)}`,
    advice: "write a path on a drive of this machine",
  }),
  "missing-folder": ({ folder, reason }) => ({
    text: `cannot use folder ${quote(folder)}: ${READ[reason]}`,
    advice: "a relative folder starts at the folder of this file",
  }),
  "unreadable-file": ({ file, reason }) => ({
    text: `cannot read ${quote(file)}: ${READ[reason]}`,
  }),
  "bad-env-line": ({ file, envLine, reason }) => ({
    text: `cannot read line ${envLine} of ${quote(file)}: ${ENV_LINE[reason]}`,
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
  "slow-pattern": ({ found, part }) => ({
    text: `${quote(found)} has ${part}, which can hold up the search for ever`,
    advice:
      "write it without lookaround, backreferences, [^], \\c, \\p and more than 1000 repetitions",
  }),
  "bad-choice": ({ key, found, choices, suggestion }) => ({
    text: `${quote(key)} takes ${formatNames(choices)}: found ${quote(found)}`,
    advice: didYouMean(suggestion),
  }),
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
};

/** The English messages. */
export const details = {
  config: {
    issue: ISSUES,
    more: (count: number) => `and ${formatCount(count, ",")} more`,
    worksAllTheSame: (count: number) =>
      count === 1
        ? "what runs is found all the same"
        : `the first of ${
          formatCount(count, ",")
        } mistakes, devsvc check shows them; what runs is found all the same`,
    nothingStarted: (file: string, count: number) =>
      `${formatCount(count, ",")} ${
        count === 1 ? "mistake" : "mistakes"
      } in ${file}: nothing was started.`,
    noConfig: {
      hazard: (path: string, reason: WindowsHazard) =>
        `--config is ${
          WINDOWS_PATH[reason]
        }: ${path}. Write a path on a drive of this machine.`,
      foreign: (file: string, owner: string) =>
        `${file} belongs to the user ${owner}, so it is not used from a folder below: run devsvc in its own folder, or name it with --config.`,
      notFound: "There is no services.toml.",
      searched: "Looked in:",
      example: "A services.toml looks like this:",
    },
  },
  why: {
    reasons: STATE_REASONS,
    runningWithoutPort: "Its process lives, and its checks pass",
    started: (time: string) => `devsvc started it at ${time}`,
    ready: (span: string) => `it was proven ready ${span} later`,
    notReady: (limit: string) => `it has ${limit} to be ready`,
    overdue: (limit: string) => `it was not ready within ${limit}`,
    gone: (pid: number) => `PID ${pid} is gone`,
    recycled: (pid: number) =>
      `PID ${pid} is gone, its number now belongs to another program`,
    processes: "Its processes:",
    fails: (check: string, detail: string) => `${check} fails: ${detail}`,
    notChecked: (check: string) =>
      `${check}: not run here, only while it is started and supervised`,
    dependsOn: (label: string, state: string) =>
      `It depends on ${label}: ${state}`,
    waitsFor: (label: string, state: string) =>
      `It waits for ${label}: ${state}`,
    needs: (label: string, state: string) =>
      `It needs ${label}: ${state}; devsvc start starts that first`,
    blockedBy: (label: string, state: string, name: string) =>
      `It cannot be started before ${label}: ${state}; see devsvc why ${name}`,
    toStart: (name: string) => `devsvc start ${name} starts it`,
    toProve:
      "to have that proven, set ready.log or ready.command in services.toml",
    toFollow: (name: string) => `devsvc logs -f ${name} shows what it writes`,
  },
  init: {
    file: {
      head: [
        "Written by devsvc init from what it found here: change what you like.",
        "devsvc check says who holds the ports, devsvc start starts, devsvc stop stops.",
      ],
      understoodFrom: (place: string, text: string) =>
        text === ""
          ? `Understood from ${place}`
          : `Understood from ${place}: ${text}`,
      usualPort: "the usual one",
      movedPort: (from: number) =>
        `the usual one, ${from}, is that of another service`,
      sharedPort: (port: number, place: string) =>
        `It listens on ${port} (${place}), which is the port of another service: change one, then write port = … here`,
      noPort: "No port was found: if it listens on one, write port = …",
      envFile: (file: string) => `gives it the variables of ${file}`,
      compose: (
        place: string,
        names: readonly string[],
        numbers: readonly number[],
      ) =>
        `${place} has ${names.join(", ")}${
          ports(numbers)
        }: devsvc runs no containers, docker compose up -d does`,
    },
    found: (count: number, folder: string) =>
      `${count} ${count === 1 ? "service" : "services"} found in ${folder}`,
    port: (port: number) => `port ${port}`,
    noPort: "no port found",
    inFolder: (folder: string) => `in ${folder}`,
    moved: (from: number) => `instead of ${from}, which another service has`,
    shared: (label: string, port: number) =>
      `${label} listens on port ${port}, and so does another service: only one of them can. Change one in the project, then in services.toml`,
    nothing: [
      "No service was found. Looked for:",
      "  start.bat, run.bat, dev.bat     start windows that run something",
      "  Procfile, Procfile.dev          name: command",
      "  FastAPI                         app = FastAPI() in main.py, app.py, …",
      "  Flask                           app = Flask(…) in app.py, wsgi.py, …",
      "  Django                          manage.py",
      "  Vite, Next.js, npm scripts      package.json with dev, serve or start",
      "  Deno                            deno.json with a task dev, start or serve",
    ],
    looked: (folders: number, root: string) =>
      `in ${folders} ${
        folders === 1 ? "folder" : "folders"
      } from ${root} on, three deep`,
    byHand: "Write services.toml by hand, such as:",
    written: (file: string) => `${file} written`,
    kept: (file: string, as: string) => `the old ${file} is kept as ${as}`,
    unchanged: (file: string) => `${file} is already so`,
    next: "Look through services.toml, then: devsvc start",
    replace: (files: readonly string[]) =>
      `Already there: ${files.join(", ")}. Replace?`,
    answers: { yes: "Yes", no: "No" },
    notPlain: (file: string) =>
      `${file} is a link, or no plain file: remove it, or write that file by hand. Nothing was written`,
    inTheWay: (files: readonly string[]) =>
      `Already there: ${
        files.join(", ")
      }. Nothing was written. To replace: devsvc init --force; to see it first: devsvc init --dry-run`,
    oldInTheWay: (file: string, old: string) =>
      `Cannot keep the old ${file} as ${old}, which is already there: move it away. Nothing was written.`,
    cancelled: "Cancelled: nothing was written.",
    wrongName: (name: string) =>
      `init writes a file called services.toml, not ${name}: use --dry-run and write it where you like`,
    notWritten: (file: string, reason: string) =>
      `Cannot write ${file}: ${reason}. init writes only in the folder that it is called in`,
  },
};

/** The details of every language. */
export type Details = typeof details;
