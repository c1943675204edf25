/**
 * What the entry file of a program says about its port.
 *
 * @module
 */

import type { FoundPort } from "./candidate.ts";
import { portIn } from "./_text.ts";
import type { Tree } from "./folder_tree.ts";

/** What an entry file says about its port. */
export interface SourcePort {
  /** The port that stands in it. */
  readonly port?: FoundPort;
  /** It takes its port from the variable `PORT`. */
  readonly readsVariable: boolean;
}

const READS_VARIABLE =
  /(?:process\.env|Deno\.env|Bun\.env|import\.meta\.env|os\.environ|getenv|std::env|ENV)\b[^\n]{0,12}?\bPORT\b/;

/** A port beside the variable, as what is taken without it. */
const DEFAULT_OF_VARIABLE =
  /\bPORT\b["'\])\s]*(?:\|\||\?\?|,)\s*["'(]*(\d{2,5})\b/;

const LITERALS = [
  /\blisten\(\s*(\d{2,5})\b/,
  /\b(?:uvicorn\.|app\.|\w+\.)?(?:run|serve|listen|createServer)\([^)]*?\bport\s*[:=]\s*(\d{2,5})\b/,
  /Server\(\s*\([^,()]*,\s*(\d{2,5})\s*\)/,
  /\bport\b\s*(?::\s*\w+\s*)?[:=]\s*(\d{2,5})\b/i,
] as const;

/** Looks for the port in an entry file. */
export function sourcePort(tree: Tree, file: string): SourcePort {
  const readsVariable = READS_VARIABLE.test(tree.read(file) ?? "");
  const patterns = readsVariable
    ? [DEFAULT_OF_VARIABLE, ...LITERALS]
    : LITERALS;
  const port = portIn(tree, file, ...patterns);
  return { ...(port ? { port } : {}), readsVariable };
}

/**
 * Finds the file of a Python module.
 *
 * @param module `app.main`, or the file itself.
 * @returns The file; `undefined` where there is none.
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
