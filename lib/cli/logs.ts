/**
 * `devsvc logs`: what the services wrote, each line with the name of its
 * service.
 *
 * @module
 */

import type { Service } from "../core/model.ts";
import { paint, SERVICE_COLORS } from "../report/style.ts";
import { pause, READY_CADENCE } from "../runtime/clock.ts";
import { logOf } from "../runtime/state_dir.ts";
import { followLines, tailLines } from "../runtime/tail.ts";
import type { CliContext, CommonFlags } from "./context.ts";
import { EXIT } from "./exit.ts";
import { runInProject, type Session } from "./session.ts";

/** The flags of `devsvc logs`. */
export interface LogFlags extends CommonFlags {
  /** Go on showing what is written. */
  readonly follow: boolean;
  /** How many lines of each service to show first. */
  readonly lines: number;
  /** Show only lines that match. */
  readonly grep?: RegExp;
}

/**
 * Runs `devsvc logs`.
 *
 * @param flags The flags.
 * @param names The services whose logs are shown; all if none is named.
 */
export function logs(
  this: CliContext,
  flags: LogFlags,
  ...names: readonly string[]
): Promise<void> {
  return runInProject(this, flags, names, async (session) => {
    const write = writerOf(session, flags);
    const ends = new Map<string, number>();
    let count = 0;
    for (const service of session.services) {
      const file = logOf(session.dir, service.name);
      const tail = await tailLines(file, flags.lines);
      ends.set(service.name, tail.end);
      count += tail.end;
      write(service, tail.lines);
    }
    if (flags.follow) await follow(session, ends, write);
    else if (count === 0) {
      this.terminal.writeError(`${session.view.messages.logs.none}\n`);
    }
    return EXIT.ok;
  });
}

type Write = (service: Service, lines: readonly string[]) => void;

function writerOf(session: Session, flags: LogFlags): Write {
  const { context, project, view } = session;
  const width = Math.max(...session.services.map(({ name }) => name.length));
  return (service, lines) => {
    const color = SERVICE_COLORS[
      project.services.indexOf(service) % SERVICE_COLORS.length
    ] ?? 0;
    const prefix = paint(`${service.name.padEnd(width)} |`, color, view.style);
    const shown = lines.filter((line) => flags.grep?.test(line) ?? true)
      .map((line) =>
        flags.json
          ? JSON.stringify({ version: 1, service: service.name, line })
          : `${prefix} ${line}`
      );
    if (shown.length > 0) context.terminal.write(shown.join("\n") + "\n");
  };
}

async function follow(
  session: Session,
  ends: ReadonlyMap<string, number>,
  write: Write,
): Promise<void> {
  const signal = session.context.interruptible();
  await Promise.all(session.services.map(async (service) => {
    const file = logOf(session.dir, service.name);
    const reader = followLines(file, ends.get(service.name) ?? 0);
    while (!signal.aborted) {
      write(service, await reader.next());
      await pause(READY_CADENCE.last / 2, signal);
    }
    write(service, reader.rest());
  }));
}
