/**
 * Where the tools of Linux are looked for.
 *
 * @module
 */

/** Where things are looked for; a name goes through PATH. */
export interface ListenerSources {
  /** Candidates for `ss`, the best first. */
  readonly ss: readonly string[];
  /** Candidates for `lsof`, the best first. */
  readonly lsof: readonly string[];
  /** Candidates for `fuser`, the best first. */
  readonly fuser: readonly string[];
  /** Candidates for `cat`, the best first. */
  readonly cat: readonly string[];
  /** The folder of the proc file system. */
  readonly proc: string;
  /** How long each of at most four steps may take, in milliseconds. */
  readonly deadline: number;
}
