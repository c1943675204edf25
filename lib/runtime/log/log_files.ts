/**
 * The files of a log: `NAME.log`, to which the service appends, and the archives
 * `NAME.log.OFFSET` of what was rotated.
 *
 * Together they are one endless output: every byte has a logical offset that never
 * changes, whichever file it lies in.
 */

import { join } from "../../core/path.ts";
import {
  type FileSystem,
  readTextOrUndefined,
  statOrUndefined,
} from "../../platform/file_system.ts";
import { namesIn, writeAtomically } from "../state/atomic_file.ts";
import { logOf, type StateDir } from "../state/state_dir.ts";
import { PUNCHED_NOTICE } from "./tail.ts";
import { lastRecord } from "./times.ts";

/** The paths of one log, absolute. */
export interface LogFiles {
  /** The file operations by which they are read and written. */
  readonly fs: FileSystem;
  /** The file to which the service appends. */
  readonly active: string;
  /** The offsets of the active file. */
  readonly offsets: string;
  /** When the log had which length. */
  readonly times: string;
  /** Locked by a process that rotates. */
  readonly lock: string;
  /** The file to which an archive is copied before it gets its name. */
  readonly part: string;
  /** The archive that ends at a logical offset. */
  archive(end: number): string;
}

/** Where the active file begins. */
export interface LogOffsets {
  /** The logical offset of its first byte. */
  readonly base: number;
  /** Everything before this logical offset is in archives. */
  readonly archived: number;
}

/** The offsets as they are stored. */
interface StoredOffsets extends LogOffsets {
  /**
   * When a process was about to collapse the head of the active file, in
   * milliseconds since 1970.
   */
  readonly collapsingAt?: number | undefined;
}

/** A part of the output that lies in one file, by logical offsets. */
export interface LogSegment {
  /** The file, absolute. */
  readonly file: string;
  /** The offset of its first byte. */
  readonly begin: number;
  /** The offset after its last byte. */
  readonly end: number;
  /** Where it begins in the file. */
  readonly at: number;
  /** It lies in the file to which the service appends. */
  readonly isActive: boolean;
}

/** An archive. */
interface Archive {
  /** The logical offset of its end. */
  readonly end: number;
  /** In bytes. */
  readonly size: number;
}

/** A snapshot of a log. */
export interface LogView extends LogOffsets {
  /** The logical offset of the end. */
  readonly end: number;
  /** Everything that is kept, in order and without overlap. */
  readonly segments: readonly LogSegment[];
  /** The oldest first. */
  readonly archives: readonly Archive[];
  /** The identity of the active file; `undefined` where there is none. */
  readonly fileId: string | undefined;
  /** When it was last written, in milliseconds since 1970; 0 if not known. */
  readonly modified: number;
  /** The stored offsets agree with the files. */
  readonly isStored: boolean;
  /**
   * When a process was about to collapse the head of the active file, which has
   * not happened yet; in milliseconds since 1970.
   */
  readonly collapsingAt: number | undefined;
}

/** What is known about where an active file begins. */
export interface OffsetEvidence {
  /** The stored offsets, if there are valid ones. */
  readonly stored: LogOffsets | undefined;
  /** In order. */
  readonly archives: readonly Archive[];
  /** The size of the active file; `undefined` where there is none. */
  readonly size: number | undefined;
  /** The length that the log is known to have had. */
  readonly reportedLength: number;
  /** What the notice in a punched file says about where it begins. */
  readonly noticedBase: number | undefined;
  /** Reads the size of the hole at the head of the active file. */
  readonly punchedSize: () => number;
}

/** How often a log that is rotated while it is read is read again, at most. */
const READ_ATTEMPTS = 5;

/** More than the part of a notice that says where the file begins, in bytes. */
const NOTICED_BASE_MAX = 64;

const NOTICED_BASE = /^\[devsvc\] begins at byte (\d{1,16});/;

/**
 * Returns the line at the head of an active file that was punched.
 *
 * It says where the file begins, since no other file can change in one step with
 * the collapse of its head. That stands before what a later notice changes, so that
 * a reader never sees it half written.
 */
export function punchedNotice(
  files: LogFiles,
  { base, archived }: LogOffsets,
): string {
  const name = files.archive(archived).split(/[\\/]/).at(-1);
  return `${PUNCHED_NOTICE}${base}; earlier lines: ` +
    `${name} and those with lower numbers\n`;
}

/** Returns the paths of a log. */
export function logFilesOf(dir: StateDir, service: string): LogFiles {
  const active = logOf(dir, service);
  return {
    fs: dir.fs,
    active,
    offsets: `${active}.json`,
    times: join(dir.logs, `${service}.times`),
    lock: join(dir.work, `${service}.log.lock`),
    part: `${active}.part`,
    archive: (end) => `${active}.${end}`,
  };
}

/**
 * Determines where the active file begins: where its notice says, or else at the
 * stored offsets, unless the files contradict them. A file that was deleted or emptied by hand loses its own lines
 * and no others.
 */
export function resolveOffsets(evidence: OffsetEvidence): LogOffsets {
  const { stored, archives, size, reportedLength, noticedBase } = evidence;
  const archivedEnd = archivedEndOf(stored, archives);
  const knownEnd = Math.max(archivedEnd, reportedLength);
  if (size === undefined) return { base: knownEnd, archived: knownEnd };
  const punched = stored ? 0 : evidence.punchedSize();
  // A service may print what looks like a notice.
  const isNoticed = noticedBase !== undefined && noticedBase <= archivedEnd &&
    noticedBase >= (stored?.base ?? 0);
  const base = isNoticed
    ? noticedBase
    : stored?.base ?? Math.max(archivedEnd - punched, 0);
  // It is shorter than it was: it was emptied, or is another file.
  if (base + size < knownEnd) return { base: knownEnd, archived: knownEnd };
  return { base, archived: Math.max(archivedEnd, base + punched) };
}

/** Up to where lines are known to be archived. */
function archivedEndOf(
  stored: LogOffsets | undefined,
  archives: readonly Archive[],
): number {
  return Math.max(
    stored?.base ?? 0,
    stored?.archived ?? 0,
    archives.at(-1)?.end ?? 0,
  );
}

/**
 * Reads a snapshot of a log. Synchronous: it takes less time than an asynchronous
 * open of one file.
 *
 * @param names The names in the folder of the logs, where they are known and no
 * other process can rotate this log.
 */
export function viewLog(
  dir: StateDir,
  service: string,
  names?: Iterable<string>,
): LogView {
  const files = logFilesOf(dir, service);
  let offsets = readOffsets(files);
  let archives = listArchives(dir, service, names);
  for (let attempt = 1;; attempt++) {
    // Before the size, or the log could seem shorter than it was.
    const reportedLength = lastRecord(dir.fs, files.times)?.length ?? 0;
    const stored = offsets.value;
    const isPunched = !stored ||
      archivedEndOf(stored, archives) > stored.base;
    const noticedBase = isPunched ? readNoticedBase(files) : undefined;
    const info = statOrUndefined(dir.fs, files.active);
    const found = { archives, reportedLength, noticedBase, info, stored };
    if (names || attempt === READ_ATTEMPTS) return viewOf(files, found);
    // It is collapsed before that is stored.
    const isCollapsed = isPunched && readNoticedBase(files) !== noticedBase;
    const offsetsAfter = readOffsets(files);
    const archivesAfter = listArchives(dir, service);
    const isConsistent = !isCollapsed && offsets.text === offsetsAfter.text &&
      archives.at(-1)?.end === archivesAfter.at(-1)?.end;
    if (isConsistent) return viewOf(files, found);
    offsets = offsetsAfter;
    archives = archivesAfter;
  }
}

function viewOf(
  files: LogFiles,
  { archives, reportedLength, noticedBase, info, stored }: {
    readonly archives: readonly Archive[];
    readonly reportedLength: number;
    readonly noticedBase: number | undefined;
    readonly info: Deno.FileInfo | undefined;
    readonly stored: StoredOffsets | undefined;
  },
): LogView {
  const offsets = resolveOffsets({
    stored,
    archives,
    size: info?.size,
    reportedLength,
    noticedBase,
    punchedSize: () => readPunchedSize(files, info?.size ?? 0),
  });
  const { base, archived } = offsets;
  const end = base + (info?.size ?? 0);
  const isSame = stored?.base === base;
  return {
    ...offsets,
    end,
    segments: segmentsOf(files, archives, { ...offsets, end }),
    archives,
    fileId: info ? fileIdOf(info) : undefined,
    modified: info?.mtime?.getTime() ?? 0,
    isStored: isSame && stored.archived === archived,
    collapsingAt: isSame ? stored.collapsingAt : undefined,
  };
}

function segmentsOf(
  files: LogFiles,
  archives: readonly Archive[],
  { base, archived, end }: LogOffsets & { readonly end: number },
): readonly LogSegment[] {
  const segments: LogSegment[] = [];
  let reached = 0;
  for (const archive of archives) {
    const begin = Math.max(reached, archive.end - archive.size);
    reached = archive.end;
    if (begin >= reached) continue;
    const file = files.archive(archive.end);
    segments.push({ file, begin, end: reached, at: 0, isActive: false });
  }
  if (archived < end) {
    const at = archived - base;
    const file = files.active;
    segments.push({ file, begin: archived, end, at, isActive: true });
  }
  return segments;
}

/** Returns an identity that tells apart files which had one name in turn. */
export function fileIdOf(info: Deno.FileInfo): string {
  return `${info.ino}:${info.birthtime?.getTime()}`;
}

/** Lists the archives of a log, the oldest first. */
export function listArchives(
  dir: StateDir,
  service: string,
  names: Iterable<string> = namesIn(dir.fs, dir.logs) ?? [],
): readonly Archive[] {
  const prefix = `${service}.log.`;
  const archives: Archive[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const end = Number(name.slice(prefix.length));
    if (!Number.isSafeInteger(end) || name !== `${prefix}${end}`) continue;
    const info = statOrUndefined(dir.fs, join(dir.logs, name));
    if (info?.isFile) archives.push({ end, size: info.size });
  }
  return archives.toSorted((a, b) => a.end - b.end);
}

/**
 * Stores where the active file begins.
 *
 * @throws {Error} Where it cannot be written.
 */
export function writeOffsets(files: LogFiles, offsets: StoredOffsets): void {
  const { base, archived, collapsingAt } = offsets;
  const text = JSON.stringify({ version: 1, base, archived, collapsingAt }) +
    "\n";
  writeAtomically(files.fs, files.offsets, text);
}

function readOffsets(
  { fs, offsets }: LogFiles,
): { readonly text: string; readonly value: StoredOffsets | undefined } {
  const text = readTextOrUndefined(fs, offsets) ?? "";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) throw new Error(text);
    const base: unknown = Reflect.get(value, "base");
    const archived: unknown = Reflect.get(value, "archived");
    const at: unknown = Reflect.get(value, "collapsingAt");
    const collapsing = isOffset(at) ? { collapsingAt: at } : {};
    return isOffset(base) && isOffset(archived)
      ? { text, value: { base, archived, ...collapsing } }
      : { text, value: undefined };
  } catch {
    return { text, value: undefined };
  }
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** Where an active file begins according to its notice, if it has one. */
function readNoticedBase({ fs, active }: LogFiles): number | undefined {
  const head = new Uint8Array(NOTICED_BASE_MAX);
  try {
    using handle = fs.openSync(active);
    const read = handle.readSync(head) ?? 0;
    const text = new TextDecoder().decode(head.subarray(0, read));
    const base = Number(NOTICED_BASE.exec(text)?.[1] ?? NaN);
    return isOffset(base) ? base : undefined;
  } catch {
    return undefined;
  }
}

/** The size of the notice and the hole at the head of an active file. */
function readPunchedSize({ fs, active }: LogFiles, size: number): number {
  const block = new Uint8Array(64 * 1024);
  try {
    using handle = fs.openSync(active);
    let at = 0;
    while (at < size) {
      const read = handle.readSync(block) ?? 0;
      if (read === 0) break;
      const bytes = block.subarray(0, read);
      const from = at === 0 ? noticeLength(bytes) : 0;
      const rest = bytes.subarray(from).findIndex((byte) => byte !== 0);
      if (at === 0 && rest === 0) return 0;
      if (rest >= 0) return at + from + rest;
      at += read;
    }
    return at;
  } catch {
    return 0;
  }
}

function noticeLength(bytes: Uint8Array): number {
  const newline = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(bytes.subarray(0, newline + 1));
  return line.startsWith(PUNCHED_NOTICE) ? newline + 1 : 0;
}
