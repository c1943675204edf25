/**
 * Putting lines away, so that a log stays bounded while its service writes on:
 * the service keeps its file, and the head of the file is given back to the
 * disk once it lies in an archive.
 *
 * Whoever does this may be killed at any moment. The name of an archive is the
 * commit: it tells up to where lines are rotated, and all before it can be
 * done again.
 *
 * @module
 */

import type { LogLimits } from "../../core/model.ts";
import type { Platform } from "../../platform/platform.ts";
import { join } from "../../core/path.ts";
import type { Clock } from "../../platform/clock.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import { namesIn, removeIfPresent } from "../state/atomic_file.ts";
import { lockFile } from "../state/file_lock.ts";
import { lastRecord, recordTime, timesLimit, trimTimes } from "./times.ts";
import {
  listArchives,
  type LogFiles,
  logFilesOf,
  type LogView,
  PUNCHED_MARK,
  viewLog,
  writeState,
} from "./log_files.ts";
import type { StateDir } from "../state/state_dir.ts";

const BLOCK = 256 * 1024;

/** Less than one block of the disk is not worth a hole. */
const RELEASE_MIN = 4096;

const LOCK_POLL = 20;

/** How long another process that rotates is waited for, in milliseconds. */
const LOCK_TIMEOUT = 2000;

const encoder = new TextEncoder();

/** A log and its bound. */
export interface BoundedLog {
  /** The name of the service. */
  readonly name: string;
  /** How much of its output is kept. */
  readonly log: LogLimits;
}

/** Gives the head of a file back to the disk. */
export type PunchHole = Platform["punchHole"];

/**
 * Puts away what is above the limit, while the service writes on. Another
 * devsvc that does the same is waited for, not for long.
 *
 * Where the disk is full, the oldest archives make room.
 *
 * @throws {Error} Where it cannot be written; then no line is lost.
 */
export async function rotateLog(
  dir: StateDir,
  service: BoundedLog,
  { punchHole, clock }: {
    readonly punchHole: PunchHole;
    readonly clock: Clock;
  },
): Promise<void> {
  const files = logFilesOf(dir, service.name);
  await locked(files, clock, async () => {
    let view = viewLog(dir, service.name);
    for (;;) {
      const current = view;
      // The names of archives alone do not survive their being deleted.
      if (!current.isWritten) {
        await makingRoom(dir, service.name, () => writeState(files, current));
      }
      // Also what a supervisor did not come to that was killed.
      if (view.archived > view.base) {
        await release(files, view, punchHole);
        // The service may have written its last words meanwhile.
        view = viewLog(dir, service.name);
      }
      if (view.end - view.archived <= service.log.size) break;
      const next = await rotateHead(dir, service, view);
      if (next === undefined) break;
      view = next;
    }
    trim(dir, service, view);
  });
}

/**
 * Tries whether the head of a file can be given back to this disk. Where it
 * cannot, lines that are rotated would only lie there twice.
 *
 * @throws {Error} Where no file can be written to try it on.
 */
export async function canPunchHole(
  dir: StateDir,
  punchHole: PunchHole,
): Promise<boolean> {
  const file = join(dir.path, `logs.try.${Deno.pid}`);
  try {
    const text = ".".repeat(2 * RELEASE_MIN);
    dir.fs.writeTextFileSync(file, text, { mode: 0o600 });
    return await punchHole(file, RELEASE_MIN);
  } finally {
    removeIfPresent(dir.fs, file);
  }
}

/**
 * Prepares the log of a service for its next run: goes on with the active file
 * while that is small, else puts it away as a whole.
 *
 * Nobody may write to the log meanwhile. Whatever fails, the run can start.
 *
 * @returns Where in the active file the output of the run begins, in bytes.
 */
export async function beginRun(
  dir: StateDir,
  service: BoundedLog,
  clock: Clock,
): Promise<number> {
  const files = logFilesOf(dir, service.name);
  await locked(files, clock, async () => {
    try {
      const names = namesIn(dir.fs, dir.logs) ?? [];
      removeDrafts(dir, service.name, names);
      await endLastLine(files);
      let view = viewLog(dir, service.name, { names });
      recordEnd(files, view, clock);
      const hasHole = view.archived > view.base;
      const isLarge = view.end - view.archived > service.log.size;
      if (view.id !== undefined && (hasHole || isLarge)) {
        await putAwayAll(files, view);
        view = viewLog(dir, service.name);
      } else if (!view.isWritten) writeState(files, view);
      trim(dir, service, view);
    } catch {
      // A full disk: the log goes on where it is.
    }
  });
  return sizeOf(files);
}

/**
 * Gives the head of the active file back, and says at its beginning where the
 * lines are: a tool that reads it from there meets a hole.
 */
async function release(
  files: LogFiles,
  view: LogView,
  punchHole: PunchHole,
): Promise<void> {
  const bytes = view.archived - view.base;
  if (bytes < RELEASE_MIN || !await punchHole(files.active, bytes)) return;
  const name = files.archive(view.archived).split(/[\\/]/).at(-1);
  const mark = `${PUNCHED_MARK}${name} and those with lower numbers\n`;
  try {
    using handle = await files.fs.open(files.active, { write: true });
    await handle.write(encoder.encode(mark));
  } catch {
    // It only helps whoever reads the file by hand.
  }
}

/** Puts one part away; `undefined` where the file was changed meanwhile. */
async function rotateHead(
  dir: StateDir,
  service: BoundedLog,
  view: LogView,
): Promise<LogView | undefined> {
  const files = logFilesOf(dir, service.name);
  const { base, archived } = view;
  const part = `${files.active}.part`;
  const cut = await makingRoom(
    dir,
    service.name,
    () => copyLines(files, part, archived - base, service.log.size),
  );
  if (cut === undefined) return undefined;
  const end = archived + cut;
  files.fs.renameSync(part, files.archive(end));
  await makingRoom(
    dir,
    service.name,
    () => writeState(files, { base, archived: end }),
  );
  const next = viewLog(dir, service.name);
  trim(dir, service, next);
  return next;
}

/** Nobody writes, so the file itself becomes the archive where it can. */
async function putAwayAll(files: LogFiles, view: LogView): Promise<void> {
  const { base, archived, end } = view;
  if (archived === base) {
    files.fs.renameSync(files.active, files.archive(end));
  } else {
    const size = end - archived;
    const part = `${files.active}.part`;
    if (size > 0) {
      const copied = await copyBytes(files, part, archived - base, size);
      if (copied.size < size) throw new Error(`Cannot read ${files.active}`);
      files.fs.renameSync(part, files.archive(end));
    }
    writeState(files, { base, archived: end });
    files.fs.removeSync(files.active);
  }
  writeState(files, { base: end, archived: end });
}

/**
 * Copies whole lines from a place in a file on, a line that is longer than the
 * limit in parts.
 *
 * @returns How many bytes; `undefined` where the file is shorter by now.
 */
async function copyLines(
  files: LogFiles,
  to: string,
  at: number,
  limit: number,
): Promise<number | undefined> {
  const { size, lines } = await copyBytes(files, to, at, limit);
  if (size < limit) return undefined;
  if (lines === 0 || lines === size) return size;
  await files.fs.truncate(to, lines);
  return lines;
}

/** How much was copied, and how much of it is whole lines. */
interface Copied {
  readonly size: number;
  readonly lines: number;
}

async function copyBytes(
  { fs, active }: LogFiles,
  to: string,
  at: number,
  size: number,
): Promise<Copied> {
  using source = await fs.open(active);
  using target = await fs.open(to, {
    create: true,
    write: true,
    truncate: true,
    mode: 0o600,
  });
  await source.seek(at, Deno.SeekMode.Start);
  const block = new Uint8Array(Math.min(BLOCK, size));
  let done = 0;
  let lines = 0;
  while (done < size) {
    const wanted = block.subarray(0, Math.min(block.length, size - done));
    const read = await source.read(wanted);
    if (read === null) break;
    const bytes = block.subarray(0, read);
    for (let sent = 0; sent < read;) {
      sent += await target.write(bytes.subarray(sent));
    }
    const newline = bytes.lastIndexOf(0x0a);
    if (newline >= 0) lines = done + newline + 1;
    done += read;
  }
  // Its head is given back next: the copy must survive a loss of power.
  await target.syncData();
  return { size: done, lines };
}

/** Tries again without the oldest archive as long as the disk is full. */
async function makingRoom<T>(
  dir: StateDir,
  service: string,
  write: () => T | Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      const files = logFilesOf(dir, service);
      removeIfPresent(dir.fs, `${files.active}.part`);
      const before = listArchives(dir, service);
      const [oldest] = before;
      if (!isDiskFull(error) || oldest === undefined) throw error;
      removeIfPresent(dir.fs, files.archive(oldest.end));
      const left = listArchives(dir, service).length;
      if (left === before.length) throw error;
    }
  }
}

/** Tells whether a disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, "code");
  // 28 and 122 are those of Linux and macOS, 112 is that of Windows.
  return code === "ENOSPC" || code === "EDQUOT" ||
    /os error (?:28|112|122)\)/.test(error.message);
}

/** Removes what is more than is kept, the oldest first. */
function trim(dir: StateDir, service: BoundedLog, view: LogView): void {
  const { size, keep } = service.log;
  const files = logFilesOf(dir, service.name);
  const archives = [...view.archives];
  let total = archives.reduce((sum, archive) => sum + archive.size, 0);
  // The log of a run that nobody watched is rotated as one, however large.
  const isTooMuch = () =>
    archives.length > keep ||
    (archives.length > 1 && total > size * (keep + 1));
  while (isTooMuch()) {
    const oldest = archives.shift();
    if (oldest === undefined) break;
    removeIfPresent(dir.fs, files.archive(oldest.end));
    total -= oldest.size;
  }
  const first = archives[0];
  try {
    const begin = first ? first.end - first.size : view.archived;
    trimTimes(files.fs, files.times, begin, timesLimit(size));
  } catch {
    // A full disk: the times are trimmed the next time.
  }
}

/** A run that died within a line must not be glued to the next one. */
async function endLastLine(files: LogFiles): Promise<void> {
  if (sizeOf(files) === 0) return;
  using handle = await files.fs.open(files.active, {
    read: true,
    append: true,
  });
  await handle.seek(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  await handle.read(last);
  if (last[0] !== 0x0a) await handle.write(encoder.encode("\n"));
}

/** Where nobody watched, the last write is the latest time of a line. */
function recordEnd(
  files: LogFiles,
  { end, modified }: LogView,
  clock: Clock,
): void {
  const last = lastRecord(files.fs, files.times);
  if (end <= (last?.length ?? 0)) return;
  const at = Math.max(Math.min(modified, clock.now()), last?.at ?? 0);
  recordTime(files.fs, files.times, { at, length: end }, true);
}

function removeDrafts(
  dir: StateDir,
  service: string,
  names: Iterable<string>,
): void {
  const prefixes = [`${service}.log.json.`, `${service}.times.`];
  for (const name of names) {
    const isDraft = name === `${service}.log.part` ||
      prefixes.some((prefix) => name.startsWith(prefix));
    if (isDraft) removeIfPresent(dir.fs, join(dir.logs, name));
  }
}

function sizeOf({ fs, active }: LogFiles): number {
  return statOrUndefined(fs, active)?.size ?? 0;
}

/**
 * Keeps two devsvc from rotating the same lines. A process that waits too long
 * goes on without the work. Each log has a lock of its own, or a hundred
 * services would queue for one.
 */
async function locked(
  { fs, lock }: LogFiles,
  clock: Clock,
  work: () => Promise<void>,
): Promise<void> {
  const wait = { clock, interval: LOCK_POLL, timeout: LOCK_TIMEOUT };
  using file = await lockFile(fs, lock, wait).catch(() => undefined);
  if (file) await work();
}
