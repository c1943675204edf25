/**
 * Finds FastAPI: a file with `app = FastAPI()`, or with a function that returns
 * one.
 */

import type { Candidate, FoundCheck, FoundPort } from "./candidate.ts";
import { candidateOf } from "./_line.ts";
import { parseCommand } from "./_program.ts";
import { findHealthRoute, pythonFiles, pythonHome } from "./_python.ts";
import { findIn, type Found, portIn, portInEnv } from "./_text.ts";
import type { Tree } from "./folder_tree.ts";

const APP = /^(\w+)(?:\s*:\s*[\w.]+)?\s*=\s*(?:\w+\.)?FastAPI\(/;
const FACTORY = /^def\s+(\w+)\([^\n]*\)\s*->\s*["']?(?:\w+\.)?FastAPI\b/;

/** Names of files, the likeliest first. */
const NAMES = ["main", "app", "asgi", "server", "api", "application", "run"];

/** Finds the FastAPI services of a project, one a folder. */
export function fastapi(tree: Tree): readonly Candidate[] {
  const homes = new Set<string>();
  return pythonFiles(tree, NAMES).flatMap((file): readonly Candidate[] => {
    const app = findIn(tree, file, APP);
    const factory = app ? undefined : findIn(tree, file, FACTORY);
    const found = app ?? factory;
    if (!found) return [];
    const { cwd, module } = pythonHome(tree, file);
    if (homes.has(cwd)) return [];
    homes.add(cwd);
    const flag = factory ? "--factory " : "";
    const text = `uvicorn ${flag}${module}:${found.match[1]} --reload`;
    return [withEvidence(tree, { cwd, file, text, found })];
  });
}

function withEvidence(
  tree: Tree,
  { cwd, file, text, found }: {
    readonly cwd: string;
    readonly file: string;
    readonly text: string;
    readonly found: Found;
  },
): Candidate {
  const { evidence } = found;
  const parsed = parseCommand(tree, { cwd, text, line: evidence });
  const port = portOf(tree, cwd, file) ?? parsed.port;
  const ready = healthOf(tree, file);
  return {
    ...candidateOf(parsed, evidence),
    // A command in the project takes precedence over this guess.
    exact: false,
    ...(port ? { port } : {}),
    ...(ready ? { ready } : {}),
  };
}

/** `uvicorn.run(…, port=9000)`, the `.env`, or the default of the variable. */
function portOf(
  tree: Tree,
  cwd: string,
  file: string,
): FoundPort | undefined {
  return portIn(tree, file, /uvicorn\.run\([^()]*\bport\s*=\s*(\d+)/) ??
    portInEnv(tree, cwd, "UVICORN_PORT") ??
    portIn(tree, file, /\bPORT["']\s*,\s*["']?(\d+)/);
}

function healthOf(tree: Tree, file: string): FoundCheck | undefined {
  return findHealthRoute(
    tree,
    file,
    /@\w+\.(?:get|api_route)\(\s*["']([^"']+)["']/,
  );
}
