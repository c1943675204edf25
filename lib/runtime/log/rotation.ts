/**
 * Rotating a log while its service writes to it: the service keeps its file open,
 * lines are copied to an archive, and the head of the file is then punched, which
 * gives its blocks back to the disk (`man 2 fallocate`). Where the disk can do so,
 * a large head is collapsed: the file becomes shorter, too.
 *
 * A process that rotates can be killed at any time. The name of an archive is the
 * commit: it says up to which offset lines are archived, and every step after it
 * can be repeated.
 */

import type { LogLimits } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import type { Clock } from "../../platform/clock.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import type { Platform } from "../../platform/platform.ts";
import { namesIn, removeIfPresent } from "../state/atomic_file.ts";
import { lockFile } from "../state/file_lock.ts";
import type { StateDir } from "../state/state_dir.ts";
import {
  listArchives,
  type LogFiles,
  logFilesOf,
  type LogOffsets,
  type LogView,
  punchedNotice,
  viewLog,
  writeOffsets,
} from "./log_files.ts";
import { lastRecord, recordLength, timesLimit, trimTimes } from "./times.ts";

const BLOCK = 256 * 1024;

/** Disks punch whole blocks, which have this size at least; in bytes. */
const PUNCH_MIN = 4096;

/** A multiple of the blocks of every disk, in bytes. */
const COLLAPSE_UNIT = 64 * 1024;

/** A head that is smaller is not collapsed, in bytes. */
const COLLAPSE_MIN = 1024 * 1024;

/** A head is collapsed once it is so many times as large as the limit. */
const COLLAPSE_PER_SIZE = 4;

/** Enough for a notice and for one NUL byte behind it, in bytes. */
const NOTICE_MAX = 1024;

/**
 * A collapse that a killed process began may happen so much later at most, in
 * milliseconds: its tool outlives it.
 */
const COLLAPSE_TIMEOUT = 10_000;

const LOCK_INTERVAL = 20;

/** How long another process that rotates is waited for, in milliseconds. */
const LOCK_TIMEOUT = 2000;

const encoder = new TextEncoder();

/** A log and its limits. */
export interface BoundedLog {
  /** The name of the service. */
  readonly name: string;
  /** How much of its output is kept. */
  readonly log: LogLimits;
}

type PunchHole = Platform["punchHole"];

/** How the head of an active file is freed. */
export interface RotationTools {
  /** Frees the blocks of a head. */
  readonly punchHole: PunchHole;
  /** Absent where the disk cannot collapse. */
  readonly collapseHead?: Platform["collapseHead"];
  /** By which other processes are waited for. */
  readonly clock: Clock;
}

/**
 * Archives what exceeds the limit, while the service may write. Another process
 * that rotates this log is waited for, up to two seconds.
 *
 * On a full disk the oldest archives are removed to free space.
 *
 * @throws {Error} Where it cannot be written; no line is lost then.
 */
export async function rotateLog(
  dir: StateDir,
  service: BoundedLog,
  tools: RotationTools,
): Promise<void> {
  const files = logFilesOf(dir, service.name);
  await withLogLock(files, tools.clock, async () => {
    const store = async (offsets: LogView) => {
      if (offsets.isStored) return;
      await freeingSpace(dir, service.name, () => writeOffsets(files, offsets));
    };
    let view = viewLog(dir, service.name);
    if (isCollapsing(view, tools.clock)) return;
    for (;;) {
      // Archives that are deleted by hand take the offsets in their names along.
      await store(view);
      // A process that was killed may have left the head unpunched.
      if (view.archived > view.base) {
        await punchHead(files, view, tools.punchHole);
        await collapseHead(files, view, service.log.size, tools);
        // The service may have written more in between.
        view = viewLog(dir, service.name);
        if (isCollapsing(view, tools.clock)) return;
        await store(view);
      }
      if (view.end - view.archived <= service.log.size) break;
      const next = await skipExcess(dir, service, view) ??
        await archiveHead(dir, service, view);
      if (next === undefined) break;
      view = next;
    }
    removeExcess(dir, service, view);
  });
}

/**
 * Tries whether the disk can punch holes. Without that, archived lines would take
 * their space twice.
 *
 * @throws {Error} Where no file can be written for the trial.
 */
export async function canPunchHole(
  dir: StateDir,
  punchHole: PunchHole,
): Promise<boolean> {
  const file = join(dir.logs, `try.${Deno.pid}`);
  try {
    const text = ".".repeat(2 * PUNCH_MIN);
    dir.fs.writeTextFileSync(file, text, { mode: 0o600 });
    return await punchHole(file, PUNCH_MIN);
  } finally {
    removeIfPresent(dir.fs, file);
  }
}

/**
 * Tries whether the disk can collapse the head of a file.
 *
 * @throws {Error} Where no file can be written for the trial.
 */
export async function canCollapseHead(
  dir: StateDir,
  collapse: Platform["collapseHead"],
): Promise<boolean> {
  const file = join(dir.logs, `try.${Deno.pid}`);
  try {
    const text = ".".repeat(2 * COLLAPSE_UNIT);
    dir.fs.writeTextFileSync(file, text, { mode: 0o600 });
    return await collapse(file, COLLAPSE_UNIT) &&
      statOrUndefined(dir.fs, file)?.size === COLLAPSE_UNIT;
  } finally {
    removeIfPresent(dir.fs, file);
  }
}

/**
 * Prepares the log of a service for its next run: a small active file is continued,
 * any other is archived as a whole.
 *
 * The service must not run. No error keeps the run from starting.
 *
 * @returns The offset in the active file at which the output of the run begins.
 */
export async function beginRun(
  dir: StateDir,
  service: BoundedLog,
  clock: Clock,
): Promise<number> {
  const files = logFilesOf(dir, service.name);
  await withLogLock(files, clock, async () => {
    try {
      const names = namesIn(dir.fs, dir.logs) ?? [];
      removeTemporaryFiles(dir, service.name, names);
      await terminateLastLine(files);
      let view = viewLog(dir, service.name, names);
      recordEnd(files, view, clock);
      // It is archived at the next start.
      if (isCollapsing(view, clock)) return;
      const isPunched = view.archived > view.base;
      const isLarge = view.end - view.archived > service.log.size;
      if (view.fileId !== undefined && (isPunched || isLarge)) {
        await archiveAll(files, view);
        view = viewLog(dir, service.name);
      } else if (!view.isStored) writeOffsets(files, view);
      removeExcess(dir, service, view);
    } catch {
      // A full disk: the run continues the active file.
    }
  });
  return activeSize(files);
}

/**
 * Archives the log of a service as a whole where its head is large and could not be
 * collapsed: a copy of the file would be as large as all that the service wrote.
 *
 * The service must not run.
 */
export async function archiveEnded(
  dir: StateDir,
  service: BoundedLog,
  clock: Clock,
): Promise<void> {
  const files = logFilesOf(dir, service.name);
  if (activeSize(files) < largeHead(service.log.size)) return;
  await withLogLock(files, clock, async () => {
    try {
      const view = viewLog(dir, service.name);
      const isLarge = view.archived - view.base >= largeHead(service.log.size);
      if (!isLarge || isCollapsing(view, clock)) return;
      recordEnd(files, view, clock);
      await archiveAll(files, view);
      removeExcess(dir, service, viewLog(dir, service.name));
    } catch {
      // A full disk: the next start archives it.
    }
  });
}

/** The size from which a head is collapsed, in bytes. */
function largeHead(limit: number): number {
  return Math.max(limit * COLLAPSE_PER_SIZE, COLLAPSE_MIN);
}

/** Punches the archived head, and says at its beginning where the lines are. */
async function punchHead(
  files: LogFiles,
  view: LogView,
  punchHole: PunchHole,
): Promise<void> {
  const bytes = view.archived - view.base;
  if (bytes < PUNCH_MIN) return;
  // Another program punches it, by its name.
  if (statOrUndefined(files.fs, files.active) === undefined) return;
  if (!await punchHole(files.active, bytes)) return;
  try {
    await writeNotice(files, view, 0);
  } catch {
    // It only helps a person who opens the file, and a later collapse.
  }
}

/** Writes the notice of a file that begins where `offsets` say. */
async function writeNotice(
  files: LogFiles,
  offsets: LogOffsets,
  at: number,
): Promise<void> {
  const bytes = encoder.encode(punchedNotice(files, offsets));
  using handle = await files.fs.open(files.active, { write: true });
  await handle.seek(at, Deno.SeekMode.Start);
  for (let done = 0; done < bytes.length;) {
    done += await handle.write(bytes.subarray(done));
  }
  if (at > 0) await handle.syncData();
}

/** A process was killed while its tool was about to collapse the head. */
function isCollapsing({ collapsingAt }: LogView, clock: Clock): boolean {
  if (collapsingAt === undefined) return false;
  const age = clock.now() - collapsingAt;
  return age >= 0 && age < COLLAPSE_TIMEOUT;
}

/**
 * Collapses a punched head that is large. It contains the notice of the file as it
 * is afterwards: so the base of the file changes in the same step as its content.
 *
 * @param limit The largest size of what is not archived, in bytes.
 */
async function collapseHead(
  files: LogFiles,
  { base, archived, end }: LogView,
  limit: number,
  { collapseHead: collapse, clock }: RotationTools,
): Promise<void> {
  const head = archived - base;
  // The disk first writes what is behind it, and the service waits meanwhile.
  if (head < end - archived) return;
  if (!collapse || head < largeHead(limit)) return;
  const units = Math.floor((head - NOTICE_MAX) / COLLAPSE_UNIT);
  const bytes = units * COLLAPSE_UNIT;
  try {
    await writeNotice(files, { base: base + bytes, archived }, bytes);
    writeOffsets(files, { base, archived, collapsingAt: clock.now() });
  } catch {
    // A full disk: a later rotation collapses it.
    return;
  }
  await collapse(files.active, bytes);
}

/**
 * Skips what would be archived only to be removed as excess, where a service writes
 * faster than its lines are copied.
 *
 * @returns `undefined` where nothing is to be skipped.
 */
async function skipExcess(
  dir: StateDir,
  { name, log }: BoundedLog,
  { base, archived, end }: LogView,
): Promise<LogView | undefined> {
  const excess = end - archived - log.size * (log.keep + 1);
  if (excess <= log.size) return undefined;
  const files = logFilesOf(dir, name);
  const at = archived - base + excess;
  const begin = base + await lineBegin(files, at, log.size);
  await freeingSpace(
    dir,
    name,
    () => writeOffsets(files, { base, archived: begin }),
  );
  return viewLog(dir, name);
}

/** Where a line begins in the active file, at most `limit` bytes after `at`. */
async function lineBegin(
  { fs, active }: LogFiles,
  at: number,
  limit: number,
): Promise<number> {
  using handle = await fs.open(active);
  using lent = lendBlock();
  await handle.seek(at, Deno.SeekMode.Start);
  for (let done = 0; done < limit;) {
    const read = await handle.read(lent.block);
    if (read === null) break;
    const newline = lent.block.subarray(0, read).indexOf(0x0a);
    if (newline >= 0 && done + newline < limit) return at + done + newline + 1;
    done += read;
  }
  return at;
}

/** Archives one part; `undefined` where the file was emptied in between. */
async function archiveHead(
  dir: StateDir,
  service: BoundedLog,
  { base, archived }: LogView,
): Promise<LogView | undefined> {
  const files = logFilesOf(dir, service.name);
  const length = await freeingSpace(
    dir,
    service.name,
    () => copyLines(files, archived - base, service.log.size),
  );
  if (length === undefined) return undefined;
  const end = archived + length;
  files.fs.renameSync(files.part, files.archive(end));
  await freeingSpace(
    dir,
    service.name,
    () => writeOffsets(files, { base, archived: end }),
  );
  const next = viewLog(dir, service.name);
  removeExcess(dir, service, next);
  return next;
}

/** Archives everything; an unpunched file is renamed, since no process writes. */
async function archiveAll(files: LogFiles, view: LogView): Promise<void> {
  const { base, archived, end } = view;
  if (archived === base) {
    files.fs.renameSync(files.active, files.archive(end));
  } else {
    const size = end - archived;
    if (size > 0) {
      const copied = await copyBytes(files, archived - base, size);
      if (copied.size < size) throw new Error(`Cannot read ${files.active}`);
      files.fs.renameSync(files.part, files.archive(end));
    }
    writeOffsets(files, { base, archived: end });
    files.fs.removeSync(files.active);
  }
  writeOffsets(files, { base: end, archived: end });
}

/**
 * Copies whole lines of the active file, up to `limit` bytes from an offset; a line
 * that is longer than that is cut.
 *
 * @returns How many bytes; `undefined` where the file has become shorter.
 */
async function copyLines(
  files: LogFiles,
  at: number,
  limit: number,
): Promise<number | undefined> {
  const { size, lines } = await copyBytes(files, at, limit);
  if (size < limit) return undefined;
  if (lines === 0 || lines === size) return size;
  await files.fs.truncate(files.part, lines);
  return lines;
}

/** How many bytes were copied, and how many of them are whole lines. */
interface Copied {
  readonly size: number;
  readonly lines: number;
}

async function copyBytes(
  { fs, active, part }: LogFiles,
  at: number,
  size: number,
): Promise<Copied> {
  using source = await fs.open(active);
  using target = await fs.open(part, {
    create: true,
    write: true,
    truncate: true,
    mode: 0o600,
  });
  await source.seek(at, Deno.SeekMode.Start);
  using lent = lendBlock();
  const { block } = lent;
  let done = 0;
  let lines = 0;
  while (done < size) {
    const wanted = block.subarray(0, Math.min(block.length, size - done));
    const read = await source.read(wanted);
    if (read === null) break;
    const bytes = block.subarray(0, read);
    for (let written = 0; written < read;) {
      written += await target.write(bytes.subarray(written));
    }
    const newline = bytes.lastIndexOf(0x0a);
    if (newline >= 0) lines = done + newline + 1;
    done += read;
  }
  // The source is punched next: the copy must survive a loss of power.
  await target.syncData();
  return { size: done, lines };
}

/** A block that no copy uses, so that a rotation leaves no garbage of its size. */
let spareBlock: Uint8Array<ArrayBuffer> | undefined;

function lendBlock(): { readonly block: Uint8Array<ArrayBuffer> } & Disposable {
  const block = spareBlock ?? new Uint8Array(BLOCK);
  spareBlock = undefined;
  return { block, [Symbol.dispose]: () => void (spareBlock = block) };
}

/** Writes, and on a full disk removes the oldest archive and writes again. */
async function freeingSpace<T>(
  dir: StateDir,
  service: string,
  write: () => T | Promise<T>,
): Promise<T> {
  const files = logFilesOf(dir, service);
  for (;;) {
    try {
      return await write();
    } catch (error) {
      removeIfPresent(dir.fs, files.part);
      const before = listArchives(dir, service);
      const [oldest] = before;
      if (!isDiskFull(error) || oldest === undefined) throw error;
      removeIfPresent(dir.fs, files.archive(oldest.end));
      if (listArchives(dir, service).length === before.length) throw error;
    }
  }
}

/** Returns whether an error says that a disk or a quota is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code: unknown = Reflect.get(error, "code");
  // 28 and 122 are ENOSPC and EDQUOT, 112 is ERROR_DISK_FULL of Windows.
  return code === "ENOSPC" || code === "EDQUOT" ||
    /os error (?:28|112|122)\)/.test(error.message);
}

/** Removes the archives beyond the limits, the oldest first, and their times. */
function removeExcess(dir: StateDir, service: BoundedLog, view: LogView): void {
  const { size, keep } = service.log;
  const files = logFilesOf(dir, service.name);
  const archives = [...view.archives];
  let total = archives.reduce((sum, archive) => sum + archive.size, 0);
  // A run without a supervisor is archived as a whole, however large it is.
  const isExcess = () =>
    archives.length > keep ||
    (archives.length > 1 && total > size * (keep + 1));
  while (isExcess()) {
    const oldest = archives.shift();
    if (oldest === undefined) break;
    removeIfPresent(dir.fs, files.archive(oldest.end));
    total -= oldest.size;
  }
  const [first] = archives;
  try {
    const begin = first ? first.end - first.size : view.archived;
    trimTimes(files.fs, files.times, begin, timesLimit(size));
  } catch {
    // A full disk: the next rotation trims them.
  }
}

/** Ends a line that a run left unfinished, so that the next run begins another. */
async function terminateLastLine(files: LogFiles): Promise<void> {
  if (activeSize(files) === 0) return;
  using handle = await files.fs.open(files.active, {
    read: true,
    append: true,
  });
  await handle.seek(-1, Deno.SeekMode.End);
  const last = new Uint8Array(1);
  await handle.read(last);
  if (last[0] !== 0x0a) await handle.write(encoder.encode("\n"));
}

/** Records what was written without a supervisor with the time of the last write. */
function recordEnd(
  files: LogFiles,
  { end, modified }: LogView,
  clock: Clock,
): void {
  const last = lastRecord(files.fs, files.times);
  if (end <= (last?.length ?? 0)) return;
  const at = Math.max(Math.min(modified, clock.now()), last?.at ?? 0);
  recordLength(files.fs, files.times, { at, length: end }, true);
}

/** Removes what processes left that were killed while they wrote. */
function removeTemporaryFiles(
  dir: StateDir,
  service: string,
  names: Iterable<string>,
): void {
  const prefixes = [`${service}.log.json.`, `${service}.times.`];
  for (const name of names) {
    const isTemporary = name === `${service}.log.part` ||
      prefixes.some((prefix) => name.startsWith(prefix));
    if (isTemporary) removeIfPresent(dir.fs, join(dir.logs, name));
  }
}

function activeSize({ fs, active }: LogFiles): number {
  return statOrUndefined(fs, active)?.size ?? 0;
}

/**
 * Locks a log against another process that rotates it. The work is left out where
 * the lock is not free in time. Each log has its own lock, or the starts of a
 * hundred services would wait for each other.
 */
async function withLogLock(
  { fs, lock }: LogFiles,
  clock: Clock,
  work: () => Promise<void>,
): Promise<void> {
  const wait = { clock, interval: LOCK_INTERVAL, timeout: LOCK_TIMEOUT };
  using file = await lockFile(fs, lock, wait).catch(() => undefined);
  if (file) await work();
}
