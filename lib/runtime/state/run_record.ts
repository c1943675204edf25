/**
 * Run records: what devsvc wrote down when it started a service, so that the next
 * command finds it again.
 *
 * A run record is replaced as a whole or not at all, and read without trust.
 *
 * @module
 */

import type { Ending, RunRecord, RunRecordReading } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import { exitOf } from "../../platform/shell.ts";
import { writeAtomically } from "./atomic_file.ts";
import { recordNames, type StateDir } from "./state_dir.ts";

/** The form of the file that this version writes and reads. */
export const RUN_RECORD_VERSION = 1;

/**
 * Names the run record of a service.
 *
 * @returns The file, absolute.
 */
export function recordFile(dir: StateDir, service: string): string {
  return join(dir.runs, `${service}.json`);
}

/**
 * Reads the run record of a service.
 *
 * @returns What was found; never an error.
 */
export function readRunRecord(
  dir: StateDir,
  service: string,
): RunRecordReading {
  const file = recordFile(dir, service);
  let text: string;
  try {
    text = dir.fs.readTextFileSync(file);
  } catch (error) {
    return error instanceof Deno.errors.NotFound
      ? { kind: "none" }
      : { kind: "corrupt", file };
  }
  return parseRunRecord(text, service, file);
}

/**
 * Reads the run records of some services; a thousand that have none cost one look
 * into the folder.
 *
 * @returns What was found, by service; never an error.
 */
export function readRunRecords(
  dir: StateDir,
  services: readonly string[],
): ReadonlyMap<string, RunRecordReading> {
  const files = recordNames(dir);
  const read = (service: string): RunRecordReading =>
    files?.has(`${service}.json`) === false
      ? { kind: "none" }
      : readRunRecord(dir, service);
  return new Map(services.map((service) => [service, read(service)]));
}

/**
 * Reads the text of a run record.
 *
 * @param service The service that it must be about.
 * @returns What the text is; never an error.
 */
export function parseRunRecord(
  text: string,
  service: string,
  file: string,
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
  return isRunRecord(value) && value.service === service
    ? { kind: "valid", record: value }
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
    ["start", "service", "run", "configHash", "startedAt"]
      .every((key) => has(key, "string")) &&
    !Number.isNaN(Date.parse(Reflect.get(value, "startedAt"))) &&
    may("port", "number") && may("readyAt", "string") &&
    may("restarts", "number") && may("main", "number") &&
    (typeof command === "string" ||
      (Array.isArray(command) &&
        command.every((word) => typeof word === "string")));
}

/**
 * Writes the run record of a service, whole or not at all; at once, for a hundred
 * threads for a hundred small files take longer than the files.
 *
 * @throws {Error} Where it cannot be written.
 */
export function writeRunRecord(dir: StateDir, record: RunRecord): void {
  const text = JSON.stringify(record, null, 2) + "\n";
  writeAtomically(dir.fs, recordFile(dir, record.service), text);
}

/**
 * Writes the run record of a new run in the place of the one before; whoever is
 * killed meanwhile leaves one of the two.
 */
export function replaceRunRecord(dir: StateDir, record: RunRecord): void {
  const file = `${record.service}.json`;
  const isMark = (name: string) => name.startsWith(`${file}.`);
  try {
    writeRunRecord(dir, record);
  } catch {
    // A folder is in its place, or the disk is full.
    removeRunRecord(dir, record.service);
    writeRunRecord(dir, record);
  }
  removeIn(dir, isMark);
}

/**
 * Takes away the run record of a service and all that lies beside it: marks, and
 * drafts of a devsvc that was killed while it wrote.
 */
export function removeRunRecord(dir: StateDir, service: string): void {
  const file = `${service}.json`;
  // The run record first: who still sees it sees its marks, too.
  removeIn(dir, (name) => name === file);
  removeIn(dir, (name) => name.startsWith(`${file}.`));
}

function removeIn(
  dir: StateDir,
  isMeant: (name: string) => boolean,
): void {
  for (const name of recordNames(dir) ?? []) {
    if (!isMeant(name)) continue;
    try {
      // Even a folder in its place must not block a command.
      dir.fs.removeSync(join(dir.runs, name), { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/**
 * Writes down when a run was proven ready, if it still is the run of the
 * service: a run record that was taken away stays away.
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

/** What can be noted beside a run record, about its run. */
type Mark =
  /** Its end was told. */
  | "told"
  /** Somebody asked it to stop: its end is no crash. */
  | "stop"
  /** How it ended. */
  | "exit";

function markFile(
  dir: StateDir,
  { service, run }: Pick<RunRecord, "service" | "run">,
  mark: Mark,
): string {
  return `${recordFile(dir, service)}.${run}.${mark}`;
}

/**
 * Names the file in which the wrapper of a run writes how it ended.
 *
 * @returns The file, absolute.
 */
export function exitFileOf(
  dir: StateDir,
  record: Pick<RunRecord, "service" | "run">,
): string {
  return markFile(dir, record, "exit");
}

/**
 * Reads how a run ended.
 *
 * @returns How and when; `undefined` where nobody wrote it down, or not yet.
 */
export async function readEnding(
  dir: StateDir,
  record: Pick<RunRecord, "service" | "run">,
): Promise<Ending | undefined> {
  const file = exitFileOf(dir, record);
  try {
    const text = dir.fs.readTextFileSync(file);
    if (!/^-?\d+\s*$/.test(text)) return undefined;
    const code = Number(text);
    const { mtime } = await dir.fs.stat(file);
    return { ...exitOf(code), at: mtime?.getTime() ?? 0 };
  } catch {
    return undefined;
  }
}

/** Marks that a run was asked to stop, so that nobody starts it again. */
export function markStopping(dir: StateDir, record: RunRecord): void {
  try {
    dir.fs.writeTextFileSync(markFile(dir, record, "stop"), "");
  } catch {
    // The stop itself goes on.
  }
}

/** Tells whether a run was asked to stop. */
export async function isStopping(
  dir: StateDir,
  record: RunRecord,
): Promise<boolean> {
  try {
    await dir.fs.stat(markFile(dir, record, "stop"));
    return true;
  } catch {
    return false;
  }
}

/**
 * Tells whether a run whose processes are gone ended by itself.
 *
 * @returns Whether it is so; a stop has marked the run before it ended, and may
 * have taken the run record away since.
 */
export async function hasCrashed(
  dir: StateDir,
  record: RunRecord,
): Promise<boolean> {
  if (await isStopping(dir, record)) return false;
  const reading = readRunRecord(dir, record.service);
  return reading.kind === "valid" && reading.record.run === record.run;
}

/**
 * Marks that the end of a run was told.
 *
 * @returns Whether this was the first time; false where it cannot be written.
 */
export async function markTold(
  dir: StateDir,
  record: RunRecord,
): Promise<boolean> {
  try {
    const mark = markFile(dir, record, "told");
    (await dir.fs.open(mark, { createNew: true, write: true })).close();
    return true;
  } catch {
    return false;
  }
}
