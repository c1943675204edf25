/**
 * What the supervisor does for the logs: it writes down when they grew, and puts
 * lines away that are above the limit.
 *
 * Services write to their files by themselves; that nobody watches costs the
 * times of the lines and the bound, no line.
 *
 * @module
 */

import type { Clock, Timer } from "../../platform/clock.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import { MTIME_IS_CURRENT, WATCH_REPORTS_WRITES } from "../../platform/os.ts";
import type { Platform } from "../../platform/platform.ts";
import {
  lastRecord,
  recordTime,
  TIME_PRECISION,
  timesLimit,
  trimTimes,
} from "./times.ts";
import {
  type BoundedLog,
  canPunchHole,
  isDiskFull,
  rotateLog,
} from "./rotation.ts";
import {
  idOf,
  type LogFiles,
  logFilesOf,
  viewLog,
  writeState,
} from "./log_files.ts";
import type { StateDir } from "../state/state_dir.ts";

/** Somewhat less than the precision: a look may come late. */
const LOOK_EVERY = 200;

/** After so many looks without anything new the folder is watched instead. */
const QUIET_LOOKS = 5;

/** After so many looks that found something the times are bounded. */
const TRIM_EVERY = 10_000;

/** How long to wait after a failure, in milliseconds. */
const RETRY_AFTER = 5000;

/** What keeps the logs from being bounded or timed; no line is lost by it. */
export interface LogTrouble {
  /** The service. */
  readonly service: string;
  /** The disk is full, or something else. */
  readonly kind: "full" | "failed";
  /** What the OS said. */
  readonly reason: string;
}

/** What is watched, and who is told. */
export interface LogWatchOptions {
  /** The places of the project. */
  readonly dir: StateDir;
  /** The logs and their bounds. */
  readonly services: readonly BoundedLog[];
  /** The time. */
  readonly clock: Clock;
  /** Gives the head of a file back to the disk. */
  readonly platform: Pick<Platform, "punchHole">;
  /** Is told once of each trouble, until it is over. */
  readonly onTrouble: (trouble: LogTrouble) => void;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** Logs that are watched. */
export interface LogWatch extends AsyncDisposable {
  /** Looks at all logs now, without waiting for the next look. */
  look(): void;
}

/**
 * Watches logs until it is disposed of or aborted.
 *
 * While something is written it looks every 200 ms. While nothing is, it has no
 * timer: the OS tells of changes, where that was shown to work (inotify).
 * Elsewhere it goes on looking; Windows tells the size of a file that is still
 * open only when it is asked.
 *
 * @returns The watch; disposing of it settles when nothing is rotated any more.
 */
export function watchLogs(options: LogWatchOptions): LogWatch {
  const { dir, clock, signal } = options;
  const state: Shared = { canPunchHole: undefined };
  const logs = options.services.map((service) =>
    new WatchedLog(service, options, state)
  );
  let timer: Timer | undefined;
  let changes: Waiting | undefined;
  let quietQueries = 0;
  let hasEnded = false;

  const stopWaiting = () => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    changes?.close();
    changes = undefined;
  };
  const lookAtAll = (wasWatched: boolean): boolean => {
    let hasChanged = false;
    const now = clock.now();
    for (const log of logs) {
      hasChanged = log.look(now, wasWatched) || hasChanged;
    }
    return hasChanged;
  };
  const look = () => {
    if (hasEnded) return;
    const wasWatched = changes !== undefined;
    stopWaiting();
    quietQueries = lookAtAll(wasWatched) ? 0 : quietQueries + 1;
    if (quietQueries >= QUIET_LOOKS) changes = waitForChange(dir, wake);
    // Something may have been written before the folder was watched.
    if (changes && lookAtAll(false)) return wake();
    if (!changes) waitForTime();
  };
  const waitForTime = () => {
    const mine = clock.timer(LOOK_EVERY);
    timer = mine;
    void mine.passed.then(() => {
      if (timer === mine) look();
    });
  };
  const wake = () => {
    quietQueries = 0;
    look();
  };
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    const wasWatched = changes !== undefined;
    stopWaiting();
    lookAtAll(wasWatched);
    signal?.removeEventListener("abort", end);
  };

  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  else look();
  return {
    look: wake,
    [Symbol.asyncDispose]: async () => {
      end();
      await Promise.all(logs.map((log) => log.settled()));
    },
  };
}

/** A wait for changes that can be given up. */
interface Waiting {
  close(): void;
}

/** Calls back once, when a log is written to; `undefined` where it cannot. */
function waitForChange(
  { fs, logs }: StateDir,
  onChange: () => void,
): Waiting | undefined {
  if (!WATCH_REPORTS_WRITES) return undefined;
  let changes: Deno.FsWatcher;
  try {
    changes = fs.watchFs(logs, { recursive: false });
  } catch {
    // There is no folder, or the user has no watches left (`man 7 inotify`).
    return undefined;
  }
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    changes.close();
  };
  const listen = async () => {
    for await (const { kind, paths } of changes) {
      // Whoever reads a log makes events, too.
      if (kind === "access") continue;
      // The folder itself may have been removed, and be another one next.
      if (kind === "remove") return;
      if (paths.some((path) => path.endsWith(".log"))) return;
    }
  };
  // An end that nobody asked for is a reason to look as well.
  const tell = () => {
    if (!isOpen) return;
    isOpen = false;
    onChange();
  };
  listen().then(tell, tell);
  return { close };
}

/** What all logs of one folder share. */
interface Shared {
  /** Whether heads can be given back here; not known before it is needed. */
  canPunchHole: boolean | undefined;
}

/** One log, and what is known of it since the last look. */
class WatchedLog {
  readonly #service: BoundedLog;
  readonly #options: LogWatchOptions;
  readonly #shared: Shared;
  readonly #files: LogFiles;
  #id: string | undefined;
  #size = 0;
  #base = 0;
  #archived = 0;
  /** How long the log was at the last record. */
  #told = 0;
  /** The last look, in milliseconds since 1970; 0 while there was none. */
  #lookedAt = 0;
  #isUntimed = false;
  #records = 0;
  #rotation: Promise<void> | undefined;
  #retryAt = 0;
  #troubles = new Set<string>();

  constructor(service: BoundedLog, options: LogWatchOptions, shared: Shared) {
    this.#service = service;
    this.#options = options;
    this.#shared = shared;
    this.#files = logFilesOf(options.dir, service.name);
  }

  /**
   * Looks at the log; tells whether it has changed.
   *
   * @param now The present, in milliseconds since 1970.
   */
  look(now: number, wasWatched: boolean): boolean {
    const isFirst = this.#lookedAt === 0;
    const lookedAt = this.#lookedAt;
    this.#lookedAt = now;
    const info = statOrUndefined(this.#files.fs, this.#files.active);
    if (!info) {
      const hasGone = this.#id !== undefined;
      this.#id = undefined;
      this.#size = 0;
      return hasGone;
    }
    const id = idOf(info);
    if (id === this.#id && info.size === this.#size) return false;
    if (id !== this.#id || info.size < this.#size) this.#reload();
    this.#id = id;
    this.#size = info.size;
    // Told by the OS, it is late only where this machine has much else to do.
    const since = wasWatched ? info.mtime?.getTime() ?? now : lookedAt;
    const isLate = now - since > TIME_PRECISION;
    if (isFirst) this.#recordFirst(now, info);
    else this.#record(now, isLate || this.#isUntimed);
    const open = this.#base + this.#size - this.#archived;
    // What a supervisor did not come to that was killed is done first of all.
    const isHalfDone = isFirst && this.#archived > this.#base;
    if (open > this.#service.log.size || isHalfDone) this.#bound(now);
    return true;
  }

  async settled(): Promise<void> {
    await this.#rotation;
  }

  /** Another file, or the same one emptied: where it begins is seen anew. */
  #reload(): void {
    const view = viewLog(this.#options.dir, this.#service.name);
    this.#base = view.base;
    this.#archived = view.archived;
    if (view.isWritten || view.base === 0) return;
    try {
      writeState(this.#files, view);
      this.#overcome("state");
    } catch (error) {
      this.#trouble("state", error);
    }
  }

  /** What was written while nobody watched has the time of the last write. */
  #recordFirst(now: number, info: Deno.FileInfo): void {
    const last = lastRecord(this.#files.fs, this.#files.times);
    this.#told = last?.length ?? 0;
    const isLate = now - (last?.at ?? 0) > TIME_PRECISION;
    this.#record(lastWrite(info, last?.at, now), isLate);
  }

  #record(at: number, isApproximate: boolean): void {
    const length = this.#base + this.#size;
    if (length <= this.#told) return;
    try {
      recordTime(
        this.#files.fs,
        this.#files.times,
        { at, length },
        isApproximate,
      );
      this.#trimTimes();
      this.#told = length;
      this.#isUntimed = false;
      this.#overcome("times");
    } catch (error) {
      this.#isUntimed = true;
      this.#trouble("times", error);
    }
  }

  /** A service that writes little and often has more times than lines. */
  #trimTimes(): void {
    if (++this.#records % TRIM_EVERY !== 0) return;
    trimTimes(
      this.#files.fs,
      this.#files.times,
      0,
      timesLimit(this.#service.log.size),
    );
  }

  #bound(now: number): void {
    if (this.#rotation || now < this.#retryAt) return;
    if (this.#shared.canPunchHole === false) return;
    this.#rotation = this.#rotate().finally(() => this.#rotation = undefined);
  }

  async #rotate(): Promise<void> {
    const { dir, platform } = this.#options;
    try {
      this.#shared.canPunchHole ??= await canPunchHole(dir, platform.punchHole);
      if (!this.#shared.canPunchHole) return;
      await rotateLog(dir, this.#service, {
        punchHole: platform.punchHole,
        clock: this.#options.clock,
      });
      const { base, archived } = viewLog(dir, this.#service.name);
      this.#base = base;
      this.#archived = archived;
      this.#overcome("rotation");
    } catch (error) {
      this.#retryAt = this.#options.clock.now() + RETRY_AFTER;
      this.#trouble("rotation", error);
    }
  }

  #trouble(work: string, error: unknown): void {
    const isTold = this.#troubles.size > 0;
    this.#troubles.add(work);
    if (isTold) return;
    this.#options.onTrouble({
      service: this.#service.name,
      kind: isDiskFull(error) ? "full" : "failed",
      reason: error instanceof Error ? error.message : String(error),
    });
  }

  #overcome(work: string): void {
    this.#troubles.delete(work);
  }
}

/**
 * The latest that lines can have been written which nobody saw being written.
 */
function lastWrite(
  info: Deno.FileInfo,
  after: number | undefined,
  now: number,
): number {
  if (!MTIME_IS_CURRENT) return now;
  const modified = info.mtime?.getTime() ?? now;
  return Math.max(Math.min(modified, now), after ?? 0);
}
