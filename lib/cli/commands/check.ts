/**
 * `devsvc check`: which ports are free, and who holds the others.
 *
 * @module
 */

import { checkReport, verdictOf } from "../../report/check_report.ts";
import type { CliContext, CommonFlags } from "../cli_context.ts";
import { EXIT } from "../exit_codes.ts";
import { look, print, queryProject } from "../session.ts";

/**
 * Runs `devsvc check`.
 *
 * @param names The services to look at; all if none is named.
 */
export function check(
  this: CliContext,
  flags: CommonFlags,
  ...names: readonly string[]
): Promise<void> {
  return queryProject(this, flags, names, async (session) => {
    const { diagnoses, world } = await look(session, session.services);
    const held = diagnoses.filter(({ service }) => service.port !== undefined);
    const verdicts = held.map(({ state }) => verdictOf(state));
    const code = verdicts.some((one) => one === "used" || one === "reserved")
      ? EXIT.failed
      : verdicts.includes("unknown")
      ? EXIT.unknown
      : EXIT.ok;
    if (session.json) {
      const { reportJson } = await import("../../report/json.ts");
      this.terminal.write(reportJson({ command: "check", code, diagnoses }));
    } else {
      print(session, await checkReport(diagnoses, session.view, world.now));
    }
    return code;
  });
}
