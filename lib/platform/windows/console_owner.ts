import type { ProcessTable } from "../../core/model.ts";
import { parentsOf } from "../../core/process_tree.ts";

/**
 * Whether a process was started by a double-click, so that its console window
 * closes with it: a program that the desktop (`explorer.exe`) starts gets a
 * window of its own. devsvc may have started itself again.
 *
 * By the table of processes, because `GetConsoleProcessList` would need the
 * permission `ffi`.
 */
export function ownsConsole(self: number, table: ProcessTable): boolean {
  const name = table.get(self)?.name;
  const parent = parentsOf(self, table).find((entry) => entry.name !== name);
  return parent?.name.toLowerCase() === "explorer.exe";
}
