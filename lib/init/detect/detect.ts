/**
 * Everything that `devsvc init` can find in a project.
 *
 * @module
 */

import type { Candidate, ComposeService, Detector } from "./candidate.ts";
import { compose } from "./compose.ts";
import { denoTasks } from "./deno_tasks.ts";
import { django } from "./django.ts";
import { fastapi } from "./fastapi.ts";
import { flask } from "./flask.ts";
import { next } from "./next.ts";
import { npmScripts } from "./npm_scripts.ts";
import { procfile } from "./procfile.ts";
import { startBat } from "./start_bat.ts";
import type { Tree } from "./folder_tree.ts";
import { vite } from "./vite.ts";

/**
 * The detectors: what the user wrote to start services goes first, for it also
 * tells their order and their names.
 */
export const DETECTORS: readonly Detector[] = [
  startBat,
  procfile,
  fastapi,
  flask,
  django,
  vite,
  next,
  npmScripts,
  denoTasks,
];

/** What was found in a project. */
export interface Detection {
  /** The services; one may be there several times, by several detectors. */
  readonly candidates: readonly Candidate[];
  /** What devsvc does not run. */
  readonly composeServices: readonly ComposeService[];
}

/** Looks for services. */
export function detect(tree: Tree): Detection {
  return {
    candidates: DETECTORS.flatMap((detector) => detector(tree)),
    composeServices: compose(tree),
  };
}
