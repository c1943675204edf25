/** The internal commands: only programs call them. */

import { SUPERVISOR_COMMAND } from "../runtime/self_program.ts";
import type { CliContext } from "./cli_context.ts";
import { EXIT } from "./exit_codes.ts";

/** Asks what could be typed next: the scripts of `completions` call it. */
const COMPLETE_COMMAND = "__complete";

/** Only the supervisor needs these. */
const loadSupervisor = () =>
  Promise.all([
    import("../platform/current.ts"),
    import("../platform/host.ts"),
    import("../runtime/supervisor/supervisor.ts"),
  ]);

/**
 * Runs an internal command.
 *
 * @returns The exit code; `undefined` where there is no such command.
 */
export async function runInternal(
  [command, ...words]: readonly string[],
  interruptible: () => AbortSignal,
  open: () => Promise<CliContext>,
): Promise<number | undefined> {
  switch (command) {
    case SUPERVISOR_COMMAND: {
      const [{ currentPlatform }, { systemHost }, { superviseProject }] =
        await loadSupervisor();
      const host = systemHost(await currentPlatform());
      await superviseProject({
        file: words[0] ?? "",
        host,
        signal: interruptible(),
      });
      return EXIT.ok;
    }
    case COMPLETE_COMMAND: {
      const { complete } = await import("./commands/complete.ts");
      await complete(await open(), words);
      return EXIT.ok;
    }
    default:
      return undefined;
  }
}
