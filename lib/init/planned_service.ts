/**
 * What `devsvc init` writes about one service.
 *
 * @module
 */

import type { Commands, ComposeService, Evidence } from "./detect/candidate.ts";

/** A value, and where it was found. */
export interface Sourced<T> {
  /** The value. */
  readonly value: T;
  /** Where it is written; none where it follows from what the program is. */
  readonly from?: Evidence;
}

/** The port of a service, and why it is that one. */
export interface PlannedPort extends Sourced<number> {
  /** The port that it would have, but another service has it. */
  readonly movedFrom?: number;
}

/** A service as it is written into services.toml. */
export interface PlannedService {
  /** Its name, which no other has. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
  /** Its folder, relative to the project. */
  readonly cwd: string;
  /** What is run, its port filled in. */
  readonly command: Commands;
  /** Its port, which no other has. */
  readonly port?: PlannedPort;
  /**
   * The port that it listens on and that another service has: it cannot be
   * moved from here, so it is not written.
   */
  readonly sharedPort?: Sourced<number>;
  /** The path that answers once it is ready. */
  readonly ready?: Sourced<string>;
  /** Its variables. */
  readonly env: Readonly<Record<string, string>>;
  /** Its env file, relative to the project. */
  readonly envFile?: string;
  /** An env file that lies beside it and is not used. */
  readonly envFileBeside?: string;
  /** The services that must be ready before it. */
  readonly dependsOn: readonly Sourced<string>[];
  /** What it was understood from; at least one. */
  readonly evidence: readonly Evidence[];
}

/** All that `devsvc init` writes. */
export interface PlannedFile {
  /** The services, in the order of the file. */
  readonly services: readonly PlannedService[];
  /** What was seen and is not run by devsvc. */
  readonly composeServices: readonly ComposeService[];
}
