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
import type { Platform } from "../../platform/platform.ts";
import { pause } from "../poll.ts";
import { selfProgram, SUPERVISOR_COMMAND } from "../self_program.ts";
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

function lockFile(dir: StateDir): string {
  return join(dir.path, "supervisor.lock");
}

/**
 * Reads what the supervisor wrote down, without trust.
 *
 * @returns Its note; `undefined` where there is none that can be read.
 */
export async function readStatusFile(
  dir: StateDir,
): Promise<StatusFile | undefined> {
  try {
    const value: unknown = JSON.parse(await Deno.readTextFile(dir.statusFile));
    return isNote(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isNote(value: unknown): value is StatusFile {
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
export async function writeStatusFile(
  dir: StateDir,
  note: StatusFile,
): Promise<void> {
  const draft = `${dir.statusFile}.draft`;
  try {
    await Deno.writeTextFile(draft, JSON.stringify(note, null, 2) + "\n", {
      mode: 0o600,
    });
    await Deno.rename(draft, dir.statusFile);
  } catch {
    // It only explains: a full disk must not end the supervisor.
  }
}

/**
 * Tells whether a supervisor was killed which had stopped services to start them
 * again.
 */
export async function hasPendingRestarts(dir: StateDir): Promise<boolean> {
  const note = await readStatusFile(dir);
  return note !== undefined && Object.keys(note.again).length > 0;
}

/**
 * Forgets that a supervisor which was killed had stopped services to start them
 * again: the user decides about them now.
 *
 * The lock of the project must be held.
 */
export async function forgetPendingRestarts(
  dir: StateDir,
  services: readonly string[],
): Promise<void> {
  const note = await readStatusFile(dir);
  if (!note || !services.some((name) => name in note.again)) return;
  const again = Object.entries(note.again)
    .filter(([name]) => !services.includes(name));
  await writeStatusFile(dir, { ...note, again: Object.fromEntries(again) });
}

/** Takes the note away. */
export async function removeStatusFile(dir: StateDir): Promise<void> {
  await Deno.remove(dir.statusFile).catch(() => {});
}

/** How long a new supervisor waits for one that is leaving, in milliseconds. */
const TAKE_TIME = 1_000;

const TAKE_INTERVAL = 20;

/** The place of the supervisor, held. */
export interface SingletonLock extends Disposable {
  /**
   * Whether it still is the place that others ask about: whoever takes
   * `.devsvc` away takes the place away with it.
   */
  isCurrent(): Promise<boolean>;
  /** Gives it back. */
  [Symbol.dispose](): void;
}

/**
 * Takes the place of the supervisor.
 *
 * Who only asks whether there is a supervisor holds the lock for a moment, too;
 * that is waited for.
 *
 * @returns The lock, or `undefined` where another supervisor has it.
 */
export async function takeSingletonLock(
  dir: StateDir,
): Promise<SingletonLock | undefined> {
  const file = await openLock(dir);
  const end = performance.now() + TAKE_TIME;
  while (!await file.tryLock(true)) {
    if (performance.now() > end) {
      file.close();
      return undefined;
    }
    await pause(TAKE_INTERVAL);
  }
  const { ino } = await file.stat();
  return {
    isCurrent: async () => {
      const found = await Deno.stat(lockFile(dir)).catch(() => undefined);
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

function openLock(dir: StateDir): Promise<Deno.FsFile> {
  const options = { create: true, read: true, write: true, mode: 0o600 };
  return Deno.open(lockFile(dir), options);
}

/**
 * Tells whether the project has a supervisor.
 *
 * @returns Whether it has one; false where it cannot be told.
 */
export async function hasSupervisor(dir: StateDir): Promise<boolean> {
  try {
    using file = await Deno.open(lockFile(dir), { read: true });
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
  /** The operating system. */
  readonly platform: Platform;
}

/**
 * Gives the project a supervisor, if it has none; one of another version makes
 * room. It is not waited for, and where it cannot be started the services run
 * all the same.
 */
export async function ensureSupervisor(
  { dir, file, root, platform }: SupervisedProject,
): Promise<void> {
  if (await hasSupervisor(dir)) {
    const note = await readStatusFile(dir);
    if (!note || note.program === PROGRAM_VERSION) return;
    await platform.signal(note, "SIGTERM", "process");
  }
  const { path, args } = selfProgram([SUPERVISOR_COMMAND, file]);
  try {
    await platform.spawnBackground({ path, args, cwd: root });
  } catch {
    // The next command tries again.
  }
}
