/** `devsvc status`: one line a service. */

import type { Diagnosis, World } from "../../core/model.ts";
import { isUp } from "../../core/ownership.ts";
import { diagnoseRemoved } from "../../core/removed_services.ts";
import { type ShownStatus, statusReport } from "../../report/status_report.ts";
import {
  type Command,
  COMMON_DEFAULTS,
  type CommonFlags,
  commonFlags,
  defineCommand,
  serviceArguments,
} from "../command.ts";
import type { ObserveOptions } from "../../runtime/observe.ts";
import { searchesEveryRun } from "../early_queries.ts";
import { EXIT } from "../exit_codes.ts";
import { queryInProject, reportResult, type Session } from "../session.ts";
import { readActions } from "../../runtime/state/actions_file.ts";
import { type Snapshot, takeSnapshot } from "../snapshot.ts";

/** The flags of `devsvc status`. */
interface StatusFlags extends CommonFlags {
  /** Show it again and again, in place. */
  readonly watch: boolean;
}

/** Only `--watch` needs these. */
const load = () =>
  Promise.all([
    import("../terminal/frame.ts"),
    import("../../runtime/poll.ts"),
  ]);

/** How often `--watch` shows the services again, in milliseconds. */
const WATCH_INTERVAL = 1_000;

const DEFAULTS: StatusFlags = { ...COMMON_DEFAULTS, watch: false };

/** Defines `devsvc status`. */
export const status: Command = defineCommand<StatusFlags>({
  brief: {
    en: "Show each service: state, port, process, uptime, URL",
    fr: "Montre chaque service : état, port, processus, durée, URL",
  },
  defaults: DEFAULTS,
  parameters: (cli, services) => ({
    flags: {
      ...commonFlags(cli),
      watch: { kind: "boolean", brief: cli.watch, default: DEFAULTS.watch },
    },
    positional: serviceArguments(cli, services),
  }),
  action: queryInProject(
    (session, { watch }) => watch ? showAgain(session) : showOnce(session),
    {
      toleratesMistakes: true,
    },
  ),
});

/** Also what the environment of the services and the run records do not say. */
function optionsIn({ dir }: Session): ObserveOptions {
  return { environment: "all", everyRun: searchesEveryRun(dir) };
}

/** Finds what runs, but is not in services.toml any more. */
function removedOf(
  { project, areAll }: Session,
  world: World,
): readonly Diagnosis[] {
  return areAll ? diagnoseRemoved(project, world) : [];
}

/** Takes a snapshot, in which a command at work is no crash. */
async function lookAt(session: Session): Promise<Snapshot> {
  const before = readActions(session.dir);
  const options = optionsIn(session);
  const snapshot = await takeSnapshot(session, session.services, options);
  if (snapshot.diagnoses.every(isUp)) return snapshot;
  const { withCommandAtWork } = await import("../command_at_work.ts");
  const diagnoses = await withCommandAtWork(session, snapshot, before);
  return { ...snapshot, diagnoses };
}

async function showOnce(session: Session): Promise<number> {
  const { view } = session;
  const { diagnoses, world } = await lookAt(session);
  const removed = removedOf(session, world);
  return await reportResult(session, {
    command: "status",
    code: codeOf(diagnoses),
    diagnoses,
    removed,
    text: () =>
      isNothingKnown(diagnoses, removed)
        ? [view.messages.outcome.stillRunning([])]
        : statusReport(diagnoses, view, world.now, { removed }),
  });
}

/** Ends with the exit code of what it showed last. */
async function showAgain({ early: _, ...session }: Session): Promise<number> {
  const { context, view, json, host } = session;
  const { terminal } = context;
  const [{ Frame }, { pause }] = await load();
  const frame = new Frame(terminal);
  const signal = context.interruptible();
  let before: ShownStatus | undefined;
  while (true) {
    const { diagnoses, world } = await lookAt(session);
    const { now } = world;
    const removed = removedOf(session, world);
    const code = codeOf(diagnoses);
    const lines = statusReport(diagnoses, view, now, { before, removed });
    if (terminal.isScreen && !json) {
      frame.draw([], [...lines, "", view.messages.status.watching]);
    } else {
      await reportResult(session, {
        command: "status",
        code,
        diagnoses,
        removed,
        text: () => [...lines, ""],
      });
    }
    before = { now, diagnoses };
    await pause(host.clock, WATCH_INTERVAL, signal);
    if (signal.aborted || terminal.isGone?.()) return code;
  }
}

/** services.toml names no service, since it cannot be read, and none runs. */
function isNothingKnown(
  ...diagnoses: readonly (readonly Diagnosis[])[]
): boolean {
  return diagnoses.every(({ length }) => length === 0);
}

function codeOf(diagnoses: readonly Diagnosis[]): number {
  if (isNothingKnown(diagnoses)) return EXIT.failed;
  const lacking = diagnoses.filter((diagnosis) => !isUp(diagnosis));
  if (lacking.length === 0) return EXIT.ok;
  const isKnown = lacking.some(({ state }) => state !== "unknown");
  return isKnown ? EXIT.failed : EXIT.unknown;
}
