/**
 * What all acting shares: the project, the machine and who is told.
 *
 * @module
 */

import type { Emit } from "../core/events.ts";
import type { Project } from "../core/model.ts";
import type { Host } from "../platform/host.ts";
import type { StateDir } from "./state/state_dir.ts";

/** What acting needs to know. */
export interface ActContext extends Host {
  /** The project. */
  readonly project: Project;
  /** Its places on the disk. */
  readonly dir: StateDir;
  /** Takes what happens. */
  readonly emit: Emit;
  /** The user gives up. */
  readonly signal: AbortSignal;
  /**
   * Does something under the lock of the project; a command that holds it all
   * the time just does it.
   */
  readonly exclusively?: (
    work: () => Promise<void> | void,
  ) => Promise<void>;
}
