/**
 * The journal `.devsvc/devsvc.log`: one line with its time for everything that
 * devsvc did or saw.
 *
 * Lines are for people and for `grep`: `TIME EVENT SERVICE name=value …`, in
 * English whatever the language of the screen.
 *
 * @module
 */

import type {
  AskFailure,
  NamedProcess,
  ServiceEvent,
  StartFailure,
} from "../core/events.ts";

/**
 * Puts an event in one line of the journal.
 *
 * @param event What happened.
 * @param at When.
 * @param by The process id of the devsvc that tells it.
 * @returns The line with its newline, or `undefined` for what is not kept.
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
    case "lingering":
      return undefined;
    case "spawned":
      return ["start", event.service, `leader=${event.pid}`];
    case "ready":
      return [...head, `pid=${event.pid}`, after(event.elapsed)];
    case "failed":
      return [...head, ...endFields(event.failure)];
    case "stopping":
      return ["stop", event.service, pids(event.processes)];
    case "held":
      return [...head, `port=${event.port}`, pids(event.holders)];
    case "asking":
      return [...head, `pid=${event.pid}`];
    case "ask-failed":
      return [...head, ...endFields(event.failure)];
    case "escalating":
      return [...head, pids(event.processes), after(event.waited)];
    case "stopped":
      return [...head, after(event.elapsed)];
    case "not-stopped":
      return [...head, `reason=${event.failure.kind}`];
    case "crashed":
      return [...head, `pid=${event.pid}`, ...exitFields(event.exit)];
    case "pausing":
      return [
        ...head,
        `restarts=${event.restarts}`,
        `for=${Math.round(event.pause)}ms`,
      ];
    case "gave-up":
      return [...head, `restarts=${event.restarts}`];
    case "log-trouble":
      return [...head, `reason=${JSON.stringify(event.reason)}`];
    case "unhealthy":
    case "healthy":
      return head;
    case "refused":
      return [...head, `state=${event.state}`, pids(event.holders)];
  }
}

function endFields(failure: StartFailure | AskFailure): readonly string[] {
  const reason = `reason=${failure.kind}`;
  return failure.kind === "exited"
    ? [reason, ...exitFields(failure)]
    : [reason];
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

/**
 * Writes events to the journal as they happen.
 *
 * @param file The journal, absolute.
 * @returns Takes an event; a journal that cannot be written stops nothing.
 */
export function openJournal(file: string): (event: ServiceEvent) => void {
  return (event) => {
    const line = journalLine(event, new Date(), Deno.pid);
    if (line === undefined) return;
    try {
      // One short write in append mode: lines of two devsvc never mix.
      Deno.writeTextFileSync(file, line, { append: true, mode: 0o600 });
    } catch {
      // The journal explains; it never decides.
    }
  };
}

/** A line of the journal, told anew. */
export interface JournalLine {
  /** What happened, without the time. */
  readonly text: string;
  /** The process id of the devsvc that wrote it. */
  readonly by: number;
}

/**
 * Follows what is written to the journal from now on.
 *
 * @param file The journal, absolute.
 * @returns Reads the lines since the last call.
 */
export function followJournal(
  file: string,
): () => Promise<readonly JournalLine[]> {
  let end = sizeOf(file);
  return async () => {
    const size = sizeOf(file);
    // Somebody may have emptied it.
    if (size < end) end = 0;
    if (size === end) return [];
    const bytes = await Deno.readFile(file).catch(() => new Uint8Array());
    const fresh = bytes.subarray(end, size);
    const whole = fresh.subarray(0, fresh.lastIndexOf(NEWLINE) + 1);
    end += whole.length;
    return new TextDecoder().decode(whole).split("\n").flatMap((line) => {
      const [, text, by] = /^\S+ (.*) by=(\d+)$/.exec(line) ?? [];
      return text === undefined ? [] : [{ text, by: Number(by) }];
    });
  };
}

const NEWLINE = 0x0a;

function sizeOf(file: string): number {
  try {
    return Deno.statSync(file).size;
  } catch {
    return 0;
  }
}
