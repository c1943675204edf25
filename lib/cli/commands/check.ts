/** `devsvc check`: which ports are free, and who holds the others. */

import { checkReport, verdictOf } from "../../report/check_report.ts";
import type { CliContext } from "../cli_context.ts";
import {
  type Command,
  COMMON_DEFAULTS,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { queryProject, reportResult } from "../session.ts";
import { takeSnapshot } from "../snapshot.ts";

/** Defines `devsvc check`. */
export const check: Command = defineCommand<CommonFlags>({
  brief: {
    en: "Say which ports are free, and who holds the others",
    fr: "Dit quels ports sont libres, et qui tient les autres",
  },
  defaults: COMMON_DEFAULTS,
  parameters: (cli, services) => ({
    flags: commonFlags(cli),
    positional: serviceArguments(cli, services),
  }),
  action: checkPorts,
});

/** Runs `devsvc check`. */
function checkPorts(
  context: CliContext,
  flags: CommonFlags,
  names: readonly string[],
): Promise<number> {
  return queryProject(context, flags, names, async (session) => {
    const { services, view } = session;
    const { diagnoses, world } = await takeSnapshot(session, services);
    const verdicts = diagnoses
      .filter(({ service }) => service.port !== undefined)
      .map(({ state }) => verdictOf(state));
    const isHeld = verdicts.includes("used") || verdicts.includes("reserved");
    const code = isHeld
      ? EXIT.failed
      : verdicts.includes("unknown")
      ? EXIT.unknown
      : EXIT.ok;
    return await reportResult(session, {
      command: "check",
      code,
      diagnoses,
      text: () => checkReport(diagnoses, view, world.now),
    });
  });
}
