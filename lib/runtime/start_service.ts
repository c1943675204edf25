/**
 * Starting one service, and the proof that it is ready.
 *
 * @module
 */

import { readEnvFile } from "../config/env_file.ts";
import { configHash } from "../config/hash.ts";
import type { Pending, StartFailure } from "../core/events.ts";
import type { Lease, Service } from "../core/model.ts";
import type { Exit, Gated } from "../platform/platform.ts";
import type { ActContext } from "./context.ts";
import { READY_CADENCE, waitFor } from "./clock.ts";
import { LEASE_VERSION, removeLease, writeLease } from "./lease.ts";
import { beginRun } from "./log_rotation.ts";
import { provePending } from "./ready.ts";
import { logOf } from "./state_dir.ts";
import { sweepTree } from "./stop_service.ts";
import { tailLines } from "./tail.ts";

/** How many lines of the log are shown when a service fails. */
export const FAILURE_LINES = 20;

/**
 * How long a service that has neither port nor check must live to be ready, in
 * milliseconds: a command that is not found lives for some, too.
 */
const SETTLE_TIME = 500;

/**
 * Starts a service and waits until it is proven ready.
 *
 * Its process waits at a gate until the lease is on the disk: whenever devsvc
 * is killed, either nothing runs or the next command finds it.
 *
 * @param service The service.
 * @param context What acting needs to know.
 * @returns Why it is not ready, or `undefined` if it is.
 */
export async function startService(
  service: Service,
  context: ActContext,
): Promise<StartFailure | undefined> {
  const { dir, emit, signal } = context;
  if (signal.aborted) return fail(service, { kind: "cancelled" }, context);
  emit({ kind: "starting", service: service.name });
  const begun = performance.now();
  const run = crypto.randomUUID();
  let gated: Gated | undefined;
  let lease: Lease;
  try {
    const logOffset = await beginRun(dir, service);
    gated = await context.platform.spawnDetached({
      command: service.command,
      cwd: service.cwd,
      env: await environmentOf(service, run),
      log: logOf(dir, service.name),
    });
    lease = await takeLease(service, { run, gated, logOffset }, context);
    await gated.open();
  } catch (error) {
    await gated?.abandon();
    const reason = error instanceof Error ? error.message : String(error);
    return fail(service, { kind: "spawn", reason }, context);
  }
  emit({ kind: "spawned", service: service.name, pid: gated.pid });
  return await untilReady({ service, lease, begun, gated }, context);
}

/**
 * Waits for a service that an earlier devsvc started and did not see ready.
 *
 * @param service The service.
 * @param lease Its lease.
 * @param context What acting needs to know.
 * @returns Why it is not ready, or `undefined` if it is.
 */
export function awaitService(
  service: Service,
  lease: Lease,
  context: ActContext,
): Promise<StartFailure | undefined> {
  context.emit({ kind: "starting", service: service.name });
  return untilReady({ service, lease, begun: performance.now() }, context);
}

async function environmentOf(
  service: Service,
  run: string,
): Promise<Readonly<Record<string, string>>> {
  const file = service.envFile ? await readEnvFile(service.envFile) : {};
  return {
    // Or the last words of a Python program that dies stay in its buffer.
    PYTHONUNBUFFERED: "1",
    ...file,
    ...service.env,
    DEVSVC_RUN: run,
    DEVSVC_SERVICE: service.name,
  };
}

async function takeLease(
  service: Service,
  start: {
    readonly run: string;
    readonly gated: Gated;
    readonly logOffset: number;
  },
  context: ActContext,
): Promise<Lease> {
  const lease: Lease = {
    version: LEASE_VERSION,
    service: service.name,
    run: start.run,
    pid: start.gated.pid,
    start: start.gated.start,
    ...(service.port === undefined ? {} : { port: service.port }),
    command: service.command,
    configHash: await configHash(service),
    startedAt: new Date().toISOString(),
    logOffset: start.logOffset,
  };
  await removeLease(context.dir, service.name);
  await writeLease(context.dir, lease);
  return lease;
}

/** A service on its way. */
interface Attempt {
  readonly service: Service;
  readonly lease: Lease;
  /** When it began, by `performance.now()`. */
  readonly begun: number;
  /** Its process, where this devsvc started it. */
  readonly gated?: Gated;
}

async function untilReady(
  attempt: Attempt,
  context: ActContext,
): Promise<StartFailure | undefined> {
  const { service, lease } = attempt;
  let exit: Exit | undefined;
  const ended = new AbortController();
  attempt.gated?.exited.then((how) => {
    exit = how;
    ended.abort();
  });
  let pending: Pending | undefined;
  const waited = await waitFor<StartFailure | "ready">(async () => {
    if (exit) return await exitFailure(attempt, exit, context);
    const look = await provePending(service, lease, context);
    if (look.kind === "gone") {
      return await exitFailure(attempt, exit, context);
    }
    if (look.kind === "ready") return isSettled(attempt) ? "ready" : undefined;
    pending = look.pending;
    context.emit({ kind: "waiting", service: service.name, pending });
    return undefined;
  }, {
    timeout: service.readyTimeout,
    cadence: READY_CADENCE,
    signal: context.signal,
    wake: ended.signal,
  });
  if (waited.kind === "done" && waited.value === "ready") {
    await writeLease(context.dir, {
      ...lease,
      readyAt: new Date().toISOString(),
    });
    const elapsed = performance.now() - attempt.begun;
    const { pid } = lease;
    context.emit({ kind: "ready", service: service.name, pid, elapsed });
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

function isSettled({ service, begun }: Attempt): boolean {
  if (service.port !== undefined || service.ready.length > 0) return true;
  const age = performance.now() - begun;
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
  // What its leader left behind would hold the port against the next start.
  await sweepTree(attempt.service, attempt.lease, context);
  return {
    kind: "exited",
    ...(exit && exit.signal === null ? { code: exit.code } : {}),
    ...(exit?.signal ? { signal: exit.signal } : {}),
    ...await lastWords(attempt, context),
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
  { service, lease }: Attempt,
  context: ActContext,
): Promise<{ readonly log: string; readonly lines: readonly string[] }> {
  const log = logOf(context.dir, service.name);
  const { lines } = await tailLines(log, FAILURE_LINES, lease.logOffset);
  return { log, lines };
}
