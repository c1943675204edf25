/**
 * `devsvc status`: one line a service.
 *
 * @module
 */

import type { Diagnosis } from "../../core/model.ts";
import type { Snapshot } from "../../report/status_report.ts";
import { pause } from "../../runtime/poll.ts";
import type { CliContext, CommonFlags } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { look, print, queryProject, type Session } from "../session.ts";

/** The flags of `devsvc status`. */
export interface StatusFlags extends CommonFlags {
  /** Show it again and again, in place. */
  readonly watch: boolean;
}

/** How often it is shown again, in milliseconds. */
const WATCH_INTERVAL = 1_000;

/**
 * Runs `devsvc status`.
 *
 * @param names The services to show; all if none is named.
 */
export function status(
  this: CliContext,
  flags: StatusFlags,
  ...names: readonly string[]
): Promise<void> {
  return queryProject(
    this,
    flags,
    names,
    (session) => flags.watch ? watch(session) : showOnce(session),
  );
}

async function showOnce(session: Session): Promise<number> {
  const { diagnoses, world } = await look(session, session.services, {
    environment: true,
  });
  const code = codeOf(diagnoses);
  if (session.json) await writeJson(session, diagnoses);
  else {
    const { statusReport } = await import("../../report/status_report.ts");
    print(session, statusReport(diagnoses, session.view, world.now));
  }
  return code;
}

/** Ends with what it showed last, as if it had been asked once, then. */
async function watch(first: Session): Promise<number> {
  const { early: _, ...session } = first;
  const { terminal } = session.context;
  const { statusReport } = await import("../../report/status_report.ts");
  const { Frame } = await import("../terminal/frame.ts");
  const frame = new Frame(terminal);
  const signal = session.context.interruptible();
  let before: Snapshot | undefined;
  while (true) {
    const { diagnoses, world } = await look(session, session.services, {
      environment: true,
    });
    if (session.json) await writeJson(session, diagnoses);
    else {
      const { now } = world;
      const lines = statusReport(diagnoses, session.view, now, before);
      const { watching } = session.view.messages.status;
      if (terminal.isScreen) frame.draw([], [...lines, "", watching]);
      else print(session, [...lines, ""]);
      before = { now, diagnoses };
    }
    await pause(session.host.clock, WATCH_INTERVAL, signal);
    if (signal.aborted || terminal.isGone?.()) return codeOf(diagnoses);
  }
}

function codeOf(diagnoses: readonly Diagnosis[]): number {
  const isReady = diagnoses.every(({ state }) => state === "running");
  return isReady ? EXIT.ok : EXIT.failed;
}

async function writeJson(
  { context }: Session,
  diagnoses: readonly Diagnosis[],
): Promise<void> {
  const { reportJson } = await import("../../report/json.ts");
  const code = codeOf(diagnoses);
  context.terminal.write(reportJson({ command: "status", code, diagnoses }));
}
