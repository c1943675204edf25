/**
 * Reads `fuser PORT/tcp`.
 *
 * @module
 */

import { parsePid } from "./fields.ts";

/**
 * Reads what `fuser` printed on its standard output for one port.
 *
 * The label and the complaints go to the standard error; with more than one
 * port the ids come without saying which port (ports.md, C.7).
 *
 * @returns The process ids; none where the output holds anything else.
 */
export function parseFuser(text: string): readonly number[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const pids = words.map(parsePid);
  return pids.every((pid) => pid !== undefined) ? [...new Set(pids)] : [];
}
