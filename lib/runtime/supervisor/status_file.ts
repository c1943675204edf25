/**
 * Whether a project has a supervisor, and what the supervisor lets others know.
 *
 * That there is one is told by a lock of the OS, which ends with its holder
 * however that ends; what it wrote down only helps to explain.
 *
 * @module
 */

import config from "../../../deno.json" with { type: "json" };
import type { Identity } from "../../core/model.ts";
import { join } from "../../core/path.ts";
import type { Clock } from "../../platform/clock.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import type { Host } from "../../platform/host.ts";
import { selfProgram, SUPERVISOR_COMMAND } from "../self_program.ts";
import {
  DRAFT_SUFFIX,
  namesIn,
  removeIfPresent,
  writeAtomically,
} from "../state/atomic_file.ts";
import { lockFile } from "../state/file_lock.ts";
import type { StateDir } from "../state/state_dir.ts";

/** What a supervisor lets others know of one service. */
export interface ServiceStatus {
  /** The run that it is about. */
  readonly run: string;
  /** When it is started again, ISO 8601; absent where nothing is due. */
  readonly dueAt?: string;
  /** How often in a row it was started again. */
  readonly restarts: number;
  /** It was started again too often and is left alone. */
  readonly gaveUp?: boolean;
}

/** What a supervisor lets others know. */
export interface StatusFile extends Identity {
  /** The form of the file. */
  readonly version: 1;
  /** The version of devsvc that it is. */
  readonly program: string;
  /** The services that it has something to tell about. */
  readonly services: Readonly<Record<string, ServiceStatus>>;
  /** Services that it is stopping to start them again. */
  readonly again: Readonly<Record<string, PendingRestart>>;
}

/** A run that is stopped to be started again. */
export interface PendingRestart {
  /** The run. */
  readonly run: string;
  /** How often in a row the next one was started again. */
  readonly restarts: number;
}

/** The version of this program. */
export const PROGRAM_VERSION: string = config.version;

function singletonFile(dir: StateDir): string {
  return join(dir.path, "supervisor.lock");
}

/**
 * Reads what the supervisor wrote down, without trust.
 *
 * @returns Its note; `undefined` where there is none that can be read.
 */
export function readStatusFile(dir: StateDir): StatusFile | undefined {
  try {
    const value: unknown = JSON.parse(dir.fs.readTextFileSync(dir.statusFile));
    return isStatusFile(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStatusFile(value: unknown): value is StatusFile {
  if (typeof value !== "object" || value === null) return false;
  const get = (key: string): unknown => Reflect.get(value, key);
  const services = get("services");
  const again = get("again");
  return get("version") === 1 && Number.isSafeInteger(get("pid")) &&
    typeof get("start") === "string" && typeof get("program") === "string" &&
    typeof again === "object" && again !== null &&
    Object.values(again).every(isUnfinished) &&
    typeof services === "object" && services !== null &&
    Object.values(services).every(isServiceNote);
}

function isUnfinished(value: unknown): value is PendingRestart {
  return typeof value === "object" && value !== null &&
    typeof Reflect.get(value, "run") === "string" &&
    Number.isSafeInteger(Reflect.get(value, "restarts"));
}

function isServiceNote(value: unknown): value is ServiceStatus {
  if (!isUnfinished(value)) return false;
  const dueAt: unknown = Reflect.get(value, "dueAt");
  return (dueAt === undefined ||
    (typeof dueAt === "string" && !Number.isNaN(Date.parse(dueAt))));
}

/** Writes the note, whole or not at all. */
export function writeStatusFile(dir: StateDir, status: StatusFile): void {
  try {
    const text = JSON.stringify(status, null, 2) + "\n";
    writeAtomically(dir.fs, dir.statusFile, text);
  } catch {
    // It only explains: a full disk must not end the supervisor.
  }
}

/**
 * Tells whether a supervisor was killed which had stopped services to start them
 * again.
 */
export function hasPendingRestarts(dir: StateDir): boolean {
  const status = readStatusFile(dir);
  return status !== undefined && Object.keys(status.again).length > 0;
}

/**
 * Forgets that a supervisor which was killed had stopped services to start them
 * again: the user decides about them now.
 *
 * The lock of the project must be held.
 */
export function forgetPendingRestarts(
  dir: StateDir,
  services: readonly string[],
): void {
  const status = readStatusFile(dir);
  if (!status || !services.some((name) => name in status.again)) return;
  const again = Object.entries(status.again)
    .filter(([name]) => !services.includes(name));
  writeStatusFile(dir, { ...status, again: Object.fromEntries(again) });
}

/** Removes the status file. */
export function removeStatusFile(dir: StateDir): void {
  removeIfPresent(dir.fs, dir.statusFile);
}

/** A draft of a process that was killed while it wrote is older than this. */
const DRAFT_AGE = 60_000;

/** Removes the drafts of processes that were killed while they wrote. */
export function removeOldDrafts({ fs, path }: StateDir, clock: Clock): void {
  for (const name of namesIn(fs, path) ?? []) {
    if (!name.endsWith(DRAFT_SUFFIX)) continue;
    const draft = join(path, name);
    const time = statOrUndefined(fs, draft)?.mtime?.getTime() ?? Infinity;
    if (clock.now() - time > DRAFT_AGE) removeIfPresent(fs, draft);
  }
}

/** How long a new supervisor waits for one that is leaving, in milliseconds. */
const TAKE_TIMEOUT = 1_000;

const TAKE_INTERVAL = 20;

/** The lock that makes a supervisor the only one of its project. */
export interface SingletonLock extends Disposable {
  /**
   * Whether it still is the lock that others ask about: whoever removes
   * `.devsvc` removes it as well.
   */
  isCurrent(): Promise<boolean>;
}

/**
 * Takes the singleton lock.
 *
 * A process that only asks whether there is a supervisor holds the lock for an
 * instant, so it is waited for.
 *
 * @returns The lock, or `undefined` where another supervisor has it.
 */
export async function takeSingletonLock(
  dir: StateDir,
  clock: Clock,
): Promise<SingletonLock | undefined> {
  const path = singletonFile(dir);
  const file = await lockFile(dir.fs, path, {
    clock,
    interval: TAKE_INTERVAL,
    timeout: TAKE_TIMEOUT,
  });
  if (!file) return undefined;
  const { ino } = await file.stat();
  return {
    isCurrent: async () => {
      const found = await dir.fs.stat(path).catch(() => undefined);
      return found?.ino === ino;
    },
    [Symbol.dispose]: () => {
      try {
        file.close();
      } catch {
        // It was given back before.
      }
    },
  };
}

/**
 * Tells whether the project has a supervisor.
 *
 * @returns False where it cannot be told.
 */
export async function hasSupervisor(dir: StateDir): Promise<boolean> {
  try {
    using file = await dir.fs.open(singletonFile(dir), { read: true });
    // A shared lock: those who ask do not keep each other out.
    return !await file.tryLock(false);
  } catch {
    return false;
  }
}

/** The project that is to have a supervisor. */
export interface SupervisedProject {
  /** Its places. */
  readonly dir: StateDir;
  /** services.toml, absolute. */
  readonly file: string;
  /** The folder of services.toml, absolute. */
  readonly root: string;
  /** The machine. */
  readonly host: Host;
}

/**
 * Gives the project a supervisor, if it has none; one of another version makes
 * room. It is not waited for, and where it cannot be started the services run
 * all the same.
 */
export async function ensureSupervisor(
  { dir, file, root, host }: SupervisedProject,
): Promise<void> {
  if (await hasSupervisor(dir)) {
    const status = readStatusFile(dir);
    if (!status || status.program === PROGRAM_VERSION) return;
    await host.platform.signal(status, "SIGTERM", "process");
  }
  const { path, args } = selfProgram([SUPERVISOR_COMMAND, file]);
  try {
    await host.platform.spawnBackground({ path, args, cwd: root });
  } catch {
    // The next command tries again.
  }
}
