/** Finds Flask: a file that calls `Flask(`. */

import type { Candidate } from "./candidate.ts";
import { candidateOf } from "./_line.ts";
import { parseCommand } from "./_program.ts";
import { findHealthRoute, pythonFiles, pythonHome } from "./_python.ts";
import { findIn, portIn, portInEnv } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

const APP = /^[ \t]*(\w+)(?:\s*:\s*\w+)?\s*=\s*(?:flask\.)?Flask\(/;

const NAMES = ["app", "wsgi", "main", "server", "run", "application", "api"];

/** Finds the Flask services of a project, one a folder. */
export function flask(tree: Tree): readonly Candidate[] {
  const homes = new Set<string>();
  return pythonFiles(tree, NAMES).flatMap((file): readonly Candidate[] => {
    const found = findIn(tree, file, APP);
    if (!found) return [];
    const { cwd, module } = pythonHome(tree, file);
    if (homes.has(cwd)) return [];
    homes.add(cwd);
    const flaskenv = within(cwd, ".flaskenv") ?? ".flaskenv";
    const named = findIn(tree, flaskenv, /^FLASK_APP\s*=\s*["']?([\w.:/]+)/);
    const app = named?.match[1] ?? module;
    const text = `flask --app ${app} run --debug`;
    const parsed = parseCommand(tree, { cwd, text, line: found.evidence });
    const port = portIn(tree, flaskenv, /^FLASK_RUN_PORT\s*=\s*["']?(\d+)/) ??
      portIn(tree, file, /\.run\([^()]*\bport\s*=\s*(\d+)/) ??
      portInEnv(tree, cwd, "FLASK_RUN_PORT") ??
      portIn(tree, file, /\bPORT["']\s*,\s*["']?(\d+)/) ??
      parsed.port;
    const ready = findHealthRoute(
      tree,
      file,
      /@\w+\.(?:route|get)\(\s*["']([^"']+)["']/,
    );
    const candidate = candidateOf(parsed, found.evidence);
    return [{
      ...candidate,
      keys: [...candidate.keys, `file:${file}`],
      exact: false,
      ...(port ? { port } : {}),
      ...(ready ? { ready } : {}),
    }];
  });
}
