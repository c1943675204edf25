/**
 * Which command lines are a service's own, although devsvc did not start them:
 * they may be stopped without a question.
 */

import { resolve } from "./path.ts";
import type { Command, ProcessDetail, Service, World } from "./model.ts";

/** A command without what stands around it. */
interface SimpleCommand {
  /** The program; the path of a script that is not installed. */
  readonly program: string;
  readonly isScript: boolean;
  readonly args: readonly string[];
  /** Where it runs; absent where its line may lead anywhere. */
  readonly cwd?: string;
}

/** What of a service its command line is compared with. */
export interface CommandOfService {
  /** What is run. */
  readonly command: Command;
  /** The folder it runs in, absolute and without links. */
  readonly cwd: string;
}

/** Takes what a command line is compared with; a link in the path is resolved. */
export function inRealFolder(
  { name, command, cwd }: Pick<Service, "name" | "command" | "cwd">,
  { folders }: Pick<World, "folders">,
): CommandOfService {
  return { command, cwd: folders.get(name) ?? cwd };
}

/**
 * Tells whether a process runs the command of a service: the same program with
 * the same arguments in the folder of the service, where the OS shows that.
 *
 * - Shells (`sh -c`, `cmd /c`), `exec`, `env`, assignments and runners (`npx`,
 *   `uv run`) are left out on both sides. Of several commands in one line
 *   (`cd app && vite`) each counts, in the folder that `cd` leads to.
 * - A shell that runs other commands beside it is not the service.
 * - An installed program counts by its name: `uvicorn`, `.venv/bin/uvicorn`,
 *   `python .venv/bin/uvicorn` and `python -m uvicorn` are the same, as are
 *   `vite` and `node node_modules/.bin/vite`.
 * - A script counts by its path: `node server.js` is not that of another folder.
 * - A variable (`$PORT`) in the command of the service stands for one argument;
 *   its program is never one.
 */
export function runsServiceCommand(
  { args, cwd }: Pick<ProcessDetail, "args" | "cwd">,
  service: CommandOfService,
): boolean {
  const wanted = typeof service.command === "string"
    ? simpleCommandsIn(service.command, service.cwd)
    : simplify(service.command, service.cwd);
  // A program that sets its title shows it as one word, as npm does.
  const [title = "", ...others] = args;
  const isTitle = others.length === 0 && title.includes(" ");
  const readings = (start: string) => [
    simplify(args, start),
    ...(isTitle ? [simpleCommandsIn(title, start)] : []),
  ];
  // A shell is where its `cd` led already.
  const hasMoved = cwd !== undefined && readings(service.cwd).flat()
    .some((one) => one.cwd !== undefined && isSamePath(one.cwd, cwd));
  const start = cwd === undefined || hasMoved ? service.cwd : cwd;
  return readings(start).some((found) =>
    found.length > 0 &&
    found.every((other) =>
      wanted.some((one) => isSameCommand(one, other, cwd !== undefined))
    )
  );
}

function isSameCommand(
  wanted: SimpleCommand,
  found: SimpleCommand,
  isFolderKnown: boolean,
): boolean {
  const { cwd } = wanted;
  if (cwd === undefined || found.cwd === undefined) return false;
  if (isFolderKnown && !isSamePath(cwd, found.cwd)) return false;
  const isSameProgram = wanted.isScript === found.isScript &&
    (wanted.isScript && isFolderKnown
      ? isSamePath(
        resolve(cwd, wanted.program),
        resolve(found.cwd, found.program),
      )
      : nameOf(wanted.program) === nameOf(found.program));
  return isSameProgram && wanted.args.length === found.args.length &&
    wanted.args.every((arg, index) =>
      isSameArgument(arg, found.args[index] ?? "", cwd)
    );
}

function isSameArgument(wanted: string, found: string, cwd: string): boolean {
  if (wanted === found || VARIABLE.test(wanted)) return true;
  const isPath = ABSOLUTE.test(wanted) || ABSOLUTE.test(found) ||
    wanted.startsWith("./") || found.startsWith("./");
  return isPath && isSamePath(resolve(cwd, wanted), resolve(cwd, found));
}

const VARIABLE = /\$\w|\$\{|%\w+%/;

const ABSOLUTE = /^(?:[\\/]|[A-Za-z]:[\\/])/;

function isSamePath(one: string, other: string): boolean {
  return /^(?:[A-Za-z]:|\\\\)/.test(one)
    ? one.toLowerCase() === other.toLowerCase()
    : one === other;
}

/** Programs that run the command in their arguments and become or hide behind it. */
const PREFIXES: ReadonlySet<string> = new Set(
  "call caffeinate command env exec nohup setsid time winpty".split(" "),
);

const SHELLS: ReadonlySet<string> = new Set(
  "ash bash cmd dash ksh sh zsh".split(" "),
);

/** Run an installed program; the empty word stands for no subcommand. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  bun: ["x"],
  bundle: ["exec"],
  bunx: [""],
  hatch: ["run"],
  npm: ["exec", "x"],
  npx: [""],
  pdm: ["run"],
  pipenv: ["run"],
  pnpm: ["exec", "dlx"],
  poetry: ["run"],
  rye: ["run"],
  uv: ["run"],
  uvx: [""],
  yarn: ["exec", "dlx"],
};

/** Run a script of package.json with or without the word `run`. */
const SCRIPT_RUNNERS: ReadonlySet<string> = new Set(
  "bun npm pnpm yarn".split(" "),
);

const INTERPRETERS =
  /^(?:python[\d.]*w?|pypy[\d.]*|py|node|nodejs|ruby|perl|php)$/;

/** Flags of interpreters that take no argument and change no program. */
const PLAIN_FLAG = /^-[uBEIOqsS]+$/;

/** Leaves out of a command what stands around it. */
function simplify(
  words: readonly string[],
  cwd: string | undefined,
): readonly SimpleCommand[] {
  const [first = "", ...rest] = words;
  if (first === "") return [];
  // It may be any program, and is never taken for another.
  if (VARIABLE.test(first)) return [toCommand(first, rest, undefined)];
  if (/^\w+=/.test(first)) return simplify(rest, cwd);
  const name = nameOf(first);
  if (PREFIXES.has(name)) {
    const start = rest.findIndex((word) => !/^-[ifw]+$|^--$/.test(word));
    return start < 0 ? [] : simplify(rest.slice(start), cwd);
  }
  if (SHELLS.has(name)) return simplifyShell(name, rest, cwd);
  const [subcommand = ""] = rest;
  const subcommands = RUNNERS[name] ?? [];
  if (subcommands.includes("") || subcommands.includes(subcommand)) {
    const tail = subcommands.includes("") ? rest : rest.slice(1);
    const start = tail.findIndex((word) => !/^(?:-y|--yes|--)$/.test(word));
    return start < 0 ? [] : simplify(tail.slice(start), cwd);
  }
  if (INTERPRETERS.test(name)) return simplifyInterpreter(name, rest, cwd);
  const args = SCRIPT_RUNNERS.has(name) && /^run(?:-script)?$/.test(subcommand)
    ? rest.slice(1)
    : rest;
  return [toCommand(first, args, cwd)];
}

/** `sh -c "…"`, `bash -lc "…"`, `cmd /d /s /c …`, `sh start.sh`. */
function simplifyShell(
  name: string,
  words: readonly string[],
  cwd: string | undefined,
): readonly SimpleCommand[] {
  const flag = words.findIndex((word) => /^(?:-[a-z]*c|\/[ck])$/i.test(word));
  const script = words.findIndex((word) => !/^[-/][a-z]+$/i.test(word));
  if (flag >= 0 && (script < 0 || flag < script)) {
    const text = name === "cmd"
      ? words.slice(flag + 1).join(" ").replace(/^"(.*)"$/s, "$1")
      : words[flag + 1] ?? "";
    return simpleCommandsIn(text, cwd);
  }
  const [first, ...args] = words.slice(Math.max(0, script));
  return first === undefined ? [] : [toCommand(first, args, cwd, true)];
}

function simplifyInterpreter(
  name: string,
  words: readonly string[],
  cwd: string | undefined,
): readonly SimpleCommand[] {
  const start = words.findIndex((word) => !PLAIN_FLAG.test(word));
  const [first, ...args] = start < 0 ? [] : words.slice(start);
  if (first === "-m" && /^py/.test(name)) {
    const [module = "", ...others] = args;
    return [toCommand(module.replace(/\.__main__$/, ""), others, cwd)];
  }
  return first === undefined || first.startsWith("-")
    ? [toCommand(name.replace(/^(py\w*?)[\d.]*w?$/, "$1"), words, cwd)]
    : [toCommand(first, args, cwd, true)];
}

/** Folders of installed programs. */
const TOOL =
  /[\\/](?:s?bin|\.bin|Scripts)[\\/][^\\/]+$|[\\/]node_modules[\\/]|\.(?:exe|cmd)$/i;

/**
 * @param isRun An interpreter runs it: a name alone is that of a script, too.
 */
function toCommand(
  path: string,
  args: readonly string[],
  cwd: string | undefined,
  isRun = false,
): SimpleCommand {
  const isTool = TOOL.test(path) || (!isRun && !/[\\/]/.test(path));
  const program = isTool ? toolName(path) : path;
  const rest = isTool && SCRIPT_RUNNERS.has(program) &&
      /^run(?:-script)?$/.test(args[0] ?? "")
    ? args.slice(1)
    : args;
  return {
    program,
    isScript: !isTool,
    ...(cwd === undefined ? {} : { cwd }),
    args: rest.flatMap((arg) => {
      const [, option, value] = /^(--[\w-]+)=(.*)$/s.exec(arg) ?? [];
      return option === undefined || value === undefined
        ? [arg]
        : [option, value];
    }),
  };
}

/** `node_modules/npm/bin/npm-cli.js` is `npm`. */
function toolName(path: string): string {
  return nameOf(path).replace(/\.[cm]?js$/, "")
    .replace(/^(npm|npx)-cli$/, "$1");
}

function nameOf(path: string): string {
  return path.replace(/^.*[\\/]/s, "").replace(/\.(?:exe|cmd|bat)$/i, "");
}

/** @param start The folder in which the line begins; undefined if unknown. */
function simpleCommandsIn(
  text: string,
  start: string | undefined,
): readonly SimpleCommand[] {
  let cwd = start;
  let before = ";";
  return splitCommands(text).flatMap(({ words, operator }) => {
    const found = changesFolder(words) ? [] : simplify(words, cwd);
    if (changesFolder(words)) {
      const isCertain = IN_SEQUENCE.test(before) && IN_SEQUENCE.test(operator);
      cwd = isCertain ? folderAfter(words, cwd) : undefined;
    }
    before = operator;
    return found;
  });
}

/** After others, a command runs in another shell, or only on a condition. */
const IN_SEQUENCE = /^(?:&&|;|\n)$/;

const CHANGES_FOLDER = /^[({]*(?:cd|chdir|pushd|popd)$/i;

/** Also behind keywords of a shell: `then cd app`, `( cd app`. */
function changesFolder(words: readonly string[]): boolean {
  const first = words.find((word) => !KEYWORDS.has(word));
  return first !== undefined && CHANGES_FOLDER.test(first);
}

const KEYWORDS: ReadonlySet<string> = new Set(
  "builtin call command do elif else if then until while ( { !".split(" "),
);

/** Where `cd` leads, if its folder is literal. */
function folderAfter(
  [first = "", ...words]: readonly string[],
  cwd: string | undefined,
): string | undefined {
  const [folder, ...others] = words.filter((word) =>
    !/^(?:--|-[LP]|\/d)$/i.test(word)
  );
  const isLiteral = /^(?:cd|chdir|pushd)$/i.test(first) &&
    folder !== undefined && others.length === 0 &&
    !/^[-~+]|[$`*?[(){}%]/.test(folder);
  return isLiteral && cwd !== undefined ? resolve(cwd, folder) : undefined;
}

/** Words and operators of a shell; a redirection is left out. */
const TOKEN =
  /(\d*[<>]+&?\s*\S*)|(&&|\|\||[;|&\n])|((?:"(?:\\.|[^"\\])*"|'[^']*'|\\[\s"'\\$]|[^\s;|&<>"'])+)/gs;

/** One command of a line. */
interface CommandInLine {
  readonly words: string[];
  /** What stands behind it; `;` at the end of the line. */
  operator: string;
}

/** Splits a line of a shell into its commands, and these into words. */
function splitCommands(text: string): readonly CommandInLine[] {
  let last: CommandInLine = { words: [], operator: ";" };
  const commands = [last];
  for (const [, , operator, word] of text.matchAll(TOKEN)) {
    if (operator !== undefined) {
      last.operator = operator;
      last = { words: [], operator: ";" };
      commands.push(last);
    } else if (word !== undefined) last.words.push(unquote(word));
  }
  return commands.filter(({ words }) => words.length > 0);
}

function unquote(word: string): string {
  return word.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'|\\([\s"'\\$])/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double?.replace(/\\(["\\$])/g, "$1") ?? single ?? escaped ?? "",
  );
}
