/** Reads `fuser PORT/tcp`. */

import { parsePid } from "./fields.ts";

/**
 * Reads what `fuser` printed on its standard output for one port.
 *
 * Labels and messages go to standard error (`man 1 fuser`), so that the ids of
 * several ports could not be distinguished.
 *
 * @returns The process ids; none where the output holds anything else.
 */
export function parseFuser(text: string): readonly number[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const pids = words.map(parsePid);
  return pids.every((pid) => pid !== undefined) ? [...new Set(pids)] : [];
}
