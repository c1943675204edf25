/** Runs the command of services.toml that asks a service to stop. */

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
import { runEnvironment } from "../service_environment.ts";
import { logOf, requireOwnLog } from "../state/state_dir.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** How long the OS may take to reap a killed command, in milliseconds. */
const REAP_TIMEOUT = 1_000;

/** The run that a stop command is to stop. */
export interface StoppedRun {
  /** The service. */
  readonly service: Service;
  /** The run record of its run. */
  readonly record: RunRecord;
  /** Its main process, while its wrapper is alive. */
  readonly main: Identity | undefined;
}

/** The result of a stop command. */
export type StopCommandResult =
  /** It ended with exit code 0. */
  | "done"
  /** It could not be run, or failed. */
  | "failed"
  /** It was killed at its timeout. */
  | "timeout"
  /** The user interrupted. */
  | "cancelled";

/**
 * Runs a stop command and waits for its end; a failure is emitted.
 *
 * It is started like a service: in a session of its own, with its output in the
 * log of the service. It carries the run id, so that the processes that it
 * leaves behind end with the service.
 *
 * @param timeout In milliseconds; then its group is killed.
 */
export async function runStopCommand(
  command: Command,
  run: StoppedRun,
  timeout: number,
  context: ActContext,
): Promise<StopCommandResult> {
  const { emit, platform, clock, signal } = context;
  const { name } = run.service;
  const fail = (failure: StopCommandFailure) =>
    emit({ kind: "stop-command-failed", service: name, failure });
  let suspended: SuspendedProcess | undefined;
  try {
    suspended = await platform.spawnSuspended({
      command,
      cwd: run.service.cwd,
      env: environmentOf(run, context),
      ...usableLog(context, name),
    });
    await suspended.resume();
  } catch (error) {
    await suspended?.discard();
    const reason = reasonOf(error);
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
  if (exit.code === 0 && exit.signal === null) return "done";
  fail({
    kind: "exited",
    ...(exit.signal === null ? { code: exit.code } : { signal: exit.signal }),
  });
  return "failed";
}

/** A stop needs no log: without one, what the command prints is dropped. */
function usableLog(
  { dir }: ActContext,
  service: string,
): { readonly log?: string } {
  if (dir.origin().kind !== "own") return {};
  try {
    requireOwnLog(dir, service);
    return { log: logOf(dir, service) };
  } catch {
    return {};
  }
}

function environmentOf(
  { service, record, main }: StoppedRun,
  context: ActContext,
): Readonly<Record<string, string>> {
  return {
    ...runEnvironment(service, record, context),
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
