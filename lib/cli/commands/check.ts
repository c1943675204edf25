/** `devsvc check`: which ports are free, and who holds the others. */

import { checkReport, verdictOf } from "../../report/check_report.ts";
import {
  type Command,
  COMMON_DEFAULTS,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import { EXIT } from "../exit_codes.ts";
import { queryInProject, reportResult, type Session } from "../session.ts";
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
  action: queryInProject(checkPorts),
});

async function checkPorts(session: Session): Promise<number> {
  const { services, view } = session;
  const { diagnoses, world } = await takeSnapshot(session, services);
  const verdicts = diagnoses
    .filter(({ service }) => service.port !== undefined)
    .map(verdictOf);
  const isHeld = verdicts.some((verdict) =>
    verdict === "used" || verdict === "closing" || verdict === "reserved"
  );
  // Nobody knows what a service is whose run record cannot be read.
  const isUnknown = verdicts.includes("unknown") ||
    diagnoses.some(({ state, unreadable }) =>
      unreadable && state === "unknown"
    );
  return await reportResult(session, {
    command: "check",
    code: isHeld ? EXIT.failed : isUnknown ? EXIT.unknown : EXIT.ok,
    diagnoses,
    text: () => checkReport(diagnoses, view, world.now),
  });
}
