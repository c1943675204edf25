/**
 * Python: its virtual environments, its modules, and the files in which an
 * application begins.
 */

import { HTTP_PATH } from "../../config/values.ts";
import type { Commands, FoundCheck } from "./candidate.ts";
import { findAll, lastName, upwards } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

const VENVS = [".venv", "venv"] as const;

/** Managers of virtual environments, by their lock files. */
const MANAGERS = [
  ["uv.lock", "uv run"],
  ["poetry.lock", "poetry run"],
  ["Pipfile.lock", "pipenv run"],
] as const;

/**
 * Returns the command of a Python program: in the virtual environment of the
 * folder or the nearest one above, else by the manager whose lock file is there,
 * else on PATH.
 *
 * @param program `python`, or a program that a package installs.
 * @param activated The environment that the project activates, for where none
 * exists yet.
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
  /** Its path from the folder of the command. */
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
  // A program that is not installed yet is run as a module.
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
 * Returns the virtual environment of a path.
 *
 * @param word `venv\Scripts\activate`, `.venv/bin/python` and the like.
 */
export function venvNamedBy(word: string): string | undefined {
  return /^(.+?)[\\/](?:Scripts|bin)[\\/][\w.-]+$/i.exec(word)?.[1];
}

/**
 * Finds the file of a Python module.
 *
 * @param module `app.main`, or the file itself.
 */
export function moduleFile(
  tree: Tree,
  folder: string,
  module: string,
): string | undefined {
  const [name = ""] = module.split(":");
  const path = name.endsWith(".py")
    ? name.slice(0, -3).replaceAll("\\", "/").replace(/^\.\//, "")
    : name.replaceAll(".", "/");
  if (path === "") return undefined;
  const base = folder === "" ? path : `${folder}/${path}`;
  return [`${base}.py`, `${base}/__init__.py`].find((file) => tree.has(file));
}

/**
 * Lists the files that may define an application, the topmost folder first.
 *
 * @param names Their names without `.py`, the likeliest first.
 */
export function pythonFiles(
  tree: Tree,
  names: readonly string[],
): readonly string[] {
  return tree.folders.flatMap((folder) => {
    const files = tree.files(folder);
    return [...names, "__init__", lastName(folder)].map((name) => `${name}.py`)
      .filter((name) => files.includes(name))
      .map((name) => folder === "" ? name : `${folder}/${name}`);
  });
}

/** How a file is imported. */
interface PythonHome {
  /** The folder that the program is run in. */
  readonly cwd: string;
  /** The module, with dots. */
  readonly module: string;
}

/** Returns how a file is imported: from above all the packages that it is in. */
export function pythonHome(tree: Tree, file: string): PythonHome {
  const names = file.replace(/(?:\/__init__)?\.py$/, "").split("/");
  const text = tree.read(file) ?? "";
  let from = names.length - 1;
  while (from > 0 && isPackage(tree, names.slice(0, from), text)) from--;
  return {
    cwd: names.slice(0, from).join("/"),
    module: names.slice(from).join("."),
  };
}

/** A folder with `__init__.py`, or one that its own file imports from. */
function isPackage(
  tree: Tree,
  names: readonly string[],
  text: string,
): boolean {
  const name = names.at(-1) ?? "";
  if (!/^[A-Za-z_]\w*$/.test(name)) return false;
  return tree.files(names.join("/")).includes("__init__.py") ||
    name === "app" ||
    new RegExp(`^(?:from|import)\\s+(?:${name}\\b|\\.)`, "m").test(text);
}

const HEALTH =
  /^\/?(?:api\/)?(?:health|healthz|healthcheck|health-check|_health|livez|readyz|ready|ping|status)\/?$/;

/** Finds the route of a health check. */
export function findHealthRoute(
  tree: Tree,
  file: string,
  route: RegExp,
): FoundCheck | undefined {
  const found = findAll(tree, file, route).find(({ match }) =>
    HEALTH.test(match[1] ?? "")
  );
  const written = found?.match[1] ?? "";
  const path = written.startsWith("/") ? written : `/${written}`;
  return found && HTTP_PATH.test(path)
    ? { path, from: found.evidence }
    : undefined;
}
