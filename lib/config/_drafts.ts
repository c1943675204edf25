/**
 * What the services of a file say to each other and about the disk, as far as
 * it can be told: also of a file that has mistakes elsewhere.
 *
 * @module
 */

import type { ConfigPath } from "./errors/config_issue.ts";
import type { OsKey } from "./_toml.ts";
import type { DraftTable } from "./schema.ts";

/** A value and where it was written. */
export interface Placed<T> {
  /** The value. */
  readonly value: T;
  /** Where it was written. */
  readonly path: ConfigPath;
}

/** One service as the checks across services see it. */
export interface Draft {
  /** Its name. */
  readonly name: string;
  /** Its port; `INVALID_PORT` where what is written is none. */
  readonly port: Placed<number> | undefined;
  /** Its folder, as written. */
  readonly cwd: Placed<string> | undefined;
  /** The names that it depends on. */
  readonly dependsOn: Placed<readonly string[]> | undefined;
  /** Its env file, as written. */
  readonly envFile: Placed<string> | undefined;
  /** The checks that need a port. */
  readonly portChecks: readonly Placed<"http" | "tcp">[];
}

/** A service and what it changes for the OS. */
export interface Layers {
  /** The name of the service. */
  readonly name: string;
  /** The table of the service. */
  readonly base: DraftTable;
  /** Its table for the OS. */
  readonly override: DraftTable | undefined;
}

/**
 * Lays the table of the OS over the service, and keeps where each value was
 * written.
 */
export function draftOf({ name, base, override }: Layers, os: OsKey): Draft {
  const inBase = ["services", name];
  const inOverride = ["services", name, os];
  function pick<K extends keyof DraftTable>(
    key: K,
  ): Placed<NonNullable<DraftTable[K]>> | undefined {
    const above = override?.[key];
    if (above !== undefined) {
      return { value: above, path: [...inOverride, key] };
    }
    const below = base[key];
    return below === undefined
      ? undefined
      : { value: below, path: [...inBase, key] };
  }
  const portChecks: Placed<"http" | "tcp">[] = [];
  for (const check of ["http", "tcp"] as const) {
    const above = override?.ready?.[check] !== undefined;
    if (!above && base.ready?.[check] === undefined) continue;
    const table = above ? inOverride : inBase;
    portChecks.push({ value: check, path: [...table, "ready", check] });
  }
  return {
    name,
    port: pick("port"),
    cwd: pick("cwd"),
    dependsOn: pick("depends_on"),
    envFile: pick("env_file"),
    portChecks,
  };
}
