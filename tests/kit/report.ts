/** The output of `--json`, for the tests. */

import type { Run } from "./run_devsvc.ts";

/** One service in a report. */
export interface ServiceReport {
  /** Its name. */
  readonly name: string;
  /** Its state. */
  readonly state: string;
  /** Its port, where it has one. */
  readonly port: number | null;
  /** The result of its checks. */
  readonly health: string;
  /** Its main process. */
  readonly pid: number | null;
  /** Its living processes. */
  readonly processes: readonly { readonly pid: number }[];
  /** Who holds its port. */
  readonly holders: readonly {
    readonly pid: number;
    readonly args: readonly string[];
    readonly addresses: readonly string[];
    readonly project: string | null;
  }[];
  /** Why its run record is ignored. */
  readonly recordIssue: string | null;
  /** When it was proven ready. */
  readonly readyAt: string | null;
  /** It is not restarted, because services.toml changed. */
  readonly outdated: boolean;
  /** The ports that it listens on instead of its own. */
  readonly mismatchedPorts: readonly number[];
  /** Why it was not started or stopped. */
  readonly failure?: {
    readonly kind: string;
    readonly code?: number;
    readonly names?: readonly string[];
    readonly pending?: { readonly kind: string };
  };
}

/** A report. */
export interface Report {
  /** The version of the JSON. */
  readonly version: number;
  /** The exit code. */
  readonly exitCode?: number;
  /** What was or would be done. */
  readonly plan?: readonly {
    readonly service: string;
    readonly action: string;
  }[];
  /** The services. */
  readonly services: readonly ServiceReport[];
  /** The services that run, but are not in services.toml any more. */
  readonly removed?: readonly ServiceReport[];
  /** Why the command could not be run. */
  readonly error?: {
    readonly kind: string;
    readonly message: string;
    readonly issueCount?: number;
    readonly issues?: readonly { readonly line: number }[];
  };
}

/**
 * Reads the JSON of a run.
 *
 * @param run The run, made with `--json`.
 * @throws {Error} When it wrote anything else.
 */
export function reportOf(run: Run): Report {
  try {
    return JSON.parse(run.stdout);
  } catch (cause) {
    throw new Error(`Cannot read JSON: ${run.stdout}${run.stderr}`, { cause });
  }
}

interface RunsDevsvc {
  run(args: readonly string[]): Promise<Run>;
}

/**
 * Runs `status`.
 *
 * @returns The services in the order of the file.
 */
export async function statusOf(
  project: RunsDevsvc,
): Promise<readonly ServiceReport[]> {
  return reportOf(await project.run(["status", "--json"])).services;
}

/**
 * Runs `status`.
 *
 * @returns The main process of each service in the order of the file.
 */
export async function pidsOf(
  project: RunsDevsvc,
): Promise<readonly (number | null)[]> {
  return (await statusOf(project)).map(({ pid }) => pid);
}
