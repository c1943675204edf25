/**
 * Notices soon that something answers on a port: a poll costs some 0.05 ms,
 * where the looks that prove who answers cost tools of the OS.
 *
 * @module
 */

import { pause } from "../poll.ts";
import { type CheckHost, isAnswered } from "./probes.ts";

/** The shortest pause between two poll, in milliseconds. */
const FIRST_PAUSE = 5;

/** The longest. */
const LAST_PAUSE = 250;

/** How late a service may be noticed, as a part of the time that it takes. */
const LATENESS = 0.03;

/** By how much a pause is longer than the poll before it, at the least. */
const PAUSE_PER_POLL = 8;

/** Somebody who poll until there is an answer. */
export interface PortPoll extends AsyncDisposable {
  /** Fires as soon as something answers. */
  readonly answered: AbortSignal;
}

/**
 * Knocks at a port of this machine until something answers.
 *
 * Who answers is not asked: an answer only says that a look is worth its cost.
 * A hundred that poll the same time slow each other down, and so pause for
 * longer.
 *
 * @returns Tells of the answer; poll until it is disposed of at the latest.
 */
export function pollPort(port: number, host: CheckHost): PortPoll {
  const answered = new AbortController();
  const end = new AbortController();
  const portPoll = pollUntilAnswered(port, host, answered, end.signal);
  return {
    answered: answered.signal,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await portPoll;
    },
  };
}

async function pollUntilAnswered(
  port: number,
  host: CheckHost,
  answered: AbortController,
  end: AbortSignal,
): Promise<void> {
  const { clock } = host;
  const begun = clock.elapsed();
  while (!end.aborted) {
    const at = clock.elapsed();
    if (await isAnswered(port, host, end)) {
      answered.abort();
      return;
    }
    const now = clock.elapsed();
    const rest = Math.max(
      FIRST_PAUSE,
      (now - at) * PAUSE_PER_POLL,
      (now - begun) * LATENESS,
    );
    await pause(clock, Math.min(rest, LAST_PAUSE), end);
  }
}
