/**
 * Whether a console window was opened for devsvc alone, read from the table of
 * processes: asking the console itself (`GetConsoleProcessList`) would need the
 * permission to call any code, `ffi`.
 *
 * @module
 */

import type { ProcessTable } from "../../core/model.ts";
import { parentsOf } from "../../core/process_tree.ts";

/** The program behind the desktop, its folders and the Start menu of Windows. */
const DESKTOP = "explorer.exe";

/**
 * Tells whether a process of Windows was started by a double-click, so that its
 * console window closes with it.
 *
 * A program that the desktop starts gets a window of its own; one that a shell
 * starts gets that of the shell. devsvc may have started itself again.
 *
 * @returns Whether it is so; false where its parents cannot be seen.
 */
export function ownsConsole(self: number, table: ProcessTable): boolean {
  const name = table.get(self)?.name;
  const starter = parentsOf(self, table)
    .find((parent) => parent.name !== name);
  return starter?.name.toLowerCase() === DESKTOP;
}
