/**
 * Which program a command starts, and how the same is written for another OS.
 *
 * @module
 */

import type { Commands } from "./candidate.ts";
import { pythonProgram, venvNamedBy } from "./_python.ts";
import { lastName } from "./_text.ts";
import type { Tree } from "./folder_tree.ts";
import { bare, programName } from "./_words.ts";

/** From where a command is run. */
export interface Place {
  /** The folder. */
  readonly cwd: string;
  /** The virtual environment that was activated before it. */
  readonly activated?: string;
}

/** A command, taken apart. */
export interface Split {
  /** The words up to the program. */
  readonly head: Commands;
  /** Its name. */
  readonly program: string;
  /** What it is given. */
  readonly args: readonly string[];
}

/** Programs that only run the one named after them, in their environment. */
const WRAPPERS: readonly (readonly string[])[] = [
  ...[["npx"], ["bunx"], ["pnpm", "exec"], ["yarn", "exec"], ["bun", "x"]],
  ...[["poetry", "run"], ["uv", "run"], ["pipenv", "run"]],
];

/** Programs that packages of Python bring into the environment. */
const PYTHON_TOOLS: ReadonlySet<string> = new Set([
  ...["uvicorn", "hypercorn", "gunicorn", "daphne", "fastapi", "flask"],
  ...["streamlit", "celery", "django-admin"],
]);

const PYTHON = /^(?:python[\d.]*w?|py)$/;

/**
 * Takes a command apart: npx, Poetry, `python -m` and the like only lead to
 * the program, and one of Python is named as it is found on each OS.
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
      head: pythonProgram(tree, cwd, program, venv),
      program,
      args: rest,
    };
  }
  const installed = program === "node"
    ? /node_modules\/([\w-]+)\/.*\.[cm]?js$/.exec(bare(rest[0] ?? ""))?.[1]
    : undefined;
  if (installed !== undefined) {
    const head = `node ${rest[0]}`;
    const args = rest.slice(1);
    return { head: { posix: head, windows: head }, program: installed, args };
  }
  if (!PYTHON.test(program)) {
    const head = { posix: toPosix(first), windows: toWindows(first) };
    return { head, program, args: rest };
  }
  // `py -3` chooses a version, which the environment has chosen already.
  const args = rest.filter((word) => !/^-[\d.]+$/.test(word));
  const python = pythonProgram(tree, cwd, "python", venv);
  return splitPython(python, args);
}

function splitWrapped(words: readonly string[], count: number): Split {
  let at = count;
  while (/^-|=/.test(words[at] ?? "")) at++;
  const head = words.slice(0, at + 1).join(" ");
  const program = programName(words[at] ?? "");
  const split = {
    head: { posix: head, windows: head },
    args: words.slice(at + 1),
  };
  return PYTHON.test(program)
    ? splitPython(split.head, split.args)
    : { ...split, program };
}

/** `python -u -m uvicorn …` is uvicorn, `python manage.py …` is manage.py. */
function splitPython(python: Commands, args: readonly string[]): Split {
  const at = args.findIndex((word) => word === "-m" || !word.startsWith("-"));
  if (at === -1) return { head: python, program: "python", args };
  const isModule = args[at] === "-m";
  const end = isModule ? at + 2 : at + 1;
  const named = bare(args[end - 1] ?? "");
  return {
    head: joinCommands(python, args.slice(0, end)),
    program: isModule ? named : lastName(named.replaceAll("\\", "/")),
    args: args.slice(end),
  };
}

/** Writes the arguments behind a program. */
export function joinCommands(
  head: Commands,
  args: readonly string[],
): Commands {
  return {
    posix: [head.posix, ...args.map(toPosix)].join(" "),
    windows: [head.windows, ...args].join(" "),
  };
}

/** Adds words to a command. */
export function append({ posix, windows }: Commands, words: string): Commands {
  return { posix: `${posix} ${words}`, windows: `${windows} ${words}` };
}

/** `backend\manage.py` is one name on Linux and macOS. */
function toPosix(word: string): string {
  return /^["']?[\w.\- ]+(?:\\[\w.\- ]+)+["']?$/.test(word)
    ? word.replaceAll("\\", "/")
    : word;
}

/** `cmd` takes what follows a slash in the name of a program for an option. */
function toWindows(word: string): string {
  return /^["']?\.{0,2}[\w.\- ]*(?:\/[\w.\- ]+)+["']?$/.test(word)
    ? word.replaceAll("/", "\\")
    : word;
}
