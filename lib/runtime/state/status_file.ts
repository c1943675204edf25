/**
 * The status file `.devsvc/supervisor.json`, which shows the restarts of a
 * supervisor to commands, and its unfinished ones to the next supervisor.
 */

import config from "../../../deno.json" with { type: "json" };
import type { SupervisedState } from "../../core/supervision.ts";
import type { Identity } from "../../core/model.ts";
import { readTextOrUndefined } from "../../platform/file_system.ts";
import { removeIfPresent, writeAtomically } from "./atomic_file.ts";
import type { StateDir } from "./state_dir.ts";
import { isUuid } from "./state_origin.ts";

/** The version of this program. */
export const PROGRAM_VERSION: string = config.version;

/** A run that is being stopped so that the service can be started again. */
export interface PendingRestart {
  /** Its id. */
  readonly run: string;
  /** How many restarts in a row there are with this one. */
  readonly restarts: number;
  /** A digest of the service as it is to be started. */
  readonly configHash: string;
}

/** The restarts of one service. */
interface ServiceStatus {
  readonly run: string;
  /** When it is started again, ISO 8601; absent where nothing is due. */
  readonly dueAt?: string;
  /** How many restarts in a row there were. */
  readonly restarts: number;
  /** There were too many, and it is not restarted again. */
  readonly gaveUp?: boolean;
  /** services.toml changed since it was started: it is not restarted. */
  readonly outdated?: boolean;
  /** Its checks have failed. */
  readonly unhealthy?: boolean;
}

/** The content of the status file; the identity is that of the supervisor. */
interface Status extends Identity {
  readonly version: 1;
  /** The version of devsvc that the supervisor is. */
  readonly program: string;
  /** The services that were restarted, or are not restarted any more. */
  readonly services: Readonly<Record<string, ServiceStatus>>;
  readonly pendingRestarts: Readonly<Record<string, PendingRestart>>;
  /** The processes that left the sessions of their runs, by service. */
  readonly escaped?: Readonly<Record<string, EscapedProcesses>>;
}

/** The processes that left the session of a run. */
export interface EscapedProcesses {
  /** The id of the run. */
  readonly run: string;
  /** Those that lived when the supervisor last looked. */
  readonly processes: readonly Identity[];
}

/**
 * Reads the status file.
 *
 * @returns `undefined` where there is none, or it is not valid, or devsvc did not
 * write it in this folder.
 */
export function readStatusFile(dir: StateDir): Status | undefined {
  try {
    const text = readTextOrUndefined(dir.fs, dir.statusFile) ?? "";
    const value: unknown = JSON.parse(text);
    const origin = dir.origin();
    const isOwn = origin.kind === "own" && isStatus(value) &&
      Reflect.get(value, "key") === origin.key;
    return isOwn ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Returns whether there is a status file that devsvc did not write in this
 * folder: it is ignored.
 */
export function isStatusForeign(dir: StateDir): boolean {
  try {
    const value: unknown = JSON.parse(dir.fs.readTextFileSync(dir.statusFile));
    const origin = dir.origin();
    return origin.kind === "own" && typeof value === "object" &&
      value !== null && Reflect.get(value, "key") !== origin.key;
  } catch {
    return false;
  }
}

function isStatus(value: unknown): value is Status {
  if (typeof value !== "object" || value === null) return false;
  const get = (key: string): unknown => Reflect.get(value, key);
  return get("version") === 1 && Number.isSafeInteger(get("pid")) &&
    typeof get("start") === "string" && typeof get("program") === "string" &&
    isRecordOf(get("pendingRestarts"), isPendingRestart) &&
    isRecordOf(get("services"), isServiceStatus) &&
    (get("escaped") === undefined || isRecordOf(get("escaped"), isEscaped));
}

function isRecordOf(
  value: unknown,
  isEntry: (entry: unknown) => boolean,
): boolean {
  return typeof value === "object" && value !== null &&
    Object.values(value).every(isEntry);
}

function isPendingRestart(value: unknown): value is PendingRestart {
  return isRun(value) &&
    typeof Reflect.get(value, "configHash") === "string";
}

function isRun(
  value: unknown,
): value is Pick<PendingRestart, "run" | "restarts"> {
  return typeof value === "object" && value !== null &&
    isUuid(Reflect.get(value, "run")) &&
    Number.isSafeInteger(Reflect.get(value, "restarts"));
}

function isEscaped(value: unknown): value is EscapedProcesses {
  if (typeof value !== "object" || value === null) return false;
  const processes: unknown = Reflect.get(value, "processes");
  return isUuid(Reflect.get(value, "run")) && Array.isArray(processes) &&
    processes.every((one: unknown) =>
      typeof one === "object" && one !== null &&
      Number.isSafeInteger(Reflect.get(one, "pid")) &&
      typeof Reflect.get(one, "start") === "string"
    );
}

function isServiceStatus(value: unknown): value is ServiceStatus {
  if (!isRun(value)) return false;
  const dueAt: unknown = Reflect.get(value, "dueAt");
  return dueAt === undefined ||
    (typeof dueAt === "string" && !Number.isNaN(Date.parse(dueAt)));
}

function writeStatusFile(dir: StateDir, status: Status): void {
  try {
    const origin = dir.origin();
    const key = origin.kind === "own" ? { key: origin.key } : {};
    const text = JSON.stringify({ ...status, ...key }, null, 2) + "\n";
    writeAtomically(dir.fs, dir.statusFile, text, dir.work);
  } catch {
    // A full disk must not end the supervisor.
  }
}

/**
 * Returns whether a supervisor was killed between the stop and the start of a
 * service that it restarted.
 */
export function hasPendingRestarts(dir: StateDir): boolean {
  const status = readStatusFile(dir);
  return status !== undefined && Object.keys(status.pendingRestarts).length > 0;
}

/**
 * Drops the pending restarts of services, because a command decides about them
 * now. The lock of the project must be held.
 */
export function forgetPendingRestarts(
  dir: StateDir,
  services: readonly string[],
): void {
  const status = readStatusFile(dir);
  if (!status) return;
  const { pendingRestarts } = status;
  if (!services.some((name) => name in pendingRestarts)) return;
  const rest = Object.entries(pendingRestarts)
    .filter(([name]) => !services.includes(name));
  writeStatusFile(dir, {
    ...status,
    pendingRestarts: Object.fromEntries(rest),
  });
}

type SupervisedStates = ReadonlyMap<string, SupervisedState>;

/** Writes the status file of one supervisor, whenever it changes. */
export class StatusWriter {
  readonly #dir: StateDir;
  readonly #self: Identity;
  readonly #pendingRestarts = new Map<string, PendingRestart>();
  #escaped: ReadonlyMap<string, EscapedProcesses> = new Map();
  #written = "";

  /** Writes nothing yet. */
  constructor(dir: StateDir, self: Identity) {
    this.#dir = dir;
    this.#self = self;
  }

  /** Sets or clears the pending restart of a service; the next write has it. */
  setPendingRestart(
    service: string,
    restart: PendingRestart | undefined,
  ): void {
    if (restart) this.#pendingRestarts.set(service, restart);
    else this.#pendingRestarts.delete(service);
  }

  /** Sets what left the sessions of runs, by service; the next write has it. */
  setEscaped(escaped: ReadonlyMap<string, EscapedProcesses>): void {
    this.#escaped = escaped;
  }

  /** Writes the file, unless it would be the same again. */
  write(states: SupervisedStates): void {
    const status = {
      version: 1,
      ...this.#self,
      program: PROGRAM_VERSION,
      services: servicesOf(states),
      pendingRestarts: Object.fromEntries(this.#pendingRestarts),
      ...(this.#escaped.size > 0
        ? { escaped: Object.fromEntries(this.#escaped) }
        : {}),
    } as const;
    const text = JSON.stringify(status);
    if (text === this.#written) return;
    this.#written = text;
    writeStatusFile(this.#dir, status);
  }

  /**
   * Removes the file, unless `devsvc status` shows by it why a service is down,
   * or finds by it what an ended run has left.
   */
  close(states: SupervisedStates): void {
    const isShown = [...states.values()]
      .some(({ gaveUp, outdated }) => gaveUp || outdated);
    if (isShown || this.#escaped.size > 0) return;
    removeIfPresent(this.#dir.fs, this.#dir.statusFile);
  }
}

function servicesOf(
  states: SupervisedStates,
): Readonly<Record<string, ServiceStatus>> {
  const services: Record<string, ServiceStatus> = {};
  for (const [name, state] of states) {
    const { run, phase, restarts, dueAt, gaveUp, outdated } = state;
    if (run === undefined || phase === "down") continue;
    const unhealthy = phase === "unhealthy";
    if (restarts === 0 && !gaveUp && !outdated && !unhealthy) continue;
    services[name] = {
      run,
      restarts,
      ...(phase === "backing-off" && dueAt !== undefined
        ? { dueAt: new Date(dueAt).toISOString() }
        : {}),
      ...(gaveUp ? { gaveUp } : {}),
      ...(outdated ? { outdated } : {}),
      ...(unhealthy ? { unhealthy } : {}),
    };
  }
  return services;
}
