/** A terminal for commands that a test calls in its own process. */

import type { Terminal } from "../../lib/cli/terminal/terminal.ts";

/**
 * Makes a terminal without a screen and a keyboard.
 *
 * @param write Takes what is written to either stream; by default it is dropped.
 */
export function silentTerminal(
  write: (text: string) => void = () => {},
): Terminal {
  return {
    write,
    writeError: write,
    readKeys: () => Promise.resolve(undefined),
    isInteractive: false,
    isScreen: false,
    style: { color: false, emoji: false },
    columns: () => 80,
    rows: () => 24,
  };
}
