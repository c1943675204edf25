/**
 * `devsvc status`: one line a service.
 *
 * @module
 */

import type { CliContext, CommonFlags } from "./context.ts";
import { EXIT } from "./exit.ts";
import { look, lookInProject, print } from "./session.ts";

/**
 * Runs `devsvc status`.
 *
 * @param flags The flags.
 * @param names The services to show; all if none is named.
 */
export function status(
  this: CliContext,
  flags: CommonFlags,
  ...names: readonly string[]
): Promise<void> {
  return lookInProject(this, flags, names, async (session) => {
    const { diagnoses, world } = await look(session, session.services);
    const isReady = diagnoses.every(({ state }) => state === "running");
    const code = isReady ? EXIT.ok : EXIT.failed;
    if (session.json) {
      const { reportJson } = await import("../report/json.ts");
      this.terminal.write(reportJson({ command: "status", code, diagnoses }));
    } else {
      const { statusReport } = await import("../report/status.ts");
      print(session, statusReport(diagnoses, session.view, world.now));
    }
    return code;
  });
}
