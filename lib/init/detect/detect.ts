/**
 * What `devsvc init` detects in a project.
 *
 * To add a detector: its own file, its test and a row here.
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
 * The detectors: the files that the user wrote to start services go first, as
 * they give the order and the names.
 */
const DETECTORS: readonly Detector[] = [
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
  /** The services; several detectors may find the same one. */
  readonly candidates: readonly Candidate[];
  /** What Docker Compose runs, and devsvc does not. */
  readonly composeServices: readonly ComposeService[];
}

/** Runs every detector. */
export function detect(tree: Tree): Detection {
  return {
    candidates: DETECTORS.flatMap((detector) => detector(tree)),
    composeServices: compose(tree),
  };
}
