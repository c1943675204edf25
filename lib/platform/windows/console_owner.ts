import type { ProcessTable } from "../../core/model.ts";
import { parentsOf } from "../../core/process_tree.ts";

/**
 * Whether the console window closes with devsvc, as after a double-click: no
 * other program is in it. devsvc may have started itself again.
 *
 * @param members The processes of the console.
 */
export function ownsConsole(
  self: number,
  members: readonly number[],
  table: ProcessTable,
): boolean {
  const name = table.get(self)?.name;
  const own = new Set([self]);
  for (const parent of parentsOf(self, table)) {
    if (parent.name !== name) break;
    own.add(parent.pid);
  }
  return members.includes(self) && members.every((pid) => own.has(pid));
}
