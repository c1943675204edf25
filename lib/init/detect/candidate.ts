/**
 * What a detector finds: a service that could be written into services.toml,
 * and the facts that it was understood from.
 *
 * @module
 */

import type { Tree } from "./folder_tree.ts";

/** Stands in a command or a variable where the port goes. */
export const PORT_SLOT = "{port}";

/** A place in a file of the project, and what stands there. */
export interface Evidence {
  /** The file, relative to the project. */
  readonly file: string;
  /** The line, from 1; none where the file as such is the fact. */
  readonly line?: number;
  /** The line itself, without the blanks around it. */
  readonly text?: string;
}

/** One command for each kind of shell; {@linkcode PORT_SLOT} may stand in it. */
export interface Commands {
  /** For Linux and macOS. */
  readonly posix: string;
  /** For Windows. */
  readonly windows: string;
}

/** A port, and how it is known. */
export interface FoundPort {
  /** The port. */
  readonly number: number;
  /** Where it is written; without it, it is what the program takes by itself. */
  readonly from?: Evidence;
}

/** A path that answers once the service is ready. */
export interface FoundCheck {
  /** The path of the URL. */
  readonly path: string;
  /** Where it is written. */
  readonly from: Evidence;
}

/** The port of another service that this one speaks to. */
export interface FoundUse {
  /** The port. */
  readonly port: number;
  /** Where it is written. */
  readonly from: Evidence;
}

/** A service that a detector found. */
export interface Candidate {
  /**
   * What it is, in a form that other detectors use too: two candidates that
   * share a key are the same service.
   */
  readonly keys: readonly string[];
  /** The name that it would like to have. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
  /** Its folder in the tree. */
  readonly cwd: string;
  /** What is run. */
  readonly command: Commands;
  /** The project itself says this command, so that no other replaces it. */
  readonly exact: boolean;
  /** Its port, if it listens. */
  readonly port?: FoundPort;
  /** How to see that it is ready, if a port is not all. */
  readonly ready?: FoundCheck;
  /** Variables that it needs; {@linkcode PORT_SLOT} may stand in them. */
  readonly env: Readonly<Record<string, string>>;
  /** The env file that it is given, relative to the project. */
  readonly envFile?: string;
  /** The services that it speaks to. */
  readonly uses: readonly FoundUse[];
  /** What it was understood from. */
  readonly evidence: readonly Evidence[];
}

/** Finds services of one kind; it only looks at the tree. */
export type Detector = (tree: Tree) => readonly Candidate[];

/** Something that was seen and is not run by devsvc. */
export interface ComposeService {
  /** Where. */
  readonly from: Evidence;
  /** The names of what is there. */
  readonly names: readonly string[];
  /** The ports that it publishes. */
  readonly ports: readonly number[];
}
