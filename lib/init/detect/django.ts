/** Finds Django: a `manage.py` that starts it. */

import type { Candidate, FoundCheck } from "./candidate.ts";
import { candidateOf } from "./_line.ts";
import { parseCommand } from "./_program.ts";
import { findHealthRoute } from "./_python.ts";
import { findIn, portIn, portInEnv } from "./_text.ts";
import { type Tree, within } from "./folder_tree.ts";

/** Finds the Django services of a project, one a `manage.py`. */
export function django(tree: Tree): readonly Candidate[] {
  return tree.folders.flatMap((cwd): readonly Candidate[] => {
    const file = within(cwd, "manage.py") ?? "manage.py";
    const found = findIn(tree, file, /DJANGO_SETTINGS_MODULE/) ??
      findIn(tree, file, /\bdjango\b/);
    if (!found) return [];
    const text = "python manage.py runserver";
    const parsed = parseCommand(tree, { cwd, text, line: found.evidence });
    const port = portIn(tree, file, /default_port\s*=\s*["']?(\d+)/) ??
      portInEnv(tree, cwd, "DJANGO_PORT") ?? parsed.port;
    const ready = healthOf(tree, cwd, file);
    return [{
      ...candidateOf(parsed, found.evidence),
      exact: false,
      ...(port ? { port } : {}),
      ...(ready ? { ready } : {}),
    }];
  });
}

/** Only the root URLconf has whole paths. */
function healthOf(
  tree: Tree,
  cwd: string,
  file: string,
): FoundCheck | undefined {
  const settings = findIn(
    tree,
    file,
    /DJANGO_SETTINGS_MODULE["']\s*,\s*["']([A-Za-z_]\w*)/,
  );
  const folder = settings?.match[1];
  if (folder === undefined) return undefined;
  const urls = within(cwd, `${folder}/urls.py`) ?? "urls.py";
  return findHealthRoute(
    tree,
    urls,
    /\bpath\(\s*["']([^"']+)["']\s*,(?!\s*include)/,
  );
}
