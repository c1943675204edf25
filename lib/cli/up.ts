/**
 * `devsvc up`: the services in the foreground. What they write is shown; Ctrl-C
 * stops them all.
 *
 * @module
 */

import type { Service } from "../core/model.ts";
import { isOwn } from "../core/plan.ts";
import { paint } from "../report/style.ts";
import { pause } from "../runtime/clock.ts";
import { followJournal } from "../runtime/journal.ts";
import { openLog } from "../runtime/log_read.ts";
import type { ActFlags, CliContext } from "./context.ts";
import { EXIT } from "./exit.ts";
import { followLogs, type LogFlags } from "./logs.ts";
import {
  look,
  print,
  runInProject,
  servicesWithDependencies,
  type Session,
} from "./session.ts";
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
 * @param flags The flags.
 * @param names The services; all if none is named.
 */
export function up(
  this: CliContext,
  flags: UpFlags,
  ...names: readonly string[]
): Promise<void> {
  const acting: ActFlags = { ...flags, json: false, dryRun: false };
  return runInProject(this, acting, names, async (session) => {
    const services = servicesWithDependencies(session);
    const all: Session = { ...session, services };
    const opened = services.map(({ name }) => openLog(session.dir, name));
    const ends = new Map(opened.map((log) => [log.service, log.view().end]));
    const { code, hasActed } = await bringUp(session, acting, "up");
    if (!hasActed) return code;
    const words = session.view.messages.up;
    if (code === EXIT.cancelled) return await end(all, acting, flags);
    print(session, ["", flags.keep ? words.followingKept : words.following]);

    const asked = this.interruptible();
    const over = new AbortController();
    const signal = AbortSignal.any([asked, over.signal]);
    await Promise.all([
      followLogs(all, opened, ends, {
        flags: { ...acting, follow: true, prefix: flags.prefix },
        signal,
      }),
      showJournal(all, signal),
      untilOver(all, services, signal).then(() => over.abort()),
    ]);
    if (asked.aborted) return await end(all, acting, flags);
    print(session, ["", words.over]);
    return EXIT.failed;
  });
}

/** Ends on Ctrl-C: a second one no longer asks, it forces. */
async function end(
  session: Session,
  acting: ActFlags,
  { keep }: UpFlags,
): Promise<number> {
  const words = session.view.messages.up;
  if (keep) {
    print(session, ["", words.kept]);
    return EXIT.ok;
  }
  print(session, ["", words.stopping]);
  const code = await bringDown(session, acting);
  if (code !== EXIT.cancelled) return code;
  print(session, [words.forcing]);
  return await bringDown(
    { ...session, services: session.services.map(withoutAsking) },
    acting,
  );
}

function withoutAsking(service: Service): Service {
  return { ...service, stop: { signal: "SIGKILL", timeout: 0 } };
}

/** Waits until nothing runs any more, and nothing is to be started again. */
async function untilOver(
  session: Session,
  services: readonly Service[],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(LOOK_EVERY, signal);
    if (signal.aborted) return;
    const { diagnoses } = await look(session, services);
    const isOver = diagnoses.every((diagnosis) =>
      !isOwn(diagnosis) && diagnosis.supervision?.dueAt === undefined &&
      diagnosis.state !== "unknown"
    );
    if (isOver) return;
  }
}

/** What the keeper does stands between the lines of the services. */
async function showJournal(
  session: Session,
  signal: AbortSignal,
): Promise<void> {
  const next = followJournal(session.dir.journal);
  while (!signal.aborted) {
    await pause(JOURNAL_EVERY, signal);
    const lines = await next();
    print(
      session,
      lines.map((line) => paint(`devsvc | ${line}`, "dim", session.view.style)),
    );
  }
}
