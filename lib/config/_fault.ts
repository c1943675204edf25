/**
 * A mistake before its place in the text is known: what the fast checks make,
 * and `explain.ts` turns into a {@linkcode ConfigIssue}.
 *
 * @module
 */

import type {
  ConfigIssueCode,
  ConfigIssueData,
  ConfigPath,
} from "./errors/config_issue.ts";

/** A mistake by its path alone. */
export type Fault<C extends ConfigIssueCode = ConfigIssueCode> = {
  readonly [K in C]: ConfigIssueData[K] & {
    readonly code: K;
    readonly path: ConfigPath;
    /** Whether the key or the value is what to look at. */
    readonly at: "key" | "value";
  };
}[C];
