/** The context in which services are started and stopped. */

import type { Emit } from "../core/events.ts";
import type { Project } from "../core/model.ts";
import type { Host } from "../platform/host.ts";
import type { StateDir } from "./state/state_dir.ts";

/** The project, the machine, and where events go. */
export interface ActContext extends Host {
  /** The project of services.toml. */
  readonly project: Project;
  /** The paths of its `.devsvc`. */
  readonly dir: StateDir;
  /** Takes events. */
  readonly emit: Emit;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Takes the lock of the project for some work; absent where it is held already. */
  readonly exclusively?: (
    work: () => Promise<void> | void,
  ) => Promise<void>;
}
