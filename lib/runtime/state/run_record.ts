/**
 * Run records `.devsvc/runs/NAME.json`, by which a later command finds what an
 * earlier one started, and the marker files beside them.
 *
 * A run record is replaced as a whole, and every field is checked when it is read.
 */

import type { Ending, RunRecord, RunRecordReading } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import {
  readTextOrUndefined,
  statOrUndefined,
} from "../../platform/file_system.ts";
import { exitOf } from "../../platform/shell.ts";
import { writeAtomically } from "./atomic_file.ts";
import { UntrustedPathError } from "./guarded_files.ts";
import { recordNames, type StateDir } from "./state_dir.ts";
import { isUuid } from "./state_origin.ts";

/** The version of the format. */
export const RUN_RECORD_VERSION = 1;

/**
 * Returns the path of the run record of a service, absolute.
 */
export function recordFile(dir: StateDir, service: string): string {
  return join(dir.runs, `${service}.json`);
}

/**
 * Reads the run record of a service; it never throws.
 *
 * @param now The present, in milliseconds since 1970; a run that began later is
 * not valid. Not checked if absent.
 */
export function readRunRecord(
  dir: StateDir,
  service: string,
  now = Infinity,
): RunRecordReading {
  const file = recordFile(dir, service);
  let text: string;
  try {
    text = dir.fs.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "none" };
    return error instanceof UntrustedPathError
      ? { kind: "unreadable", file: error.path, problem: error.problem }
      : { kind: "unreadable", file, problem: "denied" };
  }
  const origin = dir.origin();
  const key = origin.kind === "own" ? origin.key : "";
  return parseRunRecord(text, service, { file, key, now });
}

/**
 * Reads the run records of services; the folder is listed once, so that services
 * without one cost nothing.
 *
 * @returns The readings by service; it never throws.
 */
export function readRunRecords(
  dir: StateDir,
  services: readonly string[],
  now: number,
): ReadonlyMap<string, RunRecordReading> {
  const files = recordNames(dir);
  const read = (service: string): RunRecordReading =>
    files?.has(`${service}.json`) === false
      ? { kind: "none" }
      : readRunRecord(dir, service, now);
  return new Map(services.map((service) => [service, read(service)]));
}

/** A clock may be set back while a service runs, but not by more; in milliseconds. */
const CLOCK_ERROR = 24 * 60 * 60 * 1000;

/** Where the text of a run record is from. */
interface RecordSource {
  /** Its file. */
  readonly file: string;
  /** The key of its folder, which it must have. */
  readonly key: string | undefined;
  /** The present, in milliseconds since 1970. */
  readonly now: number;
}

/**
 * Parses the text of a run record; it never throws.
 *
 * @param service The service that it must belong to.
 */
export function parseRunRecord(
  text: string,
  service: string,
  { file, key, now }: RecordSource,
): RunRecordReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "corrupt", file };
  }
  if (typeof value !== "object" || value === null || !("version" in value)) {
    return { kind: "corrupt", file };
  }
  if (value.version !== RUN_RECORD_VERSION) {
    return { kind: "version", file, found: String(value.version) };
  }
  const { key: found, ...record } = { key: undefined, ...value };
  if (found !== key) return { kind: "foreign", file };
  return isRunRecord(record) && record.service === service &&
      Date.parse(record.startedAt) <= now + CLOCK_ERROR
    ? { kind: "valid", record }
    : { kind: "corrupt", file };
}

function isRunRecord(value: object): value is RunRecord {
  const has = (key: string, type: string) => {
    const found: string = typeof Reflect.get(value, key);
    return found === type;
  };
  const may = (key: string, type: string) => !(key in value) || has(key, type);
  const command = Reflect.get(value, "command");
  const pid = Reflect.get(value, "pid");
  const offset = Reflect.get(value, "logOffset");
  return Number.isSafeInteger(pid) && pid > 1 &&
    Number.isSafeInteger(offset) && offset >= 0 &&
    ["start", "service", "configHash", "startedAt"]
      .every((key) => has(key, "string")) &&
    isUuid(Reflect.get(value, "run")) &&
    !Number.isNaN(Date.parse(Reflect.get(value, "startedAt"))) &&
    may("port", "number") && may("readyAt", "string") &&
    may("restarts", "number") && may("main", "number") &&
    may("pidNamespace", "string") &&
    (typeof command === "string" ||
      (Array.isArray(command) &&
        command.every((word) => typeof word === "string")));
}

/**
 * Writes the run record of a service atomically, with the key of its folder.
 *
 * @throws {Error} Where it cannot be written.
 */
export function writeRunRecord(dir: StateDir, record: RunRecord): void {
  const origin = dir.origin();
  const key = origin.kind === "own" ? { key: origin.key } : {};
  const text = JSON.stringify({ ...record, ...key }, null, 2) + "\n";
  writeAtomically(dir.fs, recordFile(dir, record.service), text);
}

/**
 * Replaces the run record of the previous run, then removes the marker files of
 * that run. A process that is killed in between leaves one of the two records.
 */
export function replaceRunRecord(dir: StateDir, record: RunRecord): void {
  const file = `${record.service}.json`;
  try {
    writeRunRecord(dir, record);
  } catch {
    // The disk is full.
    removeRunRecord(dir, record.service);
    writeRunRecord(dir, record);
  }
  removeMatching(dir, (name) => name.startsWith(`${file}.`));
}

/**
 * Removes the run record of a service, its marker files, and the temporary files
 * of processes that were killed while they wrote.
 */
export function removeRunRecord(dir: StateDir, service: string): void {
  const file = `${service}.json`;
  // The run record first: who reads it can also read its marker files.
  removeMatching(dir, (name) => name === file);
  removeMatching(dir, (name) => name.startsWith(`${file}.`));
}

function removeMatching(
  dir: StateDir,
  matches: (name: string) => boolean,
): void {
  for (const name of recordNames(dir) ?? []) {
    if (!matches(name)) continue;
    try {
      dir.fs.removeSync(join(dir.runs, name));
    } catch (error) {
      // What is a folder is not devsvc's, and blocks nothing.
      const isLeft = error instanceof Deno.errors.NotFound ||
        error instanceof UntrustedPathError;
      if (!isLeft) throw error;
    }
  }
}

/**
 * Records when a run was proven ready, unless its run record was removed or
 * replaced.
 *
 * The lock of the project must be held.
 */
export function writeReady(
  dir: StateDir,
  record: RunRecord,
  { at, main }: { readonly at: Date; readonly main: number },
): void {
  const reading = readRunRecord(dir, record.service);
  if (reading.kind !== "valid" || reading.record.run !== record.run) return;
  const readyAt = at.toISOString();
  writeRunRecord(dir, { ...reading.record, readyAt, main });
}

/** The marker files of a run: `.devsvc/runs/NAME.json.RUN.MARKER`. */
type Marker =
  /** Its exit code, written by its wrapper. */
  | "exit"
  /** A command stops it: its exit is no crash. */
  | "stop-requested"
  /** Its exit is in the journal. */
  | "reported";

function markerFile(
  dir: StateDir,
  { service, run }: Pick<RunRecord, "service" | "run">,
  marker: Marker,
): string {
  return `${recordFile(dir, service)}.${run}.${marker}`;
}

/**
 * Returns the path of the file to which the wrapper of a run writes its exit code,
 * absolute.
 */
export function exitFileOf(
  dir: StateDir,
  record: Pick<RunRecord, "service" | "run">,
): string {
  return markerFile(dir, record, "exit");
}

/**
 * Reads how and when a run ended.
 *
 * @returns `undefined` where its wrapper did not record it, or not yet.
 */
export function readEnding(
  dir: StateDir,
  record: Pick<RunRecord, "service" | "run">,
): Ending | undefined {
  const file = exitFileOf(dir, record);
  const text = readTextOrUndefined(dir.fs, file) ?? "";
  const info = statOrUndefined(dir.fs, file);
  if (!info || !/^-?\d+\s*$/.test(text)) return undefined;
  return { ...exitOf(Number(text)), at: info.mtime?.getTime() ?? 0 };
}

/**
 * Records that a command stops a run, so that its exit is not taken for a crash.
 *
 * @returns Whether that could be written; it never throws.
 */
export function requestStop(dir: StateDir, record: RunRecord): boolean {
  try {
    dir.fs.writeTextFileSync(markerFile(dir, record, "stop-requested"), "");
    return true;
  } catch {
    // A full disk must not prevent the stop.
    return false;
  }
}

/** Returns whether a command asked for the stop of a run. */
export function isStopRequested(dir: StateDir, record: RunRecord): boolean {
  const file = markerFile(dir, record, "stop-requested");
  return statOrUndefined(dir.fs, file) !== undefined;
}

/**
 * Returns whether a run whose processes have ended crashed: a stop writes its marker
 * file before the end of the run, and removes the run record afterwards.
 */
export function hasCrashed(dir: StateDir, record: RunRecord): boolean {
  if (isStopRequested(dir, record)) return false;
  const reading = readRunRecord(dir, record.service);
  return reading.kind === "valid" && reading.record.run === record.run;
}

/**
 * Marks the exit of a run as reported, so that one process alone reports it.
 *
 * @returns Whether this process is the one; false where it cannot be written.
 */
export function markReported(dir: StateDir, record: RunRecord): boolean {
  const file = markerFile(dir, record, "reported");
  try {
    dir.fs.openSync(file, { createNew: true, write: true }).close();
    return true;
  } catch {
    return false;
  }
}
