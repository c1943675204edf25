/**
 * What a detector finds: a service that can be written into services.toml, and
 * the evidence for it.
 */

import type { Tree } from "./folder_tree.ts";

/** The placeholder of the port in a command or a variable. */
export const PORT_SLOT = "{port}";

/** A line of a file of the project. */
export interface Evidence {
  /** The file, relative to the project. */
  readonly file: string;
  /** Its number, from 1; `undefined` where the evidence is that the file exists. */
  readonly line?: number;
  /** Its text, trimmed. */
  readonly text?: string;
}

/** One command for each kind of shell; {@linkcode PORT_SLOT} may be part of it. */
export interface Commands {
  /** For Linux and macOS. */
  readonly posix: string;
  /** For Windows. */
  readonly windows: string;
}

/** A port and its evidence. */
export interface FoundPort {
  /** The port. */
  readonly number: number;
  /** Where it is written; `undefined` for the default of the program. */
  readonly from?: Evidence;
}

/** A path that answers once the service is ready. */
export interface FoundCheck {
  /** The path of the URL. */
  readonly path: string;
  /** Where it is written. */
  readonly from: Evidence;
}

/** The port of another service that this one uses. */
export interface FoundUse {
  /** The port. */
  readonly port: number;
  /** Where it is written. */
  readonly from: Evidence;
}

/** A service that a detector found. */
export interface Candidate {
  /**
   * What identifies the service for every detector: two candidates that share a
   * key are the same service.
   */
  readonly keys: readonly string[];
  /** The proposed name. */
  readonly name: string;
  /** The name for people. */
  readonly label: string;
  /** Its folder in the tree. */
  readonly cwd: string;
  /** What is run. */
  readonly command: Commands;
  /** The command is written in the project, so no other replaces it. */
  readonly exact: boolean;
  /** Its port, if it listens. */
  readonly port?: FoundPort;
  /** The path of its readiness check, if one was found. */
  readonly ready?: FoundCheck;
  /** Variables that it needs; {@linkcode PORT_SLOT} may be part of them. */
  readonly env: Readonly<Record<string, string>>;
  /** Its env file, relative to the project. */
  readonly envFile?: string;
  /** The ports of the services that it uses. */
  readonly uses: readonly FoundUse[];
  /** What it was detected by. */
  readonly evidence: readonly Evidence[];
}

/** Finds services of one kind; it only reads the tree. */
export type Detector = (tree: Tree) => readonly Candidate[];

/** The services of a Compose file, which devsvc does not run. */
export interface ComposeService {
  /** Its line `services:`. */
  readonly from: Evidence;
  /** Their names. */
  readonly names: readonly string[];
  /** The ports that they publish. */
  readonly ports: readonly number[];
}
