/**
 * Runs the command of services.toml that asks a service to stop.
 *
 * @module
 */

import type { StopCommandFailure } from "../../core/events.ts";
import type { Exit } from "../../core/exit.ts";
import type {
  Command,
  Identity,
  RunRecord,
  Service,
} from "../../core/model.ts";
import type { SuspendedProcess } from "../../platform/platform.ts";
import type { Clock } from "../../platform/clock.ts";
import { pause } from "../poll.ts";
import type { ActContext } from "../act_context.ts";
import { configuredEnvironment } from "../service_environment.ts";
import { logOf } from "../state/state_dir.ts";

/** How long the OS may take to bury a command that was killed, in milliseconds. */
const REAP_TIMEOUT = 1_000;

/** Whom a stop command is about. */
export interface Asking {
  /** The service. */
  readonly service: Service;
  /** The run record of its run. */
  readonly record: RunRecord;
  /** Its main process, where its wrapper lives. */
  readonly main: Identity | undefined;
}

/** What became of a stop command. */
export type Asked =
  /** It did its work. */
  | "asked"
  /** It could not be run, or failed. */
  | "failed"
  /** It took all the time there was. */
  | "timeout"
  /** The user gave up. */
  | "cancelled";

/**
 * Runs a stop command and waits for its end.
 *
 * It goes the way of a service: it runs in the shell of the OS or as it is,
 * what it says is appended to the log, it has a session of its own. It carries
 * the run id, so that what it leaves behind counts as the service's
 * and ends with it, where the OS shows marks.
 *
 * @param timeout How long it may take, in milliseconds; then its group is
 * killed.
 * @returns What became of it; that it failed is told.
 */
export async function runStopCommand(
  command: Command,
  about: Asking,
  timeout: number,
  context: ActContext,
): Promise<Asked> {
  const { emit, platform, clock, signal } = context;
  const { name } = about.service;
  const fail = (failure: StopCommandFailure) =>
    emit({ kind: "stop-command-failed", service: name, failure });
  let suspended: SuspendedProcess | undefined;
  try {
    suspended = await platform.spawnSuspended({
      command,
      cwd: about.service.cwd,
      env: environmentOf(about),
      log: logOf(context.dir, name),
    });
    await suspended.resume();
  } catch (error) {
    await suspended?.discard();
    const reason = error instanceof Error ? error.message : String(error);
    fail({ kind: "spawn", reason });
    return "failed";
  }
  emit({ kind: "stop-command", service: name, pid: suspended.pid });
  const exit = await exitWithin(suspended, timeout, clock, signal);
  if (!exit) {
    await platform.signal(suspended, "SIGKILL", "group");
    await exitWithin(suspended, REAP_TIMEOUT, clock);
    if (signal.aborted) return "cancelled";
    fail({ kind: "timeout", waited: timeout });
    return "timeout";
  }
  if (exit.code === 0 && exit.signal === null) return "asked";
  fail({
    kind: "exited",
    ...(exit.signal === null ? { code: exit.code } : { signal: exit.signal }),
  });
  return "failed";
}

function environmentOf(
  { service, record, main }: Asking,
): Readonly<Record<string, string>> {
  return {
    ...configuredEnvironment(service),
    DEVSVC_RUN: record.run,
    DEVSVC_SERVICE: service.name,
    DEVSVC_PID: main ? String(main.pid) : "",
  };
}

async function exitWithin(
  { exited }: SuspendedProcess,
  timeout: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Exit | undefined> {
  let exit: Exit | undefined;
  const ended = new AbortController();
  exited.then((how) => {
    exit = how;
    ended.abort();
  });
  const ends = signal ? [ended.signal, signal] : [ended.signal];
  await pause(clock, timeout, AbortSignal.any(ends));
  return exit;
}
