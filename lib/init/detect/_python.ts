/**
 * Which Python a folder of the project runs with.
 *
 * @module
 */

import type { Commands } from "./candidate.ts";
import { upwards } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

const VENVS = [".venv", "venv"] as const;

/** What manages the environments of a project, told by its lock file. */
const MANAGERS = [
  ["uv.lock", "uv run"],
  ["poetry.lock", "poetry run"],
  ["Pipfile.lock", "pipenv run"],
] as const;

/**
 * Gives the words that start a Python program: that of the virtual environment
 * of the folder or of one above it, else by the tool whose lock file is there,
 * else the one on PATH.
 *
 * @param program `python`, or a program that a package brings.
 * @param activated The environment that the project's own line names; it
 * counts where none is there yet.
 */
export function pythonProgram(
  tree: Tree,
  cwd: string,
  program: string,
  activated?: string,
): Commands {
  const home = venvOf(tree, cwd);
  if (home !== undefined) return inVenv(tree, home, program);
  if (activated !== undefined) return pathIn(activated, program, "");
  const manager =
    upwards(cwd).flatMap((folder) =>
      MANAGERS.filter(([file]) => tree.has(within(folder, file) ?? file))
    )[0];
  if (manager) {
    const words = `${manager[1]} ${program}`;
    return { posix: words, windows: words };
  }
  // `python` is not on every Linux and macOS (PEP 394).
  const posix = program === "python" ? "python3" : program;
  return { posix, windows: program };
}

interface Venv {
  /** Where it is in the tree. */
  readonly path: string;
  /** How a command names it from its folder. */
  readonly relative: string;
}

function venvOf(tree: Tree, cwd: string): Venv | undefined {
  for (const [up, folder] of upwards(cwd).entries()) {
    for (const name of VENVS) {
      const path = within(folder, name) ?? name;
      const isVenv = ["pyvenv.cfg", "bin/python", "Scripts/python.exe"]
        .some((file) => tree.has(`${path}/${file}`));
      if (isVenv) return { path, relative: "../".repeat(up) + name };
    }
  }
  return undefined;
}

function inVenv(
  tree: Tree,
  { path, relative }: Venv,
  program: string,
): Commands {
  const isThere = program === "python" ||
    tree.has(`${path}/bin/${program}`) ||
    tree.has(`${path}/Scripts/${program}.exe`);
  // A program that is not installed yet is named by its module.
  const name = isThere ? program : "python";
  const module = isThere ? "" : ` -m ${program}`;
  return pathIn(relative, name, module);
}

function pathIn(venv: string, program: string, after: string): Commands {
  const path = venv.replaceAll("\\", "/");
  return {
    posix: `${path}/bin/${program}${after}`,
    windows: `${path}/Scripts/${program}.exe`.replaceAll("/", "\\") + after,
  };
}

/**
 * Finds the virtual environment that a word lies in or activates.
 *
 * @param word `venv\Scripts\activate`, `.venv/bin/python` and the like.
 */
export function venvNamedBy(word: string): string | undefined {
  return /^(.+?)[\\/](?:Scripts|bin)[\\/][\w.-]+$/i.exec(word)?.[1];
}
