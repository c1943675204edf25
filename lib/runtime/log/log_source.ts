/**
 * Reading the output of a service by logical offsets, in whichever file it lies.
 *
 * A log may be rotated while it is read: bytes of the active file are valid only if
 * its offsets are the same after the read.
 */

import type { Clock } from "../../platform/clock.ts";
import {
  type FileSystem,
  statOrUndefined,
} from "../../platform/file_system.ts";
import { type LineTime, type LogTimes, readTimes } from "./times.ts";
import {
  fileIdOf,
  logFilesOf,
  type LogSegment,
  type LogView,
  viewLog,
} from "./log_files.ts";
import type { StateDir } from "../state/state_dir.ts";
import { readAt } from "./tail.ts";

const BLOCK = 256 * 1024;

/** How often bytes are read again that were rotated in between, at most. */
const READ_ATTEMPTS = 20;

/** A part of the output. */
export interface Chunk {
  /** The logical offset of the first byte. */
  readonly begin: number;
  /** At least one. */
  readonly bytes: Uint8Array;
}

/** The log of one service, open for reading. */
export interface LogSource {
  /** The name of the service. */
  readonly service: string;
  /** The last snapshot. */
  view(): LogView;
  /** Takes a new snapshot; returns whether the log has changed. */
  refresh(): boolean;
  /**
   * Reads the bytes from one logical offset up to another, or a part of them.
   *
   * @returns The first bytes that are still kept; `undefined` where there are none.
   */
  read(offset: number, limit: number): Promise<Chunk | undefined>;
  /** Returns when the line that begins at a logical offset was written. */
  timeOf(offset: number): LineTime;
  /** Returns the times of the lines. */
  times(): LogTimes;
}

/**
 * Opens the log of a service for reading. No file stays open between calls, and one
 * that does not exist yet is empty.
 */
export function openLog(
  dir: StateDir,
  service: string,
  clock: Clock,
): LogSource {
  const files = logFilesOf(dir, service);
  let view = viewLog(dir, service);
  let times: LogTimes | undefined;
  const reload = () => {
    view = viewLog(dir, service);
    times = undefined;
  };
  const timesOf = () => times ??= readTimes(dir.fs, files.times);
  return {
    service,
    view: () => view,
    refresh: () => {
      const info = statOrUndefined(dir.fs, files.active);
      const id = info ? fileIdOf(info) : undefined;
      if (id === view.fileId && view.base + (info?.size ?? 0) === view.end) {
        return false;
      }
      reload();
      return true;
    },
    read: async (offset, limit) => {
      for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
        const segment = view.segments.find(({ end }) => end > offset);
        if (!segment) return undefined;
        const begin = Math.max(offset, segment.begin);
        const length = Math.min(BLOCK, segment.end - begin, limit - begin);
        if (length <= 0) return undefined;
        const bytes = await readSegment(dir.fs, segment, begin, length);
        if (bytes && (!segment.isActive || isValid(view, begin))) {
          return bytes.length > 0 ? { begin, bytes } : undefined;
        }
        reload();
      }
      return undefined;
    },
    times: timesOf,
    timeOf: (offset) =>
      timesOf().of(offset) ??
        { at: view.modified || clock.now(), isApproximate: true },
  };

  function isValid(before: LogView, begin: number): boolean {
    const after = viewLog(dir, service);
    return after.base === before.base && after.archived <= begin;
  }
}

async function readSegment(
  fs: FileSystem,
  segment: LogSegment,
  begin: number,
  length: number,
): Promise<Uint8Array | undefined> {
  try {
    using handle = await fs.open(segment.file);
    const offset = segment.at + begin - segment.begin;
    return await readAt(handle, offset, length);
  } catch {
    return undefined;
  }
}
