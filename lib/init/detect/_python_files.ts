/**
 * The files of Python in which an application begins.
 *
 * @module
 */

import type { FoundCheck } from "./candidate.ts";
import { HTTP_PATH } from "../../config/values.ts";
import { findAll, lastName } from "./_text.ts";
import type { Tree } from "./folder_tree.ts";

/**
 * Lists the files that may begin an application, by their names.
 *
 * @param names The names without `.py`, the likeliest first.
 * @returns The files, the nearest folder first.
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

/** From where a file is imported, and under which name. */
export interface PythonHome {
  /** The folder that the program runs in. */
  readonly cwd: string;
  /** The module, with dots. */
  readonly module: string;
}

/**
 * Tells from where a file is imported: from above all the packages it lies in.
 */
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

/** A folder is one by its `__init__.py`, or because its file imports from it. */
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

/**
 * Finds a route that is there to tell that the service is well.
 *
 * @returns The path; `undefined` where there is none.
 */
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
