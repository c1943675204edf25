/**
 * `devsvc check`: which ports are free, and who holds the others.
 *
 * @module
 */

import {
  type Command,
  COMMON_DEFAULTS,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";

/** Defines `devsvc check`. */
export const check: Command = defineCommand<CommonFlags>({
  defaults: COMMON_DEFAULTS,
  parameters: (cli, services) => ({
    flags: commonFlags(cli),
    positional: serviceArguments(cli, services),
  }),
  load: async () => {
    const [
      { queryProject },
      { takeSnapshot },
      { reportResult },
      { checkReport, verdictOf },
    ] = await Promise.all([
      import("../session.ts"),
      import("../snapshot.ts"),
      import("../report_result.ts"),
      import("../../report/check_report.ts"),
    ]);
    return (context, flags, names) =>
      queryProject(context, flags, names, async (session) => {
        const { services, view } = session;
        const { diagnoses, world } = await takeSnapshot(session, services);
        const verdicts = diagnoses
          .filter(({ service }) => service.port !== undefined)
          .map(({ state }) => verdictOf(state));
        const isHeld = verdicts.includes("used") ||
          verdicts.includes("reserved");
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
  },
});
