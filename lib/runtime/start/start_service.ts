/** Starting one service, and the proof that it is ready. */

import { configHash } from "../../config/config_hash.ts";
import type { Pending, StartFailure } from "../../core/events.ts";
import { isProvable, type RunRecord, type Service } from "../../core/model.ts";
import { mainOf, treeOf } from "../../core/process_tree.ts";
import type { Exit } from "../../core/exit.ts";
import type { SuspendedProcess } from "../../platform/platform.ts";
import type { ActContext } from "../act_context.ts";
import { runEnvironment } from "../service_environment.ts";
import { untilPortClosed } from "../port_closing.ts";
import { READY_BACKOFF, waitFor } from "../poll.ts";
import {
  exitFileOf,
  readEnding,
  replaceRunRecord,
  RUN_RECORD_VERSION,
  writeReady,
} from "../state/run_record.ts";
import { beginRun } from "../log/rotation.ts";
import type { LastLines } from "./last_lines.ts";
import { logOf, requireOwnLog } from "../state/state_dir.ts";
import { reasonOf } from "../../core/reason_of.ts";

/**
 * How long a service without port and check must run to be started, in
 * milliseconds: a command that is not found runs for some, too.
 */
const SETTLE_TIME = 500;

/** One start of a service. */
export interface Attempt {
  /** The service. */
  readonly service: Service;
  /** The run record of the run. */
  readonly record: RunRecord;
  /** When it began, by `context.clock.elapsed()`. */
  readonly begun: number;
  /** When its command was resumed, by the same clock. */
  readonly resumed: number;
  /** Its process, where this devsvc started it. */
  readonly suspended?: SuspendedProcess;
}

/** What a restarted run takes over from the one before. */
export interface Inherited {
  /** How often in a row it was restarted, this time included. */
  readonly restarts: number;
  /** The environment that the earlier run was started with, where known. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Starts a service and waits until it is proven ready.
 *
 * @returns Why it is not ready, or `undefined` if it is.
 */
export async function startService(
  service: Service,
  context: ActContext,
): Promise<StartFailure | undefined> {
  await untilPortClosed(service, context);
  const launched = await launchService(service, context);
  return "kind" in launched ? launched : await untilReady(launched, context);
}

/**
 * Starts a service and does not wait.
 *
 * Its process waits at a start barrier until the run record is on the disk: if
 * devsvc is killed, either nothing runs or the next command finds it.
 */
export async function launchService(
  service: Service,
  context: ActContext,
  inherited?: Inherited,
): Promise<Attempt | StartFailure> {
  const { dir, emit, signal } = context;
  if (signal.aborted) return fail(service, { kind: "cancelled" }, context);
  emit({ kind: "starting", service: service.name });
  const begun = context.clock.elapsed();
  const run = crypto.randomUUID();
  let suspended: SuspendedProcess | undefined;
  let record: RunRecord;
  let resumed: number;
  try {
    const logOffset = await beginRun(dir, service, context.clock);
    requireOwnLog(dir, service.name);
    suspended = await context.platform.spawnSuspended({
      command: service.command,
      cwd: service.cwd,
      ...(inherited?.env ? { baseEnv: inherited.env } : {}),
      env: runEnvironment(service, { run }, context),
      log: logOf(dir, service.name),
      exitFile: exitFileOf(dir, { service: service.name, run }),
    });
    const start = { run, suspended, logOffset, restarts: inherited?.restarts };
    record = await createRunRecord(service, start, context);
    await suspended.resume();
    resumed = context.clock.elapsed();
  } catch (error) {
    await suspended?.discard();
    const reason = reasonOf(error);
    return fail(service, { kind: "spawn", reason }, context);
  }
  emit({ kind: "spawned", service: service.name, pid: suspended.pid });
  return { service, record, begun, resumed, suspended };
}

/**
 * Waits for a service that an earlier devsvc started and did not prove ready.
 *
 * @returns Why it is not ready, or `undefined` if it is.
 */
export function awaitService(
  service: Service,
  record: RunRecord,
  context: ActContext,
): Promise<StartFailure | undefined> {
  context.emit({ kind: "starting", service: service.name });
  const begun = context.clock.elapsed();
  return untilReady({ service, record, begun, resumed: begun }, context);
}

async function createRunRecord(
  service: Service,
  start: {
    readonly run: string;
    readonly suspended: SuspendedProcess;
    readonly logOffset: number;
    readonly restarts: number | undefined;
  },
  context: ActContext,
): Promise<RunRecord> {
  const { pidNamespace } = start.suspended;
  const record: RunRecord = {
    version: RUN_RECORD_VERSION,
    service: service.name,
    run: start.run,
    pid: start.suspended.pid,
    start: start.suspended.start,
    ...(pidNamespace === undefined ? {} : { pidNamespace }),
    ...(service.port === undefined ? {} : { port: service.port }),
    command: service.command,
    configHash: await configHash(service, context.sha256),
    startedAt: new Date(context.clock.now()).toISOString(),
    logOffset: start.logOffset,
    ...(start.restarts === undefined ? {} : { restarts: start.restarts }),
  };
  replaceRunRecord(context.dir, record);
  return record;
}

/**
 * Waits until a started service is proven ready.
 *
 * @returns Why it is not ready, or `undefined` if it is.
 */
export async function untilReady(
  attempt: Attempt,
  context: ActContext,
): Promise<StartFailure | undefined> {
  const { service, record } = attempt;
  let exit: Exit | undefined;
  const ended = new AbortController();
  attempt.suspended?.exited.then((how) => {
    exit = how;
    ended.abort();
  });
  let pending: Pending | undefined;
  let main: number | undefined;
  // Loaded while the service is starting.
  const [{ readinessCheck }, { pollPort }, { watchSlowStart }] = await Promise
    .all([
      import("./readiness.ts"),
      import("./probes.ts"),
      import("./slow_start.ts"),
    ]);
  // The end of the service also ends an attempt that waits for its answer.
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const tell = (lacking: Pending) => {
    pending = lacking;
    context.emit({ kind: "waiting", service: service.name, pending });
  };
  let last: Pending | undefined;
  const check = readinessCheck(
    service,
    record,
    { ...context, signal },
    (check) => {
      // What a check answered last says more than that it is asked again.
      if (last?.kind === "check") return;
      tell({ kind: "check", check, detail: "no answer" });
    },
  );
  await using _slow = watchSlowStart(
    { service, record, pending: () => pending },
    { ...context, signal },
  );
  await using portPoll = service.port === undefined
    ? undefined
    : pollPort(service.port, context);
  const waited = await waitFor<StartFailure | "ready">(
    context.clock,
    async () => {
      if (exit) return await exitFailure(attempt, exit, context);
      const readiness = await check();
      if (readiness.kind === "gone") {
        return await exitFailure(attempt, exit, context);
      }
      if (readiness.kind === "ready") {
        main = readiness.pid;
        return isSettled(attempt, context) ? "ready" : undefined;
      }
      last = readiness.pending;
      tell(last);
      return undefined;
    },
    {
      timeout: service.readyTimeout,
      backoff: READY_BACKOFF,
      signal: context.signal,
      wakes: [ended.signal, ...(portPoll ? [portPoll.answered] : [])],
    },
  );
  if (waited.kind === "done" && waited.value === "ready") {
    const at = new Date(context.clock.now());
    const pid = main ?? await mainPidOf(record, context);
    const write = () => writeReady(context.dir, record, { at, main: pid });
    try {
      await (context.exclusively?.(write) ?? write());
    } catch (error) {
      // The disk is full: it is ready all the same.
      const reason = reasonOf(error);
      context.emit({ kind: "record-failed", service: service.name, reason });
    }
    const elapsed = context.clock.elapsed() - attempt.begun;
    const kind = isProvable(service) ? "ready" : "started";
    context.emit({ kind, service: service.name, pid, elapsed });
    return undefined;
  }
  if (waited.kind === "done" && waited.value !== "ready") {
    return fail(service, waited.value, context);
  }
  if (waited.kind === "aborted") {
    return fail(service, { kind: "cancelled" }, context);
  }
  const failure = await timeoutFailure(attempt, pending, context);
  return fail(service, failure, context);
}

async function mainPidOf(
  record: RunRecord,
  { platform }: ActContext,
): Promise<number> {
  const table = await platform.processTable();
  const tree = table.ok ? treeOf(record, [], table.value) : [];
  return mainOf(tree, record)?.pid ?? record.pid;
}

function isSettled(
  { service, resumed }: Attempt,
  { clock }: ActContext,
): boolean {
  if (isProvable(service)) return true;
  const age = clock.elapsed() - resumed;
  return age >= Math.min(SETTLE_TIME, service.readyTimeout / 2);
}

function fail(
  service: Service,
  failure: StartFailure,
  context: ActContext,
): StartFailure {
  context.emit({ kind: "failed", service: service.name, failure });
  return failure;
}

async function exitFailure(
  attempt: Attempt,
  exit: Exit | undefined,
  context: ActContext,
): Promise<StartFailure> {
  // Processes that its wrapper left behind may hold the port.
  const { sweepTree } = await import("../stop/stop_service.ts");
  const swept = await sweepTree(attempt.service, attempt.record, context);
  const how = exit ?? readEnding(context.dir, attempt.record);
  const last = await lastWords(attempt, context);
  const { explainExit } = await import("./exit_hint.ts");
  const hint = how
    ? await explainExit(attempt, how, last.lines, swept, context)
    : undefined;
  return {
    kind: "exited",
    ...(how && how.signal === null ? { code: how.code } : {}),
    ...(how?.signal ? { signal: how.signal } : {}),
    ...last,
    ...(swept.ended.length > 0 ? { ended: swept.ended } : {}),
    ...(hint ? { hint } : {}),
  };
}

async function timeoutFailure(
  attempt: Attempt,
  pending: Pending | undefined,
  context: ActContext,
): Promise<StartFailure> {
  return {
    kind: "timeout",
    waited: attempt.service.readyTimeout,
    pending: pending ?? { kind: "lookup", reason: "" },
    ...await lastWords(attempt, context),
  };
}

async function lastWords(
  { service, record }: Attempt,
  context: ActContext,
): Promise<LastLines> {
  const { QUOTED_LINES, readLastLines } = await import("./last_lines.ts");
  return await readLastLines(service, record, QUOTED_LINES, context);
}
