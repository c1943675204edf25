/**
 * `devsvc up`: the services in the foreground. What they write is shown; Ctrl-C
 * stops them all.
 *
 * @module
 */

import type { Service } from "../../core/model.ts";
import { isOwn } from "../../core/supervision.ts";
import { paint } from "../../report/style.ts";
import { pause } from "../../runtime/poll.ts";
import { followJournal } from "../../runtime/state/journal.ts";
import { openLog } from "../../runtime/log/log_source.ts";
import type { ActFlags, CliContext } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { followLogs, type LogFlags } from "./logs.ts";
import {
  look,
  print,
  runInProject,
  servicesWithDependencies,
  type Session,
} from "../session.ts";
import { bringUp } from "./start.ts";
import { bringDown } from "./stop.ts";

/** The flags of `devsvc up`. */
export interface UpFlags
  extends Omit<ActFlags, "json" | "dryRun">, Pick<LogFlags, "prefix"> {
  /** Leave the services running at the end. */
  readonly keep: boolean;
}

/** How often it is looked whether anything still runs, in milliseconds. */
const LOOK_EVERY = 2_000;

/** How often the journal is read, in milliseconds. */
const JOURNAL_EVERY = 250;

/**
 * Runs `devsvc up`.
 *
 * @param names The services; all if none is named.
 */
export function up(
  this: CliContext,
  flags: UpFlags,
  ...names: readonly string[]
): Promise<void> {
  const planned: ActFlags = { ...flags, json: false, dryRun: false };
  return runInProject(this, planned, names, async (session) => {
    const [asked, askedAgain] = interruptions(this);
    const services = servicesWithDependencies(session);
    const all: Session = { ...session, services };
    const opened = services.map(({ name }) =>
      openLog(session.dir, name, session.host.clock)
    );
    const ends = new Map(opened.map((log) => [log.service, log.view().end]));
    const journal = followJournal(session.dir);
    const { code, hasActed } = await bringUp(heeding(session, asked), planned, {
      command: "up",
      goesOn: !flags.keep,
    });
    if (!hasActed) return code;
    const words = session.view.messages.up;
    if (code === EXIT.cancelled) {
      return flags.keep ? code : await end(all, planned, askedAgain);
    }
    print(session, ["", flags.keep ? words.followingKept : words.following]);
    const log = { ...planned, follow: true, prefix: flags.prefix };
    await followAll(asked, [
      (signal) => followLogs(all, opened, ends, { flags: log, signal }),
      (signal) => showJournal(all, journal, signal),
      (signal) => untilOver(all, signal),
    ]);
    if (!asked.aborted && !this.terminal.isGone?.()) {
      print(session, ["", words.over]);
      return EXIT.failed;
    }
    if (!flags.keep) return await end(all, planned, askedAgain);
    print(session, ["", words.kept]);
    return EXIT.ok;
  });
}

/**
 * Listens to Ctrl-C and its like without a gap: whatever is under way when one
 * comes, it counts, and once.
 *
 * @returns The signal of the first one, and that of the second.
 */
function interruptions(
  context: CliContext,
): readonly [AbortSignal, AbortSignal] {
  const first = context.interruptible();
  const second = new AbortController();
  const listenAgain = () => {
    const next = context.interruptible();
    next.addEventListener("abort", () => second.abort(), { once: true });
  };
  // Not while the first one is still handed round: it would be the second, too.
  first.addEventListener("abort", () => queueMicrotask(listenAgain), {
    once: true,
  });
  return [first, second.signal];
}

/** What is done in this session ends by this signal. */
function heeding(session: Session, signal: AbortSignal): Session {
  const context = { ...session.context, interruptible: () => signal };
  return { ...session, context };
}

/** Ends on Ctrl-C: a second one no longer asks, it forces. */
async function end(
  session: Session,
  planned: ActFlags,
  askedAgain: AbortSignal,
): Promise<number> {
  const words = session.view.messages.up;
  // Who took a port meanwhile is left alone, and nobody is asked about it.
  const flags: ActFlags = { ...planned, force: false, onConflict: "fail" };
  print(session, ["", words.stopping]);
  const code = await bringDown(heeding(session, askedAgain), flags, true);
  if (code !== EXIT.cancelled) return code;
  print(session, ["", words.forcing]);
  const services = session.services.map(withoutAsking);
  return await bringDown({ ...session, services }, flags);
}

function withoutAsking(service: Service): Service {
  return { ...service, stop: { signal: "SIGKILL", timeout: 0 } };
}

/** Does several things until one of them is at its end, or all are asked to. */
async function followAll(
  asked: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([asked, over.signal]);
  await Promise.all(
    works.map((work) => work(signal).finally(() => over.abort())),
  );
}

/** Waits until nothing runs any more, and nothing is to be started again. */
async function untilOver(session: Session, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await pause(session.host.clock, LOOK_EVERY, signal);
    if (signal.aborted) return;
    const { diagnoses } = await look(session, session.services);
    const isOver = diagnoses.every((diagnosis) =>
      !isOwn(diagnosis) && diagnosis.supervision?.dueAt === undefined &&
      diagnosis.state !== "unknown"
    );
    if (isOver) return;
  }
}

/** What the supervisor does stands between the lines of the services. */
async function showJournal(
  session: Session,
  next: ReturnType<typeof followJournal>,
  signal: AbortSignal,
): Promise<void> {
  // What was begun here is on the screen already.
  let hidden: number | undefined = Deno.pid;
  while (!signal.aborted) {
    const lines = await next();
    print(
      session,
      lines.filter(({ by }) => by !== hidden).map(({ text }) =>
        paint(`devsvc | ${text}`, "dim", session.view.style)
      ),
    );
    hidden = undefined;
    await pause(session.host.clock, JOURNAL_EVERY, signal);
  }
}
