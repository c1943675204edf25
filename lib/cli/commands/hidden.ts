/**
 * The commands that only programs call.
 *
 * @module
 */

import { SUPERVISOR_COMMAND } from "../../runtime/self_program.ts";
import { EXIT } from "../exit_codes.ts";
import type { CliContext } from "../cli_context.ts";

/** Asks for what could be typed next; the scripts of `completions` say it. */
const COMPLETE = "__complete";

/**
 * Runs a hidden command.
 *
 * @returns The exit code; `undefined` where there is no such command.
 */
export async function runHidden(
  [command, ...words]: readonly string[],
  interruptible: () => AbortSignal,
  open: () => Promise<CliContext>,
): Promise<number | undefined> {
  switch (command) {
    case SUPERVISOR_COMMAND: {
      const { runSupervisor } = await import("./supervise.ts");
      return await runSupervisor(words[0] ?? "", interruptible());
    }
    case COMPLETE: {
      const { complete } = await import("./complete.ts");
      await complete(await open(), words);
      return EXIT.ok;
    }
    default:
      return undefined;
  }
}
