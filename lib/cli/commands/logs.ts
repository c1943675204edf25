/**
 * `devsvc logs`: what the services wrote, in the order of time, each line with
 * the name of its service.
 */

import {
  type LineFormat,
  logLineJson,
  renderLogLine,
  type ShownLine,
} from "../../report/log_line.ts";
import { plainText } from "../../core/line_text.ts";
import { SERVICE_COLORS } from "../../report/style.ts";
import { statOrUndefined } from "../../platform/file_system.ts";
import { systemClock } from "../../platform/clock.ts";
import { pause } from "../../runtime/poll.ts";
import {
  type LinePattern,
  linePattern,
  PatternError,
} from "../../runtime/log/line_pattern.ts";
import type { Messages } from "../../report/messages/load_messages.ts";
import type { Matches } from "../../runtime/log/lines.ts";
import { type FollowedLine, followLog } from "../../runtime/log/follow.ts";
import { type LogSource, openLog } from "../../runtime/log/log_source.ts";
import {
  beginOfLast,
  beginSince,
  mergeLines,
  readLines,
} from "../../runtime/log/select.ts";
import {
  type Command,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import { UntrustedPathError } from "../../runtime/state/guarded_files.ts";
import { logOf } from "../../runtime/state/state_dir.ts";
import { EXIT } from "../exit_codes.ts";
import { queryInProject, type Session } from "../session.ts";
import { parseSince } from "../since.ts";

/** The flags of `devsvc logs`. */
interface LogFlags extends CommonFlags {
  /** Go on showing what is written. */
  readonly follow: boolean;
  /** How many lines of each service to show first. */
  readonly lines?: number;
  /** Show only lines since then, in milliseconds since 1970. */
  readonly since?: number;
  /** Show only lines that match. */
  readonly grep?: LinePattern;
  /** Time and name stand before each line. */
  readonly prefix: boolean;
}

/** How many lines of each log are shown first by default. */
const DEFAULT_LOG_LINES = 50;

/** How often a log that is followed is read, in milliseconds. */
const FOLLOW_INTERVAL = 100;

/** How much text is written at once, in characters. */
const CHUNK = 64 * 1024;

/** More lines than this are no longer the end of a log. */
const LOG_LINES_MAX = 1_000_000;

/** Defines `devsvc logs`. */
export const logs: Command = defineCommand<LogFlags>({
  brief: {
    en: "Show what the services wrote",
    fr: "Montre ce que les services ont écrit",
  },
  parameters: (cli, services) => ({
    flags: {
      ...commonFlags(cli),
      follow: { kind: "boolean", brief: cli.follow, default: false },
      lines: {
        kind: "parsed",
        parse: (word: string) => parseLines(word, cli.notALineCount),
        brief: cli.lines,
        placeholder: "n",
        optional: true,
      },
      since: {
        kind: "parsed",
        parse: (word: string) => parseTime(word, cli.notATime),
        brief: cli.since,
        placeholder: "time",
        optional: true,
      },
      grep: {
        kind: "parsed",
        parse: (word: string) => parsePattern(word, cli),
        brief: cli.grep,
        placeholder: "regex",
        optional: true,
      },
      prefix: { kind: "boolean", brief: cli.prefix, default: true },
    },
    aliases: { f: "follow", n: "lines" },
    positional: serviceArguments(cli, services),
  }),
  action: queryInProject(async (session, flags) => {
    const { context } = session;
    // A log may have a line of any length.
    await flags.grep?.prepare(Infinity);
    const opened = session.services.map(({ name }) =>
      openLog(session.dir, name, session.host.clock)
    );
    const isEmpty = opened.every((log) => log.view().segments.length === 0);
    const unreadable = unreadableLogs(session);
    for (const { path, problem } of unreadable) {
      // Of the folder itself it was said before.
      if (path === session.dir.path) continue;
      const text = session.view.messages.errors.unreadableLog(path, problem);
      context.terminal.writeError(`${text}\n`);
    }
    if (isEmpty && !flags.follow && unreadable.length === 0) {
      context.terminal.writeError(`${noLinesIn(session)}\n`);
    }
    // Until the lines that are kept are shown, Ctrl-C ends devsvc by itself.
    const ends = await showKept(opened, flags, printerOf(session, flags));
    if (flags.follow) {
      const signal = context.interruptible();
      await followLogs(session, opened, ends, { flags, signal });
    }
    return unreadable.length > 0 ? EXIT.unknown : EXIT.ok;
  }, { readsLogs: true, toleratesMistakes: true }),
});

/** Says why there is no line: each start makes the log of its service. */
function noLinesIn({ dir, services, view }: Session): string {
  const { none, empty } = view.messages.logs;
  const started = services
    .filter(({ name }) => statOrUndefined(dir.fs, logOf(dir, name)));
  return started.length === 0 ? none : empty(started.map(({ label }) => label));
}

/** What keeps the logs of the services from being read, each once. */
function unreadableLogs(
  { dir, services }: Session,
): readonly UntrustedPathError[] {
  const found = new Map<string, UntrustedPathError>();
  for (const { name } of services) {
    try {
      dir.fs.statSync(logOf(dir, name));
    } catch (error) {
      if (error instanceof UntrustedPathError) found.set(error.path, error);
    }
  }
  return [...found.values()];
}

function parseLines(word: string, expected: string): number {
  const count = Number(word);
  const isCount = /^\d+$/.test(word) && count <= LOG_LINES_MAX;
  if (!isCount) throw new SyntaxError(expected);
  return count;
}

function parseTime(word: string, expected: string): number {
  const time = parseSince(word, Date.now());
  if (time === undefined) throw new SyntaxError(expected);
  return time;
}

function parsePattern(word: string, cli: Messages["cli"]): LinePattern {
  try {
    return linePattern(word);
  } catch (error) {
    throw new SyntaxError(
      error instanceof PatternError
        ? cli.slowPattern(error.message)
        : cli.notAPattern,
    );
  }
}

/** Writes lines; returns whether standard output still has a reader. */
type Print = (lines: readonly ShownLine[]) => boolean;

function printerOf(session: Session, flags: LogFlags): Print {
  const { context, project, services, view } = session;
  const { terminal } = context;
  const colorOf = (index: number) =>
    SERVICE_COLORS[index % SERVICE_COLORS.length] ?? 0;
  const colors = project.services.map(({ name }, index) =>
    [name, colorOf(index)] as const
  );
  const format: Omit<LineFormat, "now"> = {
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
        : renderLogLine(line, { ...format, now });
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

/** Shows what was written already; returns where each log ends. */
async function showKept(
  opened: readonly LogSource[],
  flags: LogFlags,
  print: Print,
): Promise<ReadonlyMap<string, number>> {
  const matches = matcherOf(flags);
  // Read once: the search for the beginning may read the log again.
  const ends = new Map(opened.map((log) => [log.service, log.view().end]));
  const endOf = ({ service }: LogSource) => ends.get(service) ?? 0;
  const begins = await Promise.all(
    opened.map((log) => beginOf(log, flags, matches)),
  );
  // A line that is not yet complete is left to the follower, matching or not.
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

/** Shows what services write, until the signal is aborted. */
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
  const matches = matcherOf(flags);
  // Of a line whose beginning was shown, the rest is shown, too.
  const isShown = (line: FollowedLine) =>
    line.isRest ? line.text !== "" : matches?.(line.text) ?? true;
  // A program gets whole lines.
  const showsOpen: Matches = flags.json ? () => false : matches ?? (() => true);
  const followers = opened.map((log) =>
    followLog(log, ends.get(log.service) ?? 0, showsOpen)
  );
  while (!signal.aborted) {
    const now = Date.now();
    const found = followers.map(async function* ({ next }) {
      yield (await next(now)).filter(isShown);
    });
    for await (const lines of mergeLines(found)) print(lines);
    if (!print([])) return;
    if (followers.some((follower) => follower.isBehind())) continue;
    await pause(systemClock, FOLLOW_INTERVAL, signal);
  }
  const now = Date.now();
  print(followers.flatMap(({ last }) => last(now)).filter(isShown));
}
