/**
 * The part of the supervisor that keeps the logs: it records when they grew, and
 * rotates them when they exceed their limit.
 *
 * Services append to their logs themselves: without this watch lines have no exact
 * times and logs no bound, but no line is lost.
 */

import type { Clock, Timer } from "../../platform/clock.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import { MTIME_IS_CURRENT, WATCH_REPORTS_WRITES } from "../../platform/os.ts";
import type { Platform } from "../../platform/platform.ts";
import type { StateDir } from "../state/state_dir.ts";
import {
  fileIdOf,
  type LogFiles,
  logFilesOf,
  viewLog,
  writeOffsets,
} from "./log_files.ts";
import {
  type BoundedLog,
  canCollapseHead,
  canPunchHole,
  rotateLog,
} from "./rotation.ts";
import {
  lastRecord,
  recordLength,
  TIME_PRECISION,
  timesLimit,
  trimTimes,
} from "./times.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** Shorter than the precision, as a timer may be late; in milliseconds. */
const CHECK_INTERVAL = 200;

/** After so many checks without a change the folder is watched instead. */
const QUIET_CHECKS = 5;

/** The file of times is trimmed after so many records. */
const TRIM_INTERVAL = 10_000;

/** How long to wait after a failed rotation, in milliseconds. */
const RETRY_DELAY = 5000;

/** A log that cannot be rotated or timed; no line is lost by it. */
export interface LogDegradation {
  /** The name of the service. */
  readonly service: string;
  /** The error of the OS. */
  readonly reason: string;
}

interface LogWatchOptions {
  readonly dir: StateDir;
  readonly services: readonly BoundedLog[];
  readonly clock: Clock;
  readonly platform: Pick<Platform, "punchHole" | "collapseHead">;
  /** Called once for each failure that lasts. */
  readonly onDegraded: (degradation: LogDegradation) => void;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/**
 * Watches logs until it is disposed of or aborted.
 *
 * The logs are checked every 200 ms while they grow. After that they are watched
 * without a timer where the OS reports each write; elsewhere the checks go on.
 *
 * @returns The watch; its disposal waits for a rotation in progress.
 */
export function watchLogs(options: LogWatchOptions): AsyncDisposable {
  const { dir, clock, signal } = options;
  const shared: SharedState = {
    canPunchHole: undefined,
    canCollapseHead: undefined,
  };
  const logs = options.services.map((service) =>
    new WatchedLog(service, options, shared)
  );
  let timer: Timer | undefined;
  let watch: ChangeWatch | undefined;
  let quietChecks = 0;
  let hasEnded = false;

  const cancelWait = () => {
    timer?.[Symbol.dispose]();
    timer = undefined;
    watch?.close();
    watch = undefined;
  };
  const checkAll = (wasNotified: boolean): boolean => {
    const now = clock.now();
    const changes = logs.map((log) => log.check(now, wasNotified));
    return changes.includes(true);
  };
  const check = () => {
    if (hasEnded) return;
    const wasNotified = watch !== undefined;
    cancelWait();
    quietChecks = checkAll(wasNotified) ? 0 : quietChecks + 1;
    if (quietChecks >= QUIET_CHECKS) watch = watchForChange(dir, onChange);
    // A line may have been written before the watch began.
    if (watch && checkAll(false)) return onChange();
    if (!watch) waitForTimer();
  };
  const waitForTimer = () => {
    const mine = clock.timer(CHECK_INTERVAL);
    timer = mine;
    void mine.passed.then(() => {
      if (timer === mine) check();
    });
  };
  const onChange = () => {
    quietChecks = 0;
    check();
  };
  const end = () => {
    if (hasEnded) return;
    hasEnded = true;
    const wasNotified = watch !== undefined;
    cancelWait();
    checkAll(wasNotified);
    signal?.removeEventListener("abort", end);
  };

  signal?.addEventListener("abort", end);
  if (signal?.aborted) end();
  else check();
  return {
    [Symbol.asyncDispose]: async () => {
      end();
      await Promise.all(logs.map((log) => log.rotation));
    },
  };
}

interface ChangeWatch {
  close(): void;
}

/** Calls back once a log is written to; `undefined` where it cannot watch. */
function watchForChange(
  { fs, logs }: StateDir,
  onChange: () => void,
): ChangeWatch | undefined {
  if (!WATCH_REPORTS_WRITES) return undefined;
  let watcher: Deno.FsWatcher;
  try {
    watcher = fs.watchFs(logs, { recursive: false });
  } catch {
    // There is no folder, or the user has no watches left (`man 7 inotify`).
    return undefined;
  }
  let isOpen = true;
  const close = () => {
    if (!isOpen) return;
    isOpen = false;
    watcher.close();
  };
  const listen = async () => {
    for await (const { kind, paths } of watcher) {
      if (kind === "access") continue;
      // The folder itself may have been removed, and created again since.
      if (kind === "remove") return;
      if (paths.some((path) => path.endsWith(".log"))) return;
    }
  };
  // A watcher that ends or fails is a reason to check as well.
  const notify = () => {
    if (!isOpen) return;
    isOpen = false;
    onChange();
  };
  listen().then(notify, notify);
  return { close };
}

/** What the logs of one folder share. */
interface SharedState {
  /** Whether the disk can punch holes; found out when it is first needed. */
  canPunchHole: boolean | undefined;
  /** Whether it can collapse the head of a file. */
  canCollapseHead: boolean | undefined;
}

/** What can fail; each is reported until it works again. */
type Task = "offsets" | "times" | "rotation";

/** One log, as of the last check. */
class WatchedLog {
  /** The rotation in progress. */
  rotation: Promise<void> | undefined;
  readonly #service: BoundedLog;
  readonly #options: LogWatchOptions;
  readonly #shared: SharedState;
  readonly #files: LogFiles;
  readonly #failing = new Set<Task>();
  #fileId: string | undefined;
  /** The logical offset of its end at the last check. */
  #end = 0;
  #base = 0;
  #archived = 0;
  /** The length of the log in its last record. */
  #recordedLength = 0;
  /** When it was last checked, in milliseconds since 1970; 0 before that. */
  #checkedAt = 0;
  /** A record failed, so that the next one covers more than one interval. */
  #isRecordMissing = false;
  #records = 0;
  #retryAt = 0;

  constructor(
    service: BoundedLog,
    options: LogWatchOptions,
    shared: SharedState,
  ) {
    this.#service = service;
    this.#options = options;
    this.#shared = shared;
    this.#files = logFilesOf(options.dir, service.name);
  }

  /** Records and rotates what is new; returns whether there was a change. */
  check(now: number, wasNotified: boolean): boolean {
    const checkedAt = this.#checkedAt;
    const isFirst = checkedAt === 0;
    this.#checkedAt = now;
    const info = statOrUndefined(this.#files.fs, this.#files.active);
    if (!info) {
      const wasRemoved = this.#fileId !== undefined;
      this.#fileId = undefined;
      return wasRemoved;
    }
    const id = fileIdOf(info);
    let end = this.#base + info.size;
    // A rotation may move the base of the file at any time.
    const mayBeMoved = this.rotation !== undefined || end < this.#end;
    if (id !== this.#fileId || mayBeMoved) end = this.#reload();
    const isLarge = end - this.#archived > this.#service.log.size;
    if (id === this.#fileId && end === this.#end) {
      // It grew at the end of a rotation.
      if (isLarge) this.#beginRotation(now);
      return false;
    }
    this.#fileId = id;
    this.#end = end;
    if (isFirst) this.#recordFirst(now, info);
    else {
      // A notification is only late on a busy machine.
      const since = wasNotified ? info.mtime?.getTime() ?? now : checkedAt;
      const isLate = now - since > TIME_PRECISION;
      this.#record(now, isLate || this.#isRecordMissing);
    }
    // A supervisor that was killed may have left the head of the file unpunched.
    const isUnfinished = isFirst && this.#archived > this.#base;
    if (isLarge || isUnfinished) this.#beginRotation(now);
    return true;
  }

  /**
   * Finds out anew where the active file begins: it is another, was emptied, or is
   * rotated.
   *
   * @returns The logical offset of its end.
   */
  #reload(): number {
    const view = viewLog(this.#options.dir, this.#service.name);
    this.#base = view.base;
    this.#archived = view.archived;
    if (view.isStored || view.base === 0 || this.rotation) return view.end;
    try {
      writeOffsets(this.#files, view);
      this.#failing.delete("offsets");
    } catch (error) {
      this.#fail("offsets", error);
    }
    return view.end;
  }

  /** Records what was written without a supervisor with the time of the last write. */
  #recordFirst(now: number, info: Deno.FileInfo): void {
    const last = lastRecord(this.#files.fs, this.#files.times);
    this.#recordedLength = last?.length ?? 0;
    const modified = MTIME_IS_CURRENT ? info.mtime?.getTime() ?? now : now;
    const at = Math.max(Math.min(modified, now), last?.at ?? 0);
    this.#record(at, now - (last?.at ?? 0) > TIME_PRECISION);
  }

  #record(at: number, isApproximate: boolean): void {
    const { fs, times } = this.#files;
    const length = this.#end;
    if (length <= this.#recordedLength) return;
    try {
      recordLength(fs, times, { at, length }, isApproximate);
      // Many small writes take more space for their times than for their lines.
      if (++this.#records % TRIM_INTERVAL === 0) {
        trimTimes(fs, times, 0, timesLimit(this.#service.log.size));
      }
      this.#recordedLength = length;
      this.#isRecordMissing = false;
      this.#failing.delete("times");
    } catch (error) {
      this.#isRecordMissing = true;
      this.#fail("times", error);
    }
  }

  #beginRotation(now: number): void {
    if (this.rotation || now < this.#retryAt) return;
    if (this.#shared.canPunchHole === false) return;
    this.rotation = this.#rotate().finally(() => this.rotation = undefined);
  }

  async #rotate(): Promise<void> {
    const { dir, clock, platform: { punchHole, collapseHead } } = this.#options;
    const shared = this.#shared;
    try {
      shared.canPunchHole ??= await canPunchHole(dir, punchHole);
      if (!shared.canPunchHole) return;
      shared.canCollapseHead ??= await canCollapseHead(dir, collapseHead);
      const collapse: typeof collapseHead = async (file, bytes) =>
        shared.canCollapseHead = await collapseHead(file, bytes);
      await rotateLog(dir, this.#service, {
        punchHole,
        ...(shared.canCollapseHead ? { collapseHead: collapse } : {}),
        clock,
      });
      const { base, archived } = viewLog(dir, this.#service.name);
      this.#base = base;
      this.#archived = archived;
      this.#failing.delete("rotation");
    } catch (error) {
      this.#retryAt = clock.now() + RETRY_DELAY;
      this.#fail("rotation", error);
    }
  }

  #fail(task: Task, error: unknown): void {
    const isReported = this.#failing.size > 0;
    this.#failing.add(task);
    if (isReported) return;
    const reason = reasonOf(error);
    this.#options.onDegraded({ service: this.#service.name, reason });
  }
}
