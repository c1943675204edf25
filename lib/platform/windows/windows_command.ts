/**
 * How Windows is told what to run: one line of text instead of arguments, an
 * environment whose names have no case, programs that are found by their
 * ending. Nothing here touches the machine.
 *
 * @module
 */

/** `cmd.exe` takes no longer line, and cuts off what it expands to more. */
const LONGEST_LINE = 8191;

/**
 * Quotes an argument so that programs get it back as it is, whatever is in it:
 * the reverse of `splitCommandLine`.
 *
 * See "Parsing C command-line arguments", Microsoft,
 * https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments
 */
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
 * The shell of a string expands `%NAME%` as a person who types it expects, an
 * array comes through as it is. A batch file cannot be run but by a shell,
 * which needs a quoting of its own (see {@linkcode quoteForBatch}).
 *
 * @param command A string, or the program and its arguments; a program that
 * ends with `.bat` or `.cmd` is a batch file.
 * @param shell The path of `cmd.exe`.
 * @throws {Error} Where the command is empty, or cannot be told to Windows.
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
    ? `${shell} /d /s /c "${command}"`
    : /\.(?:bat|cmd)$/i.test(program)
    ? `${shell} /e:on /v:off /d /s /c "${
      [`"${program}"`, ...args.map(quoteForBatch)].join(" ")
    }"`
    // Quoted even without need, or `cmd` would take `/` for an option.
    : [
      program.includes('"') ? quoteArgument(program) : `"${program}"`,
      ...args.map(quoteArgument),
    ].join(" ");
  if (line.length > LONGEST_LINE) {
    throw new Error(
      `Cannot start: the command is longer than ${LONGEST_LINE} characters`,
    );
  }
  return line;
}

/**
 * Quotes an argument of a batch file, which the shell reads once more: quotes
 * are doubled instead of escaped, and `%` is followed by a variable that is
 * always empty, so that it begins none.
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
 * Reads what `cmd /u /c set` prints.
 *
 * @param text The output, `NAME=value` a line. What has no `=` is the rest of
 * a value of several lines.
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
 * Sets variables on top of an environment; `Path` and `PATH` are the same.
 *
 * @returns All of them, each name once and as it was first written.
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

/** Where a program is looked for. */
export interface ProgramSearch {
  /** The folder that the service runs in, absolute. */
  readonly cwd: string;
  /** The environment of the service. */
  readonly env: Readonly<Record<string, string>>;
  /** Tells whether there is such a file. */
  readonly isFile: (path: string) => boolean;
}

/**
 * Finds the file of a program as `cmd.exe` does: in the folder of the service,
 * then in `PATH`, by its name and then with each ending of `PATHEXT`. A name
 * with a folder in it is only looked for there, and may be written with `/`.
 *
 * @returns Its path; the word itself where there is none.
 */
export function findProgram(program: string, search: ProgramSearch): string {
  const { cwd, isFile } = search;
  const env = mergeEnvironments({ PATH: "", PATHEXT: "" }, search.env);
  const name = program.replaceAll("/", "\\");
  const endings = (env["PATHEXT"] || ".COM;.EXE;.BAT;.CMD").split(";")
    .filter((ending) => ending !== "");
  const folders = /^(?:[a-z]:|\\)/i.test(name)
    ? [""]
    : name.includes("\\")
    ? [cwd]
    : [cwd, ...(env["PATH"] ?? "").split(";")].map(unquoted);
  for (const folder of folders.filter((one, i) => one !== "" || i === 0)) {
    const path = folder === ""
      ? name
      : `${folder.replace(/\\$/, "")}\\${name.replace(/^\.\\/, "")}`;
    // A file without any ending is no program (`npm` beside `npm.cmd`).
    const names = /\.[^\\.]+$/.test(path) ? [path] : [];
    const found = [...names, ...endings.map((ending) => path + ending)]
      .find(isFile);
    if (found !== undefined) return found;
  }
  return name;
}

function unquoted(folder: string): string {
  return folder.trim().replaceAll('"', "");
}
