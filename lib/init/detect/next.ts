/** Finds Next.js: a script of `package.json` that runs it. */

import type { Candidate } from "./candidate.ts";
import { candidateOf } from "./_line.ts";
import { packages, scriptEvidence, scriptsOf } from "./_node.ts";
import { parseScriptOf } from "./_program.ts";
import type { Tree } from "./folder_tree.ts";

/**
 * Finds the Next.js services of a project, one a `package.json`.
 *
 * It reads no port from a `.env`: Next.js itself does not either
 * (https://nextjs.org/docs/app/api-reference/cli/next).
 */
export function next(tree: Tree): readonly Candidate[] {
  return packages(tree).flatMap((folder): readonly Candidate[] => {
    for (const name of ["dev", ...scriptsOf(tree, folder).keys()]) {
      if (!scriptsOf(tree, folder).has(name)) continue;
      const parsed = parseScriptOf(tree, folder, name);
      if (!parsed.keys.includes(`next:${folder}`)) continue;
      const evidence = scriptEvidence(tree, folder, name);
      return [{ ...candidateOf(parsed, evidence), exact: false }];
    }
    return [];
  });
}
