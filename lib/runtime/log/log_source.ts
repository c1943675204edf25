/**
 * Reading the output of a service by its logical offsets, wherever it lies.
 *
 * Lines may be rotated while they are read: what was read is only taken when
 * it still was where it was read.
 *
 * @module
 */

import type { Clock } from "../../platform/clock.ts";
import {
  type FileSystem,
  statOrUndefined,
} from "../../platform/file_system.ts";
import { type LineTime, type LogTimes, readTimes } from "./times.ts";
import {
  idOf,
  logFilesOf,
  type LogPiece,
  type LogView,
  viewLog,
} from "./log_files.ts";
import type { StateDir } from "../state/state_dir.ts";

const BLOCK = 256 * 1024;

/** How often lines that are rotated under the reader are looked for again. */
const ATTEMPTS = 20;

/** Some bytes of the output. */
export interface Chunk {
  /** The logical offset of the first one. */
  readonly begin: number;
  /** The bytes, at least one. */
  readonly bytes: Uint8Array;
}

/** The log of one service, open for reading. */
export interface LogSource {
  /** The name of the service. */
  readonly service: string;
  /** The log as it was at the last look. */
  view(): LogView;
  /** Looks again; tells whether anything was written since. */
  refresh(): boolean;
  /**
   * Reads on from some offset: what follows there, or, where that is no longer
   * kept, the next that is.
   *
   * @param offset The logical offset.
   * @param limit The logical offset to end at.
   * @returns Some bytes; `undefined` where there are no more.
   */
  read(offset: number, limit: number): Promise<Chunk | undefined>;
  /** When the line that begins at a logical offset was written. */
  timeOf(offset: number): LineTime;
  /** The times of the lines. */
  times(): LogTimes;
}

/**
 * Opens the log of a service for reading; nothing is kept open between calls.
 *
 * @returns The log; an empty one if there is no file.
 */
export function openLog(
  dir: StateDir,
  service: string,
  clock: Clock,
): LogSource {
  const files = logFilesOf(dir, service);
  let view = viewLog(dir, service);
  let times: LogTimes | undefined;
  const look = () => {
    view = viewLog(dir, service);
    times = undefined;
  };
  const timesNow = () => times ??= readTimes(dir.fs, files.times);
  return {
    service,
    view: () => view,
    refresh: () => {
      const info = statOrUndefined(dir.fs, files.active);
      const id = info ? idOf(info) : undefined;
      if (id === view.id && view.base + (info?.size ?? 0) === view.end) {
        return false;
      }
      look();
      return true;
    },
    read: async (offset, limit) => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const piece = view.pieces.find(({ end }) => end > offset);
        if (!piece) return undefined;
        const begin = Math.max(offset, piece.begin);
        const length = Math.min(BLOCK, piece.end - begin, limit - begin);
        if (length <= 0) return undefined;
        const bytes = await readPiece(dir.fs, piece, begin, length);
        if (bytes && (!piece.isActive || isStillThere(dir, view, begin))) {
          return bytes.length > 0 ? { begin, bytes } : undefined;
        }
        look();
      }
      return undefined;
    },
    times: timesNow,
    timeOf: (offset) =>
      timesNow().of(offset) ??
        { at: view.modified || clock.now(), isApproximate: true },
  };

  function isStillThere(dir: StateDir, seen: LogView, begin: number): boolean {
    const now = viewLog(dir, service);
    return now.base === seen.base && now.archived <= begin;
  }
}

async function readPiece(
  fs: FileSystem,
  piece: LogPiece,
  begin: number,
  length: number,
): Promise<Uint8Array | undefined> {
  try {
    using handle = await fs.open(piece.file);
    await handle.seek(piece.at + begin - piece.begin, Deno.SeekMode.Start);
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const read = await handle.read(bytes.subarray(filled));
      if (read === null) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } catch {
    return undefined;
  }
}
