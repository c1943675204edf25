/**
 * What is said while a service takes its time to be ready: once what it last
 * wrote, which may say why, as of a reloader whose program fails; and now and
 * then that it is still waited for.
 */

import type { Pending } from "../../core/events.ts";
import type { RunRecord, Service } from "../../core/model.ts";
import type { ActContext } from "../act_context.ts";
import { pause } from "../poll.ts";
import { QUOTED_LINES, readLastLines } from "./last_lines.ts";

/** When the log is looked at first, in milliseconds. */
const LOG_AFTER = 5_000;

/** How often an empty log is looked at again, in milliseconds. */
const LOG_INTERVAL = 1_000;

/** How often something is said after that, in milliseconds. */
const SAY_INTERVAL = 15_000;

/** A start that is waited for. */
export interface SlowStart {
  /** The service. */
  readonly service: Service;
  /** The run record of the run. */
  readonly record: RunRecord;
  /** What it lacks, once that is known. */
  readonly pending: () => Pending | undefined;
}

/** Says what a service does that is not ready, until it is disposed of. */
export function watchSlowStart(
  start: SlowStart,
  context: Pick<ActContext, "clock" | "dir" | "emit" | "signal">,
): AsyncDisposable {
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, context.signal]);
  const watched = watch(start, { ...context, signal });
  return {
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await watched;
    },
  };
}

async function watch(
  { service, record, pending }: SlowStart,
  context: Pick<ActContext, "clock" | "dir" | "emit" | "signal">,
): Promise<void> {
  const { clock, signal, emit } = context;
  const begun = clock.elapsed();
  const event = { service: service.name, limit: service.readyTimeout };
  let shown: readonly string[] = [];
  let said = 0;
  let rest = LOG_AFTER;
  while (true) {
    await pause(clock, rest, signal);
    if (signal.aborted) return;
    const { log, lines } = await readLastLines(
      service,
      record,
      QUOTED_LINES,
      context,
    );
    if (signal.aborted) return;
    const waited = clock.elapsed() - begun;
    // A start that fails shows the same lines.
    if (service.readyTimeout - waited < LOG_INTERVAL) return;
    if (hasNews(lines, shown)) {
      emit({ ...event, kind: "slow", log, lines });
      [shown, said] = [lines, waited];
    } else if (waited - said >= SAY_INTERVAL) {
      const lacking = pending();
      emit({
        ...event,
        kind: "still-waiting",
        waited,
        ...(lacking ? { pending: lacking } : {}),
      });
      said = waited;
    }
    rest = shown.length > 0 ? SAY_INTERVAL : LOG_INTERVAL;
  }
}

/**
 * Tells whether most of the lines were not shown yet; the same line at another
 * time, or with other numbers, was.
 */
function hasNews(
  lines: readonly string[],
  shown: readonly string[],
): boolean {
  const known = new Set(shown.map(withoutNumbers));
  const added = lines.filter((line) => !known.has(withoutNumbers(line)));
  return added.length * 2 > lines.length;
}

function withoutNumbers(line: string): string {
  return line.replaceAll(/\d+/g, "0");
}
