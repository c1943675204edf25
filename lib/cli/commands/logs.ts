/**
 * `devsvc logs`: what the services wrote, in the order of time, each line with
 * the name of its service.
 *
 * @module
 */

import {
  type LineFormat,
  logLineJson,
  plainText,
  renderLogLine,
  type ShownLine,
} from "../../report/log_line.ts";
import { SERVICE_COLORS } from "../../report/style.ts";
import { systemClock } from "../../platform/clock.ts";
import { pause } from "../../runtime/poll.ts";
import { type FollowedLine, followLog } from "../../runtime/log/follow.ts";
import { type LogSource, openLog } from "../../runtime/log/log_source.ts";
import {
  beginOfLast,
  beginSince,
  type Matches,
  mergeLines,
  readLines,
} from "../../runtime/log/select.ts";
import type { CliContext, CommonFlags } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { runInProject, type Session } from "../session.ts";

/** How many lines of each log are shown first, where nothing else is said. */
export const DEFAULT_LOG_LINES = 50;

/** How often a log that is followed is looked at, in milliseconds. */
const FOLLOW_EVERY = 100;

/** How much text is written at once, in characters. */
const CHUNK = 64 * 1024;

/** The flags of `devsvc logs`. */
export interface LogFlags extends CommonFlags {
  /** Go on showing what is written. */
  readonly follow: boolean;
  /** How many lines of each service to show first. */
  readonly lines?: number;
  /** Show only lines since this moment, in milliseconds since 1970. */
  readonly since?: number;
  /** Show only lines that match. */
  readonly grep?: RegExp;
  /** Time and name stand before each line. */
  readonly prefix: boolean;
}

/**
 * Runs `devsvc logs`.
 *
 * @param names The services whose logs are shown; all if none is named.
 */
export function logs(
  this: CliContext,
  flags: LogFlags,
  ...names: readonly string[]
): Promise<void> {
  return runInProject(this, flags, names, async (session) => {
    const opened = session.services.map(({ name }) =>
      openLog(session.dir, name, session.host.clock)
    );
    const isEmpty = opened.every((log) => log.view().segments.length === 0);
    if (isEmpty && !flags.follow) {
      this.terminal.writeError(`${session.view.messages.logs.none}\n`);
    }
    const print = printerOf(session, flags);
    const signal = flags.follow ? this.interruptible() : undefined;
    const ends = await showKept(opened, flags, print);
    if (signal) await follow(opened, ends, { flags, print, signal });
    return EXIT.ok;
  });
}

/** Writes lines; tells whether somebody still reads them. */
type Print = (lines: readonly ShownLine[]) => boolean;

function printerOf(session: Session, flags: LogFlags): Print {
  const { context, project, services, view } = session;
  const { terminal } = context;
  const colorOf = (index: number) =>
    SERVICE_COLORS[index % SERVICE_COLORS.length] ?? 0;
  const colors = project.services.map(({ name }, index) =>
    [name, colorOf(index)] as const
  );
  const look: Omit<LineFormat, "now"> = {
    style: view.style,
    hasPrefix: flags.prefix,
    width: Math.max(...services.map(({ name }) => name.length)),
    colors: new Map(colors),
  };
  return (lines) => {
    const now = Date.now();
    let text = "";
    for (const line of lines) {
      text += flags.json
        ? logLineJson(line)
        : renderLogLine(line, { ...look, now });
      text += "\n";
      if (text.length < CHUNK) continue;
      terminal.write(text);
      text = "";
      if (terminal.isGone?.()) return false;
    }
    if (text !== "") terminal.write(text);
    return !terminal.isGone?.();
  };
}

/** Shows what there is already. */
async function showKept(
  opened: readonly LogSource[],
  flags: LogFlags,
  print: Print,
): Promise<ReadonlyMap<string, number>> {
  const matches = matcherOf(flags);
  // Once for all: looking for the beginning may look at the log again.
  const ends = new Map(opened.map((log) => [log.service, log.view().end]));
  const endOf = ({ service }: LogSource) => ends.get(service) ?? 0;
  const begins = await Promise.all(
    opened.map((log) => beginOf(log, flags, matches)),
  );
  // A line that may still be going on is left to the follower, matching or not.
  const all = flags.follow ? undefined : matches;
  const streams = opened.map((log, index) =>
    readLines(log, begins[index] ?? 0, endOf(log), all)
  );
  for await (const lines of mergeLines(streams)) {
    const shown = flags.follow
      ? lines.filter((line) => {
        if (line.isOpen) ends.set(line.service, line.begin);
        return !line.isOpen && (matches?.(line.text) ?? true);
      })
      : lines;
    if (!print(shown)) break;
  }
  return ends;
}

async function beginOf(
  log: LogSource,
  { lines, since }: LogFlags,
  matches: Matches | undefined,
): Promise<number> {
  if (since === undefined) {
    return await beginOfLast(log, lines ?? DEFAULT_LOG_LINES, matches);
  }
  const begin = await beginSince(log, since);
  return lines === undefined
    ? begin
    : Math.max(begin, await beginOfLast(log, lines, matches));
}

function matcherOf({ grep }: LogFlags): Matches | undefined {
  return grep ? (text) => grep.test(plainText(text)) : undefined;
}

/** Shows what services write, until it is ended. */
export async function followLogs(
  session: Session,
  opened: readonly LogSource[],
  ends: ReadonlyMap<string, number>,
  { flags, signal }: {
    readonly flags: LogFlags;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const print = printerOf(session, flags);
  await follow(opened, ends, { flags, print, signal });
}

async function follow(
  opened: readonly LogSource[],
  ends: ReadonlyMap<string, number>,
  { flags, print, signal }: {
    readonly flags: LogFlags;
    readonly print: Print;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const matches = matcherOf(flags);
  // The rest of a line that was shown is shown, too.
  const isShown = (line: FollowedLine) =>
    line.isRest ? line.text !== "" : matches?.(line.text) ?? true;
  // A program gets whole lines.
  const tellsOpen: Matches = flags.json ? () => false : matches ?? (() => true);
  const followers = opened.map((log) =>
    followLog(log, ends.get(log.service) ?? 0, tellsOpen)
  );
  while (!signal.aborted) {
    const now = Date.now();
    const found = followers.map(async function* ({ next }) {
      yield (await next(now)).filter(isShown);
    });
    for await (const lines of mergeLines(found)) print(lines);
    if (!print([])) return;
    await pause(systemClock, FOLLOW_EVERY, signal);
  }
  const now = Date.now();
  print(followers.flatMap(({ last }) => last(now)).filter(isShown));
}
