/**
 * The journal `.devsvc/devsvc.log`: one line for each event.
 *
 * A line is `TIME EVENT SERVICE name=value … by=PID`, in English whatever the
 * language of the terminal, so that it can be searched.
 */

import type {
  NamedProcess,
  ServiceEvent,
  StartFailure,
  StopCommandFailure,
} from "../../core/events.ts";
import type { Clock } from "../../platform/clock.ts";
import {
  type FileSystem,
  releaseLock,
  statOrUndefined,
} from "../../platform/file_system.ts";
import type { StateDir } from "./state_dir.ts";

/**
 * Formats an event as one line of the journal.
 *
 * @param by The process id of the devsvc that reports it.
 * @returns The line with its newline; `undefined` for an event that is shown
 * only while it lasts.
 */
export function journalLine(
  event: ServiceEvent,
  at: Date,
  by: number,
): string | undefined {
  const fields = fieldsOf(event);
  if (!fields) return undefined;
  const words = [at.toISOString(), ...fields, `by=${by}`];
  return words.join(" ").replaceAll(/[\r\n]+/g, " ") + "\n";
}

function fieldsOf(event: ServiceEvent): readonly string[] | undefined {
  const head = [event.kind, event.service];
  switch (event.kind) {
    case "starting":
    case "waiting":
    case "slow":
    case "still-waiting":
    case "still-running":
      return undefined;
    case "spawned":
      return ["start", event.service, `wrapper=${event.pid}`];
    case "closing":
      return event.isRepeated ? undefined : [
        ...head,
        `port=${event.port}`,
        `left=${Math.round(event.left)}ms`,
      ];
    case "ready":
    case "started":
      return [...head, `pid=${event.pid}`, after(event.elapsed)];
    case "failed":
      return [...head, ...endFields(event.failure)];
    case "stopping":
      return ["stop", event.service, pids(event.processes)];
    case "held":
      return [...head, `port=${event.port}`, pids(event.holders)];
    case "stop-command":
      return [...head, `pid=${event.pid}`];
    case "stop-command-failed":
      return [...head, ...endFields(event.failure)];
    case "escalating":
      return [...head, pids(event.processes), after(event.waited)];
    case "stopped":
      return [...head, after(event.elapsed)];
    case "not-stopped":
      return [...head, `reason=${event.failure.kind}`];
    case "crashed":
      return [...head, `pid=${event.pid}`, ...exitFields(event.exit)];
    case "backoff":
      return [
        ...head,
        `restarts=${event.restarts}`,
        `delay=${Math.round(event.delay)}ms`,
      ];
    case "gave-up":
      return [...head, `restarts=${event.restarts}`];
    case "log-degraded":
    case "record-failed":
      return [...head, `reason=${JSON.stringify(event.reason)}`];
    case "unhealthy":
    case "healthy":
      return head;
    case "outdated":
      return [...head, "reason=config-changed"];
    case "refused":
      return [...head, `state=${event.state}`, pids(event.holders)];
  }
}

function endFields(
  failure: StartFailure | StopCommandFailure,
): readonly string[] {
  const reason = `reason=${failure.kind}`;
  if (failure.kind !== "exited") return [reason];
  const ended = "ended" in failure && failure.ended
    ? [`ended=${failure.ended.map(({ pid }) => pid).join(",")}`]
    : [];
  return [reason, ...exitFields(failure), ...ended];
}

function exitFields(
  exit: { readonly code?: number; readonly signal?: string | null } | undefined,
): readonly string[] {
  if (exit?.signal) return [`signal=${exit.signal}`];
  return exit?.code === undefined ? [] : [`code=${exit.code}`];
}

function pids(processes: readonly NamedProcess[]): string {
  return `pids=${processes.map(({ pid }) => pid).join(",")}`;
}

function after(ms: number): string {
  return `after=${Math.round(ms)}ms`;
}

/** The size at which the journal is rotated, in bytes. */
export const JOURNAL_SIZE = 1024 * 1024;

/**
 * Opens the journal for appending. A full one is rotated to `devsvc.log.1`, which
 * replaces the earlier `devsvc.log.1`.
 *
 * @param by The process id of the devsvc that reports.
 * @param limit The size at which it is rotated, in bytes.
 * @returns Appends an event; it never throws.
 */
export function openJournal(
  { journal, fs }: Pick<StateDir, "journal" | "fs">,
  clock: Clock,
  by: number = Deno.pid,
  limit: number = JOURNAL_SIZE,
): (event: ServiceEvent) => void {
  return (event) => {
    const line = journalLine(event, new Date(clock.now()), by);
    if (line === undefined) return;
    try {
      // One short write in append mode: the lines of two processes never mix.
      fs.writeTextFileSync(journal, line, { append: true, mode: 0o600 });
      if (sizeOf(fs, journal) >= limit) rotateJournal(fs, journal, limit);
    } catch {
      // No command depends on the journal.
    }
  };
}

/**
 * Rotates a full journal. A process that has it open at this time writes its line
 * to the rotated file, so no line is lost.
 */
function rotateJournal(fs: FileSystem, file: string, limit: number): void {
  // A file of its own: on Windows no process can write to a locked file.
  const lock = fs.openSync(`${file}.lock`, {
    create: true,
    write: true,
    mode: 0o600,
  });
  try {
    // Another process may have rotated it since it was found to be full.
    if (!lock.tryLockSync(true) || sizeOf(fs, file) < limit) return;
    fs.renameSync(file, earlierOf(file));
  } finally {
    releaseLock(lock);
  }
}

function earlierOf(file: string): string {
  return `${file}.1`;
}

/** A line of the journal. */
interface JournalLine {
  /** The event and its fields, without the time. */
  readonly text: string;
  /** The process id of its writer. */
  readonly by: number;
}

/**
 * Follows the journal from its present end.
 *
 * @returns Reads the lines that were added since the last call.
 */
export function followJournal(
  { journal, fs }: Pick<StateDir, "journal" | "fs">,
): () => Promise<readonly JournalLine[]> {
  const stat = () => statOrUndefined(fs, journal) ?? { size: 0, ino: null };
  let { size: end, ino } = stat();
  return async () => {
    const now = stat();
    const isOther = now.ino !== ino || now.size < end;
    if (!isOther && now.size === end) return [];
    // It was rotated: the last lines of the rotated file come first.
    const before = isOther ? await wholeLines(fs, earlierOf(journal), end) : "";
    if (isOther) end = 0;
    ino = now.ino;
    const whole = await wholeLines(fs, journal, end);
    end += new TextEncoder().encode(whole).length;
    return (before + whole).split("\n").flatMap((line) => {
      const [, text, by] = /^\S+ (.*) by=(\d+)$/.exec(line) ?? [];
      return text === undefined ? [] : [{ text, by: Number(by) }];
    });
  };
}

async function wholeLines(
  fs: FileSystem,
  file: string,
  from: number,
): Promise<string> {
  const bytes = await fs.readFile(file).catch(() => new Uint8Array());
  const text = new TextDecoder().decode(bytes.subarray(from));
  return text.slice(0, text.lastIndexOf("\n") + 1);
}

function sizeOf(fs: FileSystem, file: string): number {
  return statOrUndefined(fs, file)?.size ?? 0;
}
