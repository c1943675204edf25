/** The results as JSON, for programs; `report.schema.json` documents them. */

import { ConfigError } from "../config/errors/config_error.ts";
import type { StartFailure, StopFailure } from "../core/events.ts";
import { type Diagnosis, type Holder, isProvable } from "../core/model.ts";
import type { Plan } from "../core/plan.ts";
import { mainOf } from "../core/process_tree.ts";
import { urlOf } from "./view.ts";
import type { Why } from "./why_report.ts";

/** The version of the JSON; within one version, keys are only added. */
export const JSON_VERSION = 1;

/** The commands whose result is a {@linkcode Report}. */
export const REPORTING = [
  "check",
  "status",
  "start",
  "stop",
  "restart",
  "up",
  "why",
] as const;

/** The result of a command. */
export interface Report {
  /** The command. */
  readonly command: typeof REPORTING[number];
  /** Its exit code. */
  readonly code: number;
  /** The services at the end of the command. */
  readonly diagnoses: readonly Diagnosis[];
  /** Services that run, but are not in services.toml any more. */
  readonly removed?: readonly Diagnosis[];
  /** What was or would be done. */
  readonly plan?: Plan;
  /** Nothing was done: the plan only says what would be. */
  readonly dryRun?: boolean;
  /** The failures, by the names of the services. */
  readonly failures?: ReadonlyMap<string, StartFailure | StopFailure>;
  /** The reasons for the state of the only service, for `why`. */
  readonly why?: Why;
}

/**
 * Writes the report of a command.
 *
 * @returns One JSON document with its newline.
 */
export function reportJson(report: Report): string {
  const { command, code, diagnoses, plan, dryRun, failures, why } = report;
  const { removed = [] } = report;
  return write({
    version: JSON_VERSION,
    command,
    exitCode: code,
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(plan
      ? {
        plan: plan.steps.map(({ kind, diagnosis }) => ({
          service: diagnosis.service.name,
          action: kind,
        })),
      }
      : {}),
    services: diagnoses.map((diagnosis) => ({
      ...serviceJson(diagnosis),
      ...failureJson(failures?.get(diagnosis.service.name)),
      ...(why ? { why: whyJson(why) } : {}),
    })),
    ...(removed.length > 0
      ? {
        removed: removed.map((diagnosis) => ({
          ...serviceJson(diagnosis),
          ...failureJson(failures?.get(diagnosis.service.name)),
        })),
      }
      : {}),
  });
}

/**
 * Writes an error.
 *
 * @param kind Where the cause is: the command line, services.toml or `.devsvc`.
 * @param error A {@linkcode ConfigError} adds its file and issues.
 * @returns One JSON document with its newline.
 */
export function errorJson(
  kind: "usage" | "config" | "state",
  message: string,
  error: unknown,
): string {
  return write({
    version: JSON_VERSION,
    error: {
      kind,
      message,
      ...(error instanceof ConfigError
        ? {
          file: error.file,
          issueCount: error.issueCount,
          issues: error.issues,
        }
        : {}),
    },
  });
}

function write(value: unknown): string {
  return JSON.stringify(value, null, 2) + "\n";
}

function serviceJson(diagnosis: Diagnosis): Record<string, unknown> {
  const { service, state, tree, record } = diagnosis;
  return {
    name: service.name,
    label: service.label,
    state,
    health: diagnosis.health,
    port: service.port ?? null,
    url: urlOf(diagnosis) ?? null,
    pid: mainOf(tree, record)?.pid ?? null,
    startedAt: record?.startedAt ?? null,
    readyAt: isProvable(service) ? record?.readyAt ?? null : null,
    cpuSeconds: sum(tree.map(({ cpuSeconds }) => cpuSeconds)),
    memoryBytes: sum(tree.map(({ memoryBytes }) => memoryBytes)),
    processes: tree.map(({ pid, name }) => ({ pid, name })),
    holders: diagnosis.holders.map(holderJson),
    container: diagnosis.unidentifiedHolder?.container ?? null,
    holderUser: diagnosis.unidentifiedHolder?.user ?? null,
    mismatchedPorts: diagnosis.mismatchedPorts ?? [],
    configChanged: diagnosis.configChanged,
    environmentChanges: diagnosis.environmentChanges,
    restarts: diagnosis.restarts,
    lastExit: lastExitJson(diagnosis),
    restartAt: timeJson(diagnosis.supervision?.dueAt),
    gaveUp: diagnosis.supervision?.gaveUp ?? false,
    outdated: diagnosis.supervision?.outdated ?? false,
    recordIssue: diagnosis.recordIssue ?? null,
    otherRuns: (diagnosis.otherRuns ?? [])
      .map(({ pid, startedAt }) => ({ pid, startedAt })),
    reason: diagnosis.reason ?? null,
  };
}

function lastExitJson({ ending }: Diagnosis): Record<string, unknown> | null {
  return ending
    ? { code: ending.code, signal: ending.signal, at: timeJson(ending.at) }
    : null;
}

function timeJson(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function holderJson(holder: Holder): Record<string, unknown> {
  return {
    pid: holder.pid,
    name: holder.name,
    args: holder.args,
    cwd: holder.cwd ?? null,
    user: holder.user ?? null,
    startedAt: new Date(holder.startedAt).toISOString(),
    addresses: holder.addresses,
    parents: holder.parents,
    protected: holder.protected,
    project: holder.project ?? null,
  };
}

function failureJson(
  failure: StartFailure | StopFailure | undefined,
): Record<string, unknown> {
  return failure ? { failure } : {};
}

function whyJson(why: Why): Record<string, unknown> {
  const { lost } = why.diagnosis;
  return {
    pending: why.pending ?? null,
    dependencies: why.dependencies.map(({ service, state }) => ({
      name: service.name,
      state,
      blocks: why.blockers.has(service.name),
    })),
    lastRun: lost
      ? {
        pid: lost.pid,
        startedAt: lost.startedAt,
        readyAt: lost.readyAt ?? null,
      }
      : null,
    log: why.log ?? null,
  };
}
