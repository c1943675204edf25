/**
 * `devsvc up`: the services in the foreground. What they write is shown; Ctrl-C
 * stops them all.
 */

import type { Service } from "../../core/model.ts";
import { isOwn } from "../../core/ownership.ts";
import { printable } from "../../core/printable.ts";
import { paint } from "../../report/style.ts";
import { openLog } from "../../runtime/log/log_source.ts";
import { pause } from "../../runtime/poll.ts";
import { followJournal } from "../../runtime/state/journal.ts";
import type { CliContext } from "../cli_context.ts";
import {
  type Command,
  defineCommand,
  type PlanFlags,
  planFlags,
  serviceArguments,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { servicesWithDependencies } from "../run_plan.ts";
import { type ActingSession, print, startInProject } from "../session.ts";
import { takeActingSnapshot } from "../snapshot.ts";
import { followLogs } from "./logs.ts";
import { bringUp } from "./start.ts";
import { bringDown } from "./stop.ts";

/** The flags of `devsvc up`. */
interface UpFlags extends Omit<PlanFlags, "json" | "dryRun"> {
  /** Leave the services running at the end. */
  readonly keep: boolean;
  /** Time and name stand before each line. */
  readonly prefix: boolean;
}

/** How often it is checked that something still runs, in milliseconds. */
const CHECK_INTERVAL = 2_000;

/** How often the journal is read, in milliseconds. */
const JOURNAL_INTERVAL = 250;

/** Defines `devsvc up`. */
export const up: Command = defineCommand<UpFlags>({
  brief: {
    en: "Start the services in the foreground; Ctrl-C stops them",
    fr: "Démarre les services au premier plan ; Ctrl-C les arrête",
  },
  parameters: (cli, services) => {
    const { config, lang, color, force, onConflict } = planFlags(cli);
    return {
      flags: {
        config,
        lang,
        color,
        force,
        onConflict,
        keep: { kind: "boolean", brief: cli.keep, default: false },
        prefix: { kind: "boolean", brief: cli.prefix, default: true },
      },
      positional: serviceArguments(cli, services),
    };
  },
  action: startInProject(runInForeground),
});

async function runInForeground(
  session: ActingSession,
  flags: UpFlags,
): Promise<number> {
  const planned: PlanFlags = { ...flags, json: false, dryRun: false };
  const { context } = session;
  const [first, second] = interruptions(context);
  const services = servicesWithDependencies(session);
  const all: ActingSession = { ...session, services, areAll: false };
  const opened = services.map(({ name }) =>
    openLog(session.dir, name, session.host.clock)
  );
  const ends = new Map(opened.map((log) => [log.service, log.view().end]));
  const journal = followJournal(session.dir);
  const { code, wasExecuted } = await bringUp(
    interruptedBy(first, session),
    planned,
    { command: "up", goesOn: !flags.keep },
  );
  if (!wasExecuted) return code;
  const words = session.view.messages.up;
  if (code === EXIT.cancelled) {
    return flags.keep ? code : await stopAll(all, planned, second);
  }
  print(session, ["", flags.keep ? words.followingKept : words.following]);
  const log = { ...planned, follow: true, prefix: flags.prefix };
  await followAll(first, [
    (signal) => followLogs(all, opened, ends, { flags: log, signal }),
    (signal) => showJournal(all, journal, signal),
    (signal) => untilNothingRuns(all, signal),
  ]);
  if (!first.aborted && !context.terminal.isGone?.()) {
    print(session, ["", words.over]);
    return EXIT.failed;
  }
  if (!flags.keep) return await stopAll(all, planned, second);
  print(session, ["", words.kept]);
  return EXIT.ok;
}

/**
 * Listens to Ctrl-C, SIGTERM and the closing of the window without a gap, so
 * that none is missed and none counts twice.
 *
 * @returns Aborted by the first of them, and by the second.
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
  // Not while the first is still dispatched: it would count as the second, too.
  first.addEventListener("abort", () => queueMicrotask(listenAgain), {
    once: true,
  });
  return [first, second.signal];
}

/** Has the work of a session interrupted by a signal. */
function interruptedBy(
  signal: AbortSignal,
  session: ActingSession,
): ActingSession {
  const context = { ...session.context, interruptible: () => signal };
  return { ...session, context };
}

/** Stops the services; a second Ctrl-C kills them. */
async function stopAll(
  session: ActingSession,
  planned: PlanFlags,
  second: AbortSignal,
): Promise<number> {
  const words = session.view.messages.up;
  // Another program that took a port meanwhile is left alone, without a question.
  const flags: PlanFlags = { ...planned, force: false, onConflict: "fail" };
  print(session, ["", words.stopping]);
  const code = await bringDown(interruptedBy(second, session), flags, true);
  if (code !== EXIT.cancelled) return code;
  print(session, ["", words.forcing]);
  const services = session.services.map(killedAtOnce);
  return await bringDown({ ...session, services }, flags);
}

function killedAtOnce(service: Service): Service {
  return { ...service, stop: { signal: "SIGKILL", timeout: 0 } };
}

/** Does several things until one of them ends, or the signal is aborted. */
async function followAll(
  interrupted: AbortSignal,
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([interrupted, over.signal]);
  await Promise.all(
    works.map((work) => work(signal).finally(() => over.abort())),
  );
}

/** Waits until nothing runs any more, and nothing is to be started again. */
async function untilNothingRuns(
  session: ActingSession,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(session.host.clock, CHECK_INTERVAL, signal);
    if (signal.aborted) return;
    const { diagnoses } = await takeActingSnapshot(
      session,
      session.services,
      { isStart: true },
    );
    const isOver = diagnoses.every((diagnosis) =>
      !isOwn(diagnosis) && diagnosis.supervision?.dueAt === undefined &&
      diagnosis.state !== "unknown"
    );
    if (isOver) return;
  }
}

/** Shows what the supervisor does between the lines of the services. */
async function showJournal(
  session: ActingSession,
  next: ReturnType<typeof followJournal>,
  signal: AbortSignal,
): Promise<void> {
  // What this process did first is on the screen already.
  let shownAlready: number | undefined = Deno.pid;
  while (!signal.aborted) {
    const lines = await next();
    print(
      session,
      lines.filter(({ by }) => by !== shownAlready).map(({ text }) =>
        paint(`devsvc | ${printable(text)}`, "dim", session.view.style)
      ),
    );
    shownAlready = undefined;
    await pause(session.host.clock, JOURNAL_INTERVAL, signal);
  }
}
