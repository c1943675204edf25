/**
 * Command lines as text: their commands, words, ports and programs, and the same
 * command for another OS.
 */

import { type Commands, PORT_SLOT } from "./candidate.ts";
import type { Tree } from "./folder_tree.ts";
import { pythonProgram, venvNamedBy } from "./_python.ts";
import { lastName, toPort } from "./_text.ts";

/**
 * Splits a line into the commands that run one after the other.
 *
 * @param separators What separates them besides `&&`: `&` in `cmd`, `;` in other
 * shells.
 */
export function splitChain(
  line: string,
  separators: "&" | ";",
): readonly string[] {
  const separator = separators === "&" ? "&&?" : "&&|;";
  const pattern = new RegExp(`"[^"]*"|'[^']*'|(${separator})`, "g");
  const parts: string[] = [];
  let start = 0;
  for (const match of line.matchAll(pattern)) {
    // The `&` of `2>&1` ends no command.
    const isRedirect = /[<>]$/.test(line.slice(0, match.index));
    if (match[1] === undefined || isRedirect) continue;
    parts.push(line.slice(start, match.index));
    start = match.index + match[0].length;
  }
  return [...parts, line.slice(start)].map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Splits a command into its words, each with its quotes. */
export function splitWords(command: string): readonly string[] {
  return command.match(/(?:[^\s"']|"[^"]*"|'[^']*'|["'])+/g) ?? [];
}

/** Removes the quotes of a word. */
export function bare(word: string): string {
  return word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2");
}

/** Returns the program of a word, in lower case, without folder and `.exe`. */
export function programName(word: string): string {
  return bare(word).replace(/^.*[\\/]/, "").replace(/\.(?:exe|cmd|bat)$/i, "")
    .toLowerCase();
}

interface PortedCommand {
  readonly text: string;
  /** `undefined` where a slot was there already. */
  readonly port?: number;
}

const DIGITS = String.raw`(\d{2,5}|\{port\})(?![\w.])`;
const HOST = String.raw`["']?(?:[\w.*\-]*:|\[[\w:]*\]:)?`;
const FLAGS = "--port|--server\\.port|--http-port|--listen|--bind|-p|-l|-b";

const PORT_FLAG = new RegExp(
  `(?<=^|\\s)((?:${FLAGS})(?:=|\\s+)${HOST})${DIGITS}`,
);
const PORT_WORD = new RegExp(
  `(?<=^|\\s)((?:runserver|http\\.server)(?:\\s+-\\S+)*\\s+${HOST})${DIGITS}`,
);

/** Replaces the port in a command by a slot; `undefined` where it has no port. */
export function takePort(command: string): PortedCommand | undefined {
  const match = PORT_FLAG.exec(command) ?? PORT_WORD.exec(command);
  const [whole, before, digits] = match ?? [];
  if (match === null || whole === undefined) return undefined;
  const port = toPort(digits);
  if (port === undefined && digits !== PORT_SLOT) return undefined;
  const end = match.index + whole.length;
  return {
    text: command.slice(0, match.index) + before + PORT_SLOT +
      command.slice(end),
    ...(port === undefined ? {} : { port }),
  };
}

interface Place {
  readonly cwd: string;
  /** The virtual environment that was activated before the command. */
  readonly activated?: string;
}

interface Split {
  /** The words up to the program. */
  readonly prefix: Commands;
  readonly program: string;
  readonly args: readonly string[];
}

/** Programs that run the one named after them in their environment. */
const WRAPPERS: readonly (readonly string[])[] = [
  ...[["npx"], ["bunx"], ["pnpm", "exec"], ["yarn", "exec"], ["bun", "x"]],
  ...[["poetry", "run"], ["uv", "run"], ["pipenv", "run"]],
];

/** Programs that Python packages install into the environment. */
const PYTHON_TOOLS: ReadonlySet<string> = new Set([
  ...["uvicorn", "hypercorn", "gunicorn", "daphne", "fastapi", "flask"],
  ...["streamlit", "celery", "django-admin"],
]);

const PYTHON = /^(?:python[\d.]*w?|py)$/;

/**
 * Finds the program of a command behind npx, Poetry, `python -m` and the like. A
 * program of Python is written as each OS finds it.
 */
export function splitProgram(
  tree: Tree,
  { cwd, activated }: Place,
  words: readonly string[],
): Split {
  const [first = "", ...rest] = words;
  const wrapper = WRAPPERS.find((one) =>
    one.every((word, index) => programName(words[index] ?? "") === word)
  );
  if (wrapper) return splitWrapped(words, wrapper.length);
  const program = programName(first);
  const venv = venvNamedBy(bare(first)) ?? activated;
  if (PYTHON_TOOLS.has(program)) {
    return {
      prefix: pythonProgram(tree, cwd, program, venv),
      program,
      args: rest,
    };
  }
  const installed = program === "node"
    ? /node_modules\/([\w-]+)\/.*\.[cm]?js$/.exec(bare(rest[0] ?? ""))?.[1]
    : undefined;
  if (installed !== undefined) {
    const prefix = `node ${rest[0]}`;
    const args = rest.slice(1);
    return {
      prefix: { posix: prefix, windows: prefix },
      program: installed,
      args,
    };
  }
  if (!PYTHON.test(program)) {
    const prefix = { posix: toPosix(first), windows: toWindows(first) };
    return { prefix, program, args: rest };
  }
  // `py -3` selects a version, but the virtual environment has one already.
  const args = rest.filter((word) => !/^-[\d.]+$/.test(word));
  const python = pythonProgram(tree, cwd, "python", venv);
  return splitPython(python, args);
}

function splitWrapped(words: readonly string[], count: number): Split {
  let at = count;
  while (/^-|=/.test(words[at] ?? "")) at++;
  const prefix = words.slice(0, at + 1).join(" ");
  const program = programName(words[at] ?? "");
  const split = {
    prefix: { posix: prefix, windows: prefix },
    args: words.slice(at + 1),
  };
  return PYTHON.test(program)
    ? splitPython(split.prefix, split.args)
    : { ...split, program };
}

/** `python -u -m uvicorn …` is uvicorn, `python manage.py …` is manage.py. */
function splitPython(python: Commands, args: readonly string[]): Split {
  const at = args.findIndex((word) => word === "-m" || !word.startsWith("-"));
  if (at === -1) return { prefix: python, program: "python", args };
  const isModule = args[at] === "-m";
  const end = isModule ? at + 2 : at + 1;
  const named = bare(args[end - 1] ?? "");
  return {
    prefix: joinCommands(python, args.slice(0, end)),
    program: isModule ? named : lastName(named.replaceAll("\\", "/")),
    args: args.slice(end),
  };
}

/** Adds arguments to a command. */
export function joinCommands(
  command: Commands,
  args: readonly string[],
): Commands {
  return {
    posix: [command.posix, ...args.map(toPosix)].join(" "),
    windows: [command.windows, ...args].join(" "),
  };
}

/** Adds words to a command. */
export function append({ posix, windows }: Commands, words: string): Commands {
  return { posix: `${posix} ${words}`, windows: `${windows} ${words}` };
}

/** On Linux and macOS `\` separates no folders. */
function toPosix(word: string): string {
  return /^["']?[\w.\- ]+(?:\\[\w.\- ]+)+["']?$/.test(word)
    ? word.replaceAll("\\", "/")
    : word;
}

/** `cmd` reads what follows a `/` in the name of a program as an option. */
function toWindows(word: string): string {
  return /^["']?\.{0,2}[\w.\- ]*(?:\/[\w.\- ]+)+["']?$/.test(word)
    ? word.replaceAll("/", "\\")
    : word;
}
