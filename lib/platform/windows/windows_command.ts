/**
 * How commands are written for Windows: one line of text instead of arguments,
 * an environment whose names have no case, programs that are found by their
 * extension.
 */

import { cmdCommand } from "../shell.ts";

/**
 * The longest line that `cmd.exe` takes, in characters
 * (https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation).
 */
const LINE_MAX = 8191;

/** Quotes an argument as programs read it: the reverse of `splitCommandLine`. */
export function quoteArgument(argument: string): string {
  if (/^[^\s"]+$/.test(argument)) return argument;
  const escaped = argument.replace(
    /(\\*)("|$)/g,
    (_, slashes: string, quote: string) =>
      slashes + slashes + (quote === "" ? "" : '\\"'),
  );
  return `"${escaped}"`;
}

/**
 * Writes the line that runs a command.
 *
 * The shell of a string expands `%NAME%`; an array is passed as it is. A batch
 * file is run by a shell, which needs another quoting (see
 * {@linkcode quoteForBatch}).
 *
 * @param shell The path of `cmd.exe`.
 * @throws {Error} Where the command is empty, too long or holds a zero character.
 */
export function commandLine(
  command: string | readonly string[],
  shell: string,
): string {
  const words = typeof command === "string" ? [command.trim()] : command;
  const [program = "", ...args] = words;
  if (program === "") throw new Error("Cannot start: the command is empty");
  if (words.some((word) => word.includes("\0"))) {
    throw new Error("Cannot start: the command holds a zero character");
  }
  const line = typeof command === "string"
    ? cmdCommand(command, shell).join(" ")
    : /\.(?:bat|cmd)$/i.test(program)
    ? `${shell} /e:on /v:off /d /s /c "${
      [`"${program}"`, ...args.map(quoteForBatch)].join(" ")
    }"`
    // Always quoted, or `cmd` would take a `/` in it for an option.
    : [
      program.includes('"') ? quoteArgument(program) : `"${program}"`,
      ...args.map(quoteArgument),
    ].join(" ");
  if (line.length > LINE_MAX) {
    throw new Error(
      `Cannot start: the command is longer than ${LINE_MAX} characters`,
    );
  }
  return line;
}

/**
 * Quotes an argument of a batch file, which the shell parses again: quotes are
 * doubled instead of escaped, and `%` is followed by a variable that is always
 * empty, so that no other variable begins there.
 *
 * As Rust does since CVE-2024-24576
 * (https://blog.rust-lang.org/2024/04/09/cve-2024-24576.html).
 *
 * @throws {Error} Where it holds a line end, which no batch file can be given.
 */
export function quoteForBatch(argument: string): string {
  if (/[\r\n]/.test(argument)) {
    throw new Error(
      "Cannot start: a batch file takes no argument of two lines",
    );
  }
  if (/^[\w#$*+\-./:?@\\]*[\w#$*+\-./:?@]$/.test(argument)) return argument;
  const escaped = argument
    .replace(
      /(\\*)("|$)/g,
      (_, slashes: string, quote: string) => slashes + slashes + quote + quote,
    )
    .replaceAll("%", "%%cd:~,%");
  return `"${escaped}"`;
}

/**
 * Reads what `cmd /u /c set` prints: `NAME=value` a line. A line without `=`
 * continues the value before it.
 */
export function parseSet(text: string): Readonly<Record<string, string>> {
  const found: [string, string][] = [];
  for (const line of text.replace(/\r\n$/, "").split("\r\n")) {
    const at = line.indexOf("=", 1);
    const last = found.at(-1);
    if (at > 0) found.push([line.slice(0, at), line.slice(at + 1)]);
    else if (last !== undefined) last[1] += `\r\n${line}`;
  }
  return Object.fromEntries(found);
}

/**
 * Sets variables on top of an environment. `Path` and `PATH` are the same: each
 * name stays as it was first written.
 */
export function mergeEnvironments(
  ...layers: readonly Readonly<Record<string, string>>[]
): Readonly<Record<string, string>> {
  const merged = new Map<string, readonly [string, string]>();
  for (const [name, value] of layers.flatMap(Object.entries)) {
    const key = name.toUpperCase();
    merged.set(key, [merged.get(key)?.[0] ?? name, value]);
  }
  return Object.fromEntries(merged.values());
}

interface ProgramSearch {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isFile: (path: string) => boolean;
}

/**
 * Finds the file of a program as `cmd.exe` does: in the folder of the service,
 * then in `PATH`, by its name and then with each extension of `PATHEXT`. A name
 * with a folder in it is only searched there, and may be written with `/`.
 *
 * @returns Its path; the name itself where there is none.
 */
export function findProgram(program: string, search: ProgramSearch): string {
  const { cwd, isFile } = search;
  const env = mergeEnvironments({ PATH: "", PATHEXT: "" }, search.env);
  const name = program.replaceAll("/", "\\");
  const extensions = (env["PATHEXT"] || ".COM;.EXE;.BAT;.CMD").split(";")
    .filter((extension) => extension !== "");
  const folders = /^(?:[a-z]:|\\)/i.test(name)
    ? [""]
    : name.includes("\\")
    ? [cwd]
    : [cwd, ...(env["PATH"] ?? "").split(";")].map(unquoted);
  for (const folder of folders.filter((one, i) => one !== "" || i === 0)) {
    const path = folder === ""
      ? name
      : `${folder.replace(/\\$/, "")}\\${name.replace(/^\.\\/, "")}`;
    // A file without an extension is no program (`npm` beside `npm.cmd`).
    const names = /\.[^\\.]+$/.test(path) ? [path] : [];
    const found = [...names, ...extensions.map((extension) => path + extension)]
      .find(isFile);
    if (found !== undefined) return found;
  }
  return name;
}

function unquoted(folder: string): string {
  return folder.trim().replaceAll('"', "");
}
