/**
 * Where a process that devsvc did not start is to be stopped: at the root of
 * its service, so that a supervisor does not bring it back.
 *
 * @module
 */

import type {
  ProcessDetail,
  ProcessEntry,
  ProcessTable,
  World,
} from "./model.ts";
import { isWithin } from "./path.ts";
import { isProtected } from "./protect.ts";
import { parentsOf } from "./process_tree.ts";

/** Where somebody sits: what they run belongs to them, not to the service. */
const INTERACTIVE_PROGRAMS: ReadonlySet<string> = new Set([
  "alacritty",
  "bash",
  "cmd",
  "code",
  "code-insiders",
  "conhost",
  "cursor",
  "dash",
  "deno",
  "devsvc",
  "fish",
  "gnome-terminal-",
  "idea",
  "idea64",
  "iterm2",
  "kitty",
  "konsole",
  "login",
  "openconsole",
  "powershell",
  "pwsh",
  "pycharm",
  "pycharm64",
  "screen",
  "sh",
  "ssh",
  "su",
  "sudo",
  "terminal",
  "tmux",
  "tmux: client",
  "tmux: server",
  "webstorm64",
  "wezterm-gui",
  "windowsterminal",
  "xterm",
  "zsh",
]);

/**
 * Climbs from the holder of a port to the root of its service.
 *
 * A parent is part of the service when it works in a folder of the project and
 * is not where somebody sits; a shell is crossed only when it was started to
 * run one command (`sh -c`). An editor or a terminal that no list knows gives
 * what it runs a process group of its own, so that the climb stays in one.
 *
 * @param details Details of the parents; one without them ends the climb.
 * @returns The root; the holder itself where no parent belongs to the service.
 */
export function rootOf(
  holder: ProcessEntry,
  table: ProcessTable,
  details: ReadonlyMap<number, ProcessDetail>,
  world: Pick<World, "root" | "self">,
): ProcessEntry {
  let root = holder;
  for (const parent of parentsOf(holder.pid, table)) {
    const detail = details.get(parent.pid);
    const belongs = parent.group === holder.group &&
      !isProtected(parent, world.self, table) &&
      detail?.cwd !== undefined && isWithin(world.root, detail.cwd) &&
      !isInteractive(parent, detail);
    if (!belongs) break;
    root = parent;
  }
  return root;
}

function isInteractive(entry: ProcessEntry, detail: ProcessDetail): boolean {
  const name = entry.name.replace(/^-/, "").replace(/\.exe$/i, "")
    .toLowerCase();
  // `bash -lc`, `cmd /d /s /c`: flags come before the one that runs a command.
  const runsCommand = detail.args.slice(1, 5)
    .some((word) => /^(-[a-z]*c|\/c)$/i.test(word));
  return INTERACTIVE_PROGRAMS.has(name) && !runsCommand;
}
