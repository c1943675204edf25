/**
 * Where the output of a service lies: one endless output, of which the older
 * part is rotated in archives and the rest is in the file that the service
 * appends to.
 *
 * Every byte has one logical offset, for ever; a file is only where some
 * offsets lie at present.
 *
 * @module
 */

import { join } from "../../core/path.ts";
import {
  type FileSystem,
  statOrUndefined,
} from "../../platform/file_system.ts";
import { namesIn, writeAtomically } from "../state/atomic_file.ts";
import { lastReported } from "./times.ts";
import { logOf, type StateDir } from "../state/state_dir.ts";

/** The files of one log; every path absolute. */
export interface LogFiles {
  /** The disk that they lie on. */
  readonly fs: FileSystem;
  /** What the service appends to. */
  readonly active: string;
  /** Where the active file begins, and how far it is rotated. */
  readonly state: string;
  /** When the log had which length. */
  readonly times: string;
  /** Is locked by who puts lines away. */
  readonly lock: string;
  /** Lines that were rotated, named by the offset behind the last of them. */
  archive(end: number): string;
}

/** What is written down about the active file. */
export interface LogState {
  /** The logical offset of its first byte. */
  readonly base: number;
  /** All before this logical offset is rotated. */
  readonly archived: number;
}

/** A run of output that lies in one file. */
export interface LogPiece {
  /** The file, absolute. */
  readonly file: string;
  /** The logical offset of its first byte. */
  readonly begin: number;
  /** The logical offset behind its last byte. */
  readonly end: number;
  /** Where in the file it begins. */
  readonly at: number;
  /** It lies in the file that the service appends to. */
  readonly isActive: boolean;
}

/** A log as it is at one moment. */
export interface LogView extends LogState {
  /** The logical offset behind the last byte. */
  readonly end: number;
  /** All that is kept, in order and without overlap. */
  readonly pieces: readonly LogPiece[];
  /** What was rotated, oldest first. */
  readonly archives: readonly Archive[];
  /** Which file the active one is; `undefined` where there is none. */
  readonly id: string | undefined;
  /** When it was last written, in milliseconds since 1970; 0 if not known. */
  readonly modified: number;
  /** What is written down says the same as the files do. */
  readonly isWritten: boolean;
}

/** An archive as the folder shows it. */
export interface Archive {
  /** The logical offset behind its last byte. */
  readonly end: number;
  /** Its size in bytes. */
  readonly size: number;
}

/** What the disk shows of one log. */
export interface LogFacts {
  /** What is written down; it may be lost, and it may be wrong. */
  readonly state: LogState | undefined;
  /** The archives in order. */
  readonly archives: readonly Archive[];
  /** The size of the active file, if there is one. */
  readonly size: number | undefined;
  /** How long the log is known to have been. */
  readonly told: number;
  /** How much of the active file was given back to the disk, if one looks. */
  readonly released: () => number;
}

/** How often a log that changes under the look is looked at, at the most. */
const LOOKS = 5;

/** What is known of a log whose lines nobody else can rotated meanwhile. */
export interface KeptStill {
  /** What lies in the folder of the logs. */
  readonly names: Iterable<string>;
}

/** Stands at the beginning of an active file whose head was given back. */
export const PUNCHED_MARK = "[devsvc] earlier lines: ";

/** Names the files of a log. */
export function logFilesOf(dir: StateDir, service: string): LogFiles {
  const active = logOf(dir, service);
  return {
    fs: dir.fs,
    active,
    state: `${active}.json`,
    times: join(dir.logs, `${service}.times`),
    lock: join(dir.path, `logs.${service}.lock`),
    archive: (end) => `${active}.${end}`,
  };
}

/**
 * Makes out where the active file begins: what is written down, unless the
 * files say otherwise. Whoever deletes or empties a file by hand loses its
 * lines and nothing else.
 */
export function settle(facts: LogFacts): LogState {
  const { state, archives, size, told } = facts;
  const put = Math.max(
    state?.base ?? 0,
    state?.archived ?? 0,
    archives.at(-1)?.end ?? 0,
  );
  const fresh = Math.max(put, told);
  if (size === undefined) return { base: fresh, archived: fresh };
  const released = state ? 0 : facts.released();
  const base = state?.base ?? Math.max(put - released, 0);
  // It is shorter than it was: it was emptied, or is another file.
  if (base + size < fresh) return { base: fresh, archived: fresh };
  return { base, archived: Math.max(put, base + released) };
}

/**
 * Looks at a log; not async, for it takes less time than a file is opened in.
 */
export function viewLog(
  dir: StateDir,
  service: string,
  still?: KeptStill,
): LogView {
  const files = logFilesOf(dir, service);
  let before = readState(files);
  let archives = listArchives(dir, service, still?.names);
  for (let look = 1;; look++) {
    // Before the size, so that the log cannot seem shorter than it was.
    const told = lastReported(dir.fs, files.times);
    const info = statOrUndefined(dir.fs, files.active);
    const seen = { archives, told, info, state: before.state };
    if (still || look === LOOKS) return view(files, seen);
    const after = readState(files);
    const again = listArchives(dir, service);
    const isSame = before.text === after.text &&
      archives.at(-1)?.end === again.at(-1)?.end;
    if (isSame) return view(files, seen);
    before = after;
    archives = again;
  }
}

function view(
  files: LogFiles,
  { archives, told, info, state }: {
    readonly archives: readonly Archive[];
    readonly told: number;
    readonly info: Deno.FileInfo | undefined;
    readonly state: LogState | undefined;
  },
): LogView {
  const size = info?.size;
  const settled = settle({
    state,
    archives,
    size,
    told,
    released: () => punchedHead(files, size ?? 0),
  });
  const { base, archived } = settled;
  const end = base + (size ?? 0);
  return {
    ...settled,
    end,
    pieces: piecesOf(files, archives, { ...settled, end }),
    archives,
    id: info ? idOf(info) : undefined,
    modified: info?.mtime?.getTime() ?? 0,
    isWritten: state?.base === base && state.archived === archived,
  };
}

function piecesOf(
  files: LogFiles,
  archives: readonly Archive[],
  { base, archived, end }: LogState & { readonly end: number },
): readonly LogPiece[] {
  const pieces: LogPiece[] = [];
  let reached = 0;
  for (const archive of archives) {
    const begin = Math.max(reached, archive.end - archive.size);
    reached = archive.end;
    if (begin >= reached) continue;
    const file = files.archive(archive.end);
    pieces.push({ file, begin, end: reached, at: 0, isActive: false });
  }
  if (archived < end) {
    const at = archived - base;
    const file = files.active;
    pieces.push({ file, begin: archived, end, at, isActive: true });
  }
  return pieces;
}

/**
 * Tells files apart that followed each other under one name.
 *
 * @returns The same text for the same file only.
 */
export function idOf(info: Deno.FileInfo): string {
  return `${info.ino}:${info.birthtime?.getTime()}`;
}

/**
 * Lists the archives of a log.
 *
 * @returns The archives, oldest first.
 */
export function listArchives(
  dir: StateDir,
  service: string,
  names: Iterable<string> = namesIn(dir.fs, dir.logs) ?? [],
): readonly Archive[] {
  const prefix = `${service}.log.`;
  const found: Archive[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix)) continue;
    const end = Number(name.slice(prefix.length));
    if (!Number.isSafeInteger(end) || name !== `${prefix}${end}`) continue;
    const info = statOrUndefined(dir.fs, join(dir.logs, name));
    if (info?.isFile) found.push({ end, size: info.size });
  }
  return found.toSorted((a, b) => a.end - b.end);
}

/**
 * Writes down where the active file begins, whole or not at all.
 *
 * @throws {Error} When it cannot be written.
 */
export function writeState(files: LogFiles, state: LogState): void {
  const { base, archived } = state;
  const text = JSON.stringify({ version: 1, base, archived }) + "\n";
  writeAtomically(files.fs, files.state, text);
}

function readState(
  files: LogFiles,
): { readonly text: string; readonly state: LogState | undefined } {
  let text = "";
  try {
    text = files.fs.readTextFileSync(files.state);
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) throw new Error(text);
    const base: unknown = Reflect.get(value, "base");
    const archived: unknown = Reflect.get(value, "archived");
    return isOffset(base) && isOffset(archived)
      ? { text, state: { base, archived } }
      : { text, state: undefined };
  } catch {
    return { text, state: undefined };
  }
}

function isOffset(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

/** The size of the mark and the hole at the beginning of an active file. */
function punchedHead({ fs, active }: LogFiles, size: number): number {
  const block = new Uint8Array(64 * 1024);
  try {
    using handle = fs.openSync(active);
    let at = 0;
    while (at < size) {
      const read = handle.readSync(block) ?? 0;
      if (read === 0) break;
      const bytes = block.subarray(0, read);
      const from = at === 0 ? markLength(bytes) : 0;
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

function markLength(bytes: Uint8Array): number {
  const newline = bytes.indexOf(0x0a);
  const line = new TextDecoder().decode(bytes.subarray(0, newline + 1));
  return line.startsWith(PUNCHED_MARK) ? newline + 1 : 0;
}
