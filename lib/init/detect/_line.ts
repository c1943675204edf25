/**
 * A line of a batch file, a Procfile or a script: it changes folders, activates
 * environments, prepares something, and then starts a service.
 */

import type { Candidate, Evidence } from "./candidate.ts";
import { parseCommand, type ParsedCommand } from "./_program.ts";
import { venvNamedBy } from "./_python.ts";
import { type Tree, within } from "./folder_tree.ts";
import { bare, splitChain, splitWords } from "./_words.ts";

/** A line to parse. */
export interface Line {
  /** The folder that it is run in. */
  readonly cwd: string;
  /** The line. */
  readonly text: string;
  /** Where it is written. */
  readonly evidence: Evidence;
  /** What separates its commands besides `&&`. */
  readonly separator: "&" | ";";
}

/**
 * Parses a line.
 *
 * @returns What it starts; `undefined` where it starts nothing, or in a folder
 * that does not exist.
 */
export function parseLine(tree: Tree, line: Line): ParsedCommand | undefined {
  let cwd: string | undefined = line.cwd;
  let activated: string | undefined;
  const env: Record<string, string> = {};
  const parsed: ParsedCommand[] = [];
  for (const part of splitChain(line.text, line.separator)) {
    const words = splitWords(part).map(bare)
      .filter((word, index) => index > 0 || !/^(?:call|exec|&)$/i.test(word));
    const folder = folderChange(words);
    const variable = variableSet(part);
    const venv = activation(words);
    if (folder !== undefined) cwd = findFolder(tree, cwd, folder);
    else if (variable) env[variable[0]] = variable[1];
    else if (venv !== undefined) activated = venv;
    else if (words.length > 0) {
      if (cwd === undefined) return undefined;
      const text = part.replace(/^(?:call|exec|&)\s+/i, "");
      const request = { cwd, text, line: line.evidence };
      parsed.push(parseCommand(tree, {
        ...request,
        ...(activated === undefined ? {} : { activated }),
      }));
    }
  }
  return combine(parsed, env);
}

/** Keeps what runs before the service: `migrate && runserver`. */
function combine(
  parts: readonly ParsedCommand[],
  env: Readonly<Record<string, string>>,
): ParsedCommand | undefined {
  const last = parts.at(-1);
  if (last === undefined) return undefined;
  // What runs in another folder would need a `cd` within the command.
  const before = parts.slice(0, -1).filter(({ cwd }) => cwd === last.cwd);
  const join = (shell: "posix" | "windows"): string =>
    [...before, last].map(({ command }) => command[shell]).join(" && ");
  return {
    ...last,
    env: { ...env, ...last.env },
    command: { posix: join("posix"), windows: join("windows") },
    isScript: last.isScript && before.length === 0,
  };
}

function folderChange(words: readonly string[]): string | undefined {
  const [command = "", ...rest] = words;
  if (!/^(?:cd|chdir|pushd|set-location)$/i.test(command)) return undefined;
  return rest.filter((word) => !/^(?:\/d|-path)$/i.test(word)).join(" ");
}

function variableSet(part: string): readonly [string, string] | undefined {
  const match =
    /^(?:set|export)\s+"?([A-Za-z_]\w*)=([^"]*)"?$|^\$env:(\w+)\s*=\s*["']?([^"']*)["']?$/i
      .exec(part);
  if (!match) return undefined;
  const [, name, value, powerName, powerValue] = match;
  return [name ?? powerName ?? "", bare(value ?? powerValue ?? "").trim()];
}

function activation(words: readonly string[]): string | undefined {
  const word = words.find((one, index) =>
    index < 2 && /[\\/]activate(?:\.bat|\.ps1)?$/i.test(one)
  );
  return word === undefined ? undefined : venvNamedBy(word);
}

/**
 * Resolves a folder without regard to case, as Windows does.
 *
 * @param from The folder that the path is relative to, if it is known.
 * @param path The path; `%~dp0` and `$PWD` are the folder of the project.
 * @returns The folder; `undefined` where there is none.
 */
export function findFolder(
  tree: Tree,
  from: string | undefined,
  path: string,
): string | undefined {
  const rooted = path.replace(
    /^(?:%~dp0|%cd%|\$PWD|\$PSScriptRoot)[\\/]?/i,
    "/",
  );
  if (/^[A-Za-z]:|^~|^[\\/]{2}/.test(path) || from === undefined) {
    return undefined;
  }
  const isRooted = rooted !== path;
  const wanted = within(isRooted ? "" : from, rooted)?.toLowerCase();
  return tree.folders.find((folder) => folder.toLowerCase() === wanted);
}

/** Makes a candidate of a parsed command. */
export function candidateOf(
  parsed: ParsedCommand,
  evidence: Evidence,
): Candidate {
  const { keys, name, label, cwd, command, port, env, isScript } = parsed;
  return {
    keys,
    name,
    label,
    cwd,
    command,
    exact: !isScript,
    ...(port ? { port } : {}),
    env,
    uses: [],
    evidence: [evidence],
  };
}
