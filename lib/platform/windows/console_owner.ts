import type { ProcessDetail, ProcessTable } from "../../core/model.ts";
import { parentsOf } from "../../core/process_tree.ts";

/**
 * Whether the console window closes with devsvc, as after a double-click: no
 * other program is in it but a `cmd /c`, which runs a batch file and then ends.
 * devsvc may have started itself again.
 *
 * @param members The processes of the console.
 * @param details Their command lines.
 */
export function ownsConsole(
  self: number,
  members: readonly number[],
  table: ProcessTable,
  details: ReadonlyMap<number, ProcessDetail>,
): boolean {
  const name = table.get(self)?.name;
  const own = new Set([self]);
  for (const parent of parentsOf(self, table)) {
    const runsOnce = /^cmd\.exe$/i.test(parent.name) &&
      details.get(parent.pid)?.args.some((word) => /^\/c$/i.test(word));
    if (parent.name !== name && !runsOnce) break;
    own.add(parent.pid);
  }
  return members.includes(self) && members.every((pid) => own.has(pid));
}
