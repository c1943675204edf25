/**
 * Whether a console window was opened for devsvc alone, by the table of
 * processes: `GetConsoleProcessList` would need the permission `ffi`.
 */

import type { ProcessTable } from "../../core/model.ts";
import { parentsOf } from "../../core/process_tree.ts";

/** The program of the desktop, its folders and the Start menu of Windows. */
const DESKTOP = "explorer.exe";

/**
 * Whether a process was started by a double-click, so that its console window
 * closes with it.
 *
 * A program that the desktop starts gets a window of its own, one that a shell
 * starts shares that of the shell. devsvc may have started itself again.
 *
 * @returns `false` where its parents are unknown.
 */
export function ownsConsole(self: number, table: ProcessTable): boolean {
  const name = table.get(self)?.name;
  const parent = parentsOf(self, table).find((entry) => entry.name !== name);
  return parent?.name.toLowerCase() === DESKTOP;
}
