/** The last lines that a run wrote, as they are quoted. */

import type { RunRecord, Service } from "../../core/model.ts";
import { quotedText } from "../../core/line_text.ts";
import { tailLines } from "../log/tail.ts";
import { logOf } from "../state/state_dir.ts";
import type { ActContext } from "../act_context.ts";

/** How many lines are quoted: an error of Node, with its stack, has 16. */
export const QUOTED_LINES = 20;

/** The last lines of a run, and the log that they stand in. */
export interface LastLines {
  /** The log, absolute. */
  readonly log: string;
  /** The lines, the oldest first. */
  readonly lines: readonly string[];
}

/** Reads the last lines of a run. */
export async function readLastLines(
  service: Service,
  { logOffset }: Pick<RunRecord, "logOffset">,
  count: number,
  { dir }: Pick<ActContext, "dir">,
): Promise<LastLines> {
  const log = logOf(dir, service.name);
  const { lines } = await tailLines(dir.fs, log, count, logOffset);
  return { log, lines: lines.map(quotedText) };
}
