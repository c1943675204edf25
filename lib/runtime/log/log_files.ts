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
  /** Reads the size of the hole at the head of the active file. */
  readonly punchedSize: () => number;
}

/** How often a log that is rotated while it is read is read again, at most. */
const READ_ATTEMPTS = 5;

/** Begins the line at the head of an active file that was punched. */
export const PUNCHED_NOTICE = "[devsvc] earlier lines: ";

/** Returns the paths of a log. */
export function logFilesOf(dir: StateDir, service: string): LogFiles {
  const active = logOf(dir, service);
  return {
    fs: dir.fs,
    active,
    offsets: `${active}.json`,
    times: join(dir.logs, `${service}.times`),
    lock: join(dir.path, `logs.${service}.lock`),
    part: `${active}.part`,
    archive: (end) => `${active}.${end}`,
  };
}

/**
 * Determines where the active file begins: at the stored offsets, unless the files
 * contradict them. A file that was deleted or emptied by hand loses its own lines
 * and no others.
 */
export function resolveOffsets(evidence: OffsetEvidence): LogOffsets {
  const { stored, archives, size, reportedLength } = evidence;
  const archivedEnd = Math.max(
    stored?.base ?? 0,
    stored?.archived ?? 0,
    archives.at(-1)?.end ?? 0,
  );
  const knownEnd = Math.max(archivedEnd, reportedLength);
  if (size === undefined) return { base: knownEnd, archived: knownEnd };
  const punched = stored ? 0 : evidence.punchedSize();
  const base = stored?.base ?? Math.max(archivedEnd - punched, 0);
  // It is shorter than it was: it was emptied, or is another file.
  if (base + size < knownEnd) return { base: knownEnd, archived: knownEnd };
  return { base, archived: Math.max(archivedEnd, base + punched) };
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
    const info = statOrUndefined(dir.fs, files.active);
    const found = { archives, reportedLength, info, stored: offsets.value };
    if (names || attempt === READ_ATTEMPTS) return viewOf(files, found);
    const offsetsAfter = readOffsets(files);
    const archivesAfter = listArchives(dir, service);
    const isConsistent = offsets.text === offsetsAfter.text &&
      archives.at(-1)?.end === archivesAfter.at(-1)?.end;
    if (isConsistent) return viewOf(files, found);
    offsets = offsetsAfter;
    archives = archivesAfter;
  }
}

function viewOf(
  files: LogFiles,
  { archives, reportedLength, info, stored }: {
    readonly archives: readonly Archive[];
    readonly reportedLength: number;
    readonly info: Deno.FileInfo | undefined;
    readonly stored: LogOffsets | undefined;
  },
): LogView {
  const offsets = resolveOffsets({
    stored,
    archives,
    size: info?.size,
    reportedLength,
    punchedSize: () => readPunchedSize(files, info?.size ?? 0),
  });
  const { base, archived } = offsets;
  const end = base + (info?.size ?? 0);
  return {
    ...offsets,
    end,
    segments: segmentsOf(files, archives, { ...offsets, end }),
    archives,
    fileId: info ? fileIdOf(info) : undefined,
    modified: info?.mtime?.getTime() ?? 0,
    isStored: stored?.base === base && stored.archived === archived,
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
export function writeOffsets(files: LogFiles, offsets: LogOffsets): void {
  const { base, archived } = offsets;
  const text = JSON.stringify({ version: 1, base, archived }) + "\n";
  writeAtomically(files.fs, files.offsets, text);
}

function readOffsets(
  { fs, offsets }: LogFiles,
): { readonly text: string; readonly value: LogOffsets | undefined } {
  const text = readTextOrUndefined(fs, offsets) ?? "";
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) throw new Error(text);
    const base: unknown = Reflect.get(value, "base");
    const archived: unknown = Reflect.get(value, "archived");
    return isOffset(base) && isOffset(archived)
      ? { text, value: { base, archived } }
      : { text, value: undefined };
  } catch {
    return { text, value: undefined };
  }
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
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
