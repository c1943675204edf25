/**
 * The checks of services, one kind after the other.
 *
 * A check that passes proves that something answers; that it is the service is
 * proven by the caller, before and after.
 */

import { showCheck, type ShownCheck } from "../../core/events.ts";
import type { LivingRun } from "../../core/living_run.ts";
import type { Diagnosis, ReadyCheck, Service } from "../../core/model.ts";
import type { FileSystem } from "../../platform/file_system.ts";
import type { Host, QueryHost } from "../../platform/host.ts";
import type { RunningCommand } from "../../platform/shell.ts";
import { logOf, type StateDir } from "../state/state_dir.ts";
import { reasonOf } from "../../core/reason_of.ts";

/** The result of one check. */
export type CheckResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: string };

/** What the checks of one service need. */
export interface CheckTarget {
  /** The port of the service. */
  readonly port?: number;
  /** The addresses it is known to listen on; empty if not known. */
  readonly addresses: readonly string[];
  /**
   * Its log, absolute, where this run begins in it, in bytes, and what reads it.
   */
  readonly log: {
    readonly file: string;
    readonly offset: number;
    readonly fs: FileSystem;
  };
  /** The folder that a command runs in, absolute. */
  readonly cwd: string;
  /**
   * Reads the environment that a command runs with, on top of that of devsvc.
   *
   * @throws {Error} Where its file cannot be read.
   */
  readonly env: () => Environment | Promise<Environment>;
}

type Environment = Readonly<Record<string, string>>;

/** What most checks do without. */
const load = {
  /** For a check of the log. */
  tail: () => import("../log/tail.ts"),
  /** Where a check searches the log. */
  linePattern: () => import("../log/line_pattern.ts"),
  /** For a command. */
  environment: () => import("../service_environment.ts"),
  /** For a start. */
  poll: () => import("../poll.ts"),
};

/**
 * What the checks of a service need, but for the addresses it listens on.
 *
 * @param logOffset Where its run begins in its log, in bytes.
 */
export function checkTargetOf(
  service: Service,
  dir: StateDir,
  logOffset = 0,
): CheckTarget {
  return {
    ...(service.port === undefined ? {} : { port: service.port }),
    addresses: [],
    log: { file: logOf(dir, service.name), offset: logOffset, fs: dir.fs },
    cwd: service.cwd,
    env: async () => (await load.environment()).configuredEnvironment(service),
  };
}

/** What the checks of a service need, with the addresses that its port is held at. */
export function checkTargetFor(
  { service, record, holders }: Diagnosis,
  dir: StateDir,
): CheckTarget {
  return {
    ...checkTargetOf(service, dir, record?.logOffset),
    addresses: [...new Set(holders.flatMap(({ addresses }) => addresses))],
  };
}

/** What checks use of the machine. */
export interface CheckHost extends Pick<Host, "clock" | "connect"> {
  /** Runs a command; absent where none may be run: such a check fails. */
  readonly runCommand?: Host["runCommand"];
}

/** What checks use that may run no command, and ask nobody but a run. */
export function networkChecksOf(
  run: LivingRun,
  { clock, connectToRun }: QueryHost,
): CheckHost {
  return { clock, connect: (target) => connectToRun(run, target) };
}

/**
 * How long a connection may take, in milliseconds, and a check where nothing else
 * is said.
 */
export const CHECK_DEADLINE = 2_000;

const PASSED: CheckResult = { ok: true };

/**
 * Runs all checks at once.
 *
 * @param options.timeout How long all may take, in milliseconds;
 * {@linkcode CHECK_DEADLINE} by default.
 * @param options.onWait Called with the first check that has no answer yet, at
 * first and after each answer.
 * @returns The first check that failed, without its headers, and why;
 * `undefined` if all pass.
 */
export async function firstFailure(
  checks: readonly ReadyCheck[],
  target: CheckTarget,
  host: CheckHost,
  { signal, timeout = CHECK_DEADLINE, onWait }: {
    readonly signal?: AbortSignal | undefined;
    readonly timeout?: number | undefined;
    readonly onWait?: ((check: ShownCheck) => void) | undefined;
  } = {},
): Promise<
  { readonly check: ShownCheck; readonly detail: string } | undefined
> {
  const deadline = host.clock.timeout(timeout);
  const end = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const unanswered = new Set(checks);
  const tellWait = () => {
    const [first] = unanswered;
    if (first && !end.aborted) onWait?.(showCheck(first));
  };
  tellWait();
  const results = await Promise.all(
    checks.map(async (check) => {
      const result = await runCheck(check, target, host, end);
      unanswered.delete(check);
      tellWait();
      return { check, result };
    }),
  );
  for (const { check, result } of results) {
    if (!result.ok) return { check: showCheck(check), detail: result.detail };
  }
  return undefined;
}

function runCheck(
  check: ReadyCheck,
  target: CheckTarget,
  host: CheckHost,
  signal: AbortSignal,
): Promise<CheckResult> {
  const onPort = (run: (address: Address) => Promise<CheckResult>) =>
    askAgain(
      host,
      (signal) =>
        onAnyAddress(target, (address) => run({ ...address, signal })),
      signal,
    );
  switch (check.kind) {
    case "http":
      return onPort((address) => checkHttp(check, host, address));
    case "tcp":
      return onPort((address) => checkTcp(host, address));
    case "log":
      return checkLog(check.pattern, target.log);
    case "command":
      return checkCommand(check.command, target, host, signal);
  }
}

/** After how long a question may be lost, in milliseconds. */
export const LONG_ANSWER = 5_000;

/**
 * Asks, and asks again beside a question that is not answered for long: a server
 * that restarts may have lost it, while a slow page is answered in the end. The
 * pauses double, as each question may cost the server the whole page.
 *
 * @returns The first answer to any of them.
 */
async function askAgain(
  { clock }: CheckHost,
  ask: (signal: AbortSignal) => Promise<CheckResult>,
  signal: AbortSignal,
): Promise<CheckResult> {
  const end = new AbortController();
  const asked = AbortSignal.any([signal, end.signal]);
  const asking = [ask(asked)];
  try {
    for (let gap = LONG_ANSWER;; gap *= 2) {
      using timer = clock.timer(gap);
      const answer = await Promise.race([...asking, timer.passed]);
      if (answer) return answer;
      asking.push(ask(asked));
    }
  } finally {
    end.abort();
    await Promise.all(asking);
  }
}

/**
 * The loopback addresses through which a listener can be reached.
 *
 * @param addresses What it listens on; empty if not known.
 * @returns `127.0.0.1`, `::1` or both; none where it listens elsewhere only:
 * devsvc has the permission to connect to these two alone.
 */
export function loopbacksOf(addresses: readonly string[]): readonly string[] {
  const hosts = new Set<string>();
  for (const address of addresses) {
    if (address === "0.0.0.0") hosts.add("127.0.0.1");
    else if (address === "::") hosts.add("127.0.0.1").add("::1");
    else if (LOOPBACKS.includes(address)) hosts.add(address);
  }
  return addresses.length > 0 ? [...hosts] : LOOPBACKS;
}

const LOOPBACKS: readonly string[] = ["127.0.0.1", "::1"];

async function onAnyAddress(
  target: CheckTarget,
  run: (address: Omit<Address, "signal">) => Promise<CheckResult>,
): Promise<CheckResult> {
  const { port } = target;
  if (port === undefined) return { ok: false, detail: "no port" };
  const results = await Promise.all(
    loopbacksOf(target.addresses).map((hostname) => run({ hostname, port })),
  );
  return results.find(({ ok }) => ok) ??
    results.find((result) => !result.ok && result.detail !== REFUSED) ??
    results[0] ?? { ok: false, detail: REFUSED };
}

const REFUSED = "connection refused";

/** Where a check connects, and what ends it. */
interface Address {
  readonly hostname: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

type HttpCheck = Extract<ReadyCheck, { readonly kind: "http" }>;

async function checkTcp(
  { connect }: CheckHost,
  address: Address,
): Promise<CheckResult> {
  try {
    const connection = await connect(address);
    connection.close();
    return PASSED;
  } catch (error) {
    return failed(error, address.signal);
  }
}

/**
 * Requests a page and reads the status line of the answer.
 *
 * Without `fetch`, which goes through the proxy of the environment
 * (https://docs.deno.com/runtime/reference/env_variables/): its answer would
 * prove nothing about this machine.
 */
async function checkHttp(
  check: HttpCheck,
  { connect }: CheckHost,
  address: Address,
): Promise<CheckResult> {
  const { port, signal } = address;
  let connection: Deno.TcpConn;
  try {
    connection = await connect(address);
  } catch (error) {
    return failed(error, signal);
  }
  const close = () => {
    try {
      connection.close();
    } catch {
      // The deadline and the answer may both have closed it.
    }
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    await writeAll(connection, requestOf(check, port));
    return evaluate(await readStatusLine(connection), check.status);
  } catch (error) {
    return failed(error, signal);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** A header of services.toml replaces the one of the same name. */
function requestOf({ path, headers = {} }: HttpCheck, port: number): string {
  const given = new Set(
    Object.keys(headers).map((name) => name.toLowerCase()),
  );
  const own = [
    ["Host", `localhost:${port}`],
    ["User-Agent", "devsvc"],
    ["Accept", "*/*"],
  ].filter(([name = ""]) => !given.has(name.toLowerCase()));
  const lines = [...own, ...Object.entries(headers), ["Connection", "close"]]
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

async function writeAll(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) {
    sent += await connection.write(bytes.subarray(sent));
  }
}

const STATUS_LINE_MAX = 256;

async function readStatusLine(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(STATUS_LINE_MAX);
  let length = 0;
  while (length < buffer.length) {
    const read = await connection.read(buffer.subarray(length));
    if (read === null) break;
    length += read;
    const end = buffer.subarray(0, length).indexOf(0x0a);
    if (end >= 0) return new TextDecoder().decode(buffer.subarray(0, end));
  }
  return new TextDecoder().decode(buffer.subarray(0, length));
}

function evaluate(
  statusLine: string,
  wanted: readonly number[] | undefined,
): CheckResult {
  const match = /^HTTP\/\d\.\d (\d{3})/.exec(statusLine);
  if (!match) return { ok: false, detail: "no HTTP answer" };
  const status = Number(match[1]);
  const passes = wanted?.includes(status) ?? (status >= 200 && status < 400);
  return passes ? PASSED : { ok: false, detail: `HTTP ${status}` };
}

async function checkLog(
  source: string,
  { fs, file, offset }: CheckTarget["log"],
): Promise<CheckResult> {
  const [{ readFrom }, { linePattern, PatternError }] = await Promise.all([
    load.tail(),
    load.linePattern(),
  ]);
  const text = await readFrom(fs, file, offset);
  const lines = text.split(/[\r\n]+/);
  try {
    const pattern = linePattern(source);
    await pattern.prepare(longestOf(lines));
    const isSeen = lines.some((line) => pattern.test(line));
    return isSeen ? PASSED : { ok: false, detail: "not seen yet" };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { ok: false, detail: error.message };
  }
}

function longestOf(lines: readonly string[]): number {
  return lines.reduce((longest, { length }) => Math.max(longest, length), 0);
}

async function checkCommand(
  command: string | readonly string[],
  target: CheckTarget,
  { runCommand }: CheckHost,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (!runCommand) return { ok: false, detail: "not run" };
  try {
    const options = { cwd: target.cwd, env: await target.env() };
    const child = await runCommand(command, options);
    const code = await codeOf(child, signal);
    if (signal.aborted) return failed(undefined, signal);
    return code === 0 ? PASSED : { ok: false, detail: `exit code ${code}` };
  } catch (error) {
    return failed(error, signal);
  }
}

/** Waits for the end of a command, and kills it when aborted. */
async function codeOf(
  child: RunningCommand,
  signal: AbortSignal,
): Promise<number> {
  if (signal.aborted) child.kill();
  signal.addEventListener("abort", child.kill);
  const { code } = await child.status;
  signal.removeEventListener("abort", child.kill);
  return code;
}

function failed(error: unknown, signal: AbortSignal): CheckResult {
  if (signal.aborted) return { ok: false, detail: "no answer" };
  if (error instanceof Deno.errors.ConnectionRefused) {
    return { ok: false, detail: REFUSED };
  }
  return {
    ok: false,
    detail: reasonOf(error),
  };
}

/** Tells whether any process accepts a connection on a port. */
export async function isAnswered(
  port: number,
  host: CheckHost,
  signal: AbortSignal,
): Promise<boolean> {
  const end = AbortSignal.any([signal, host.clock.timeout(CHECK_DEADLINE)]);
  const results = await Promise.all(
    loopbacksOf([]).map((hostname) =>
      checkTcp(host, { hostname, port, signal: end })
    ),
  );
  return results.some(({ ok }) => ok);
}

/** The shortest pause between two polls, in milliseconds. */
const FIRST_PAUSE = 5;

/** The longest, in milliseconds. */
const LAST_PAUSE = 250;

/** How late a service may be noticed, as a part of its start time. */
const LATENESS = 0.03;

/** By how much a pause is longer than the poll before it, at least. */
const PAUSE_PER_POLL = 8;

/** Polls a port until it answers or is disposed of. */
export interface PortPoll extends AsyncDisposable {
  /** Fires as soon as something answers. */
  readonly answered: AbortSignal;
}

/**
 * Polls a port of this machine until something answers.
 *
 * An answer only shows that a check of readiness, which costs tools of the OS,
 * is worth its cost. Polls that slow each other down pause for longer.
 */
export function pollPort(port: number, host: CheckHost): PortPoll {
  const answered = new AbortController();
  const end = new AbortController();
  const polled = pollUntilAnswered(port, host, answered, end.signal);
  return {
    answered: answered.signal,
    [Symbol.asyncDispose]: async () => {
      end.abort();
      await polled;
    },
  };
}

async function pollUntilAnswered(
  port: number,
  host: CheckHost,
  answered: AbortController,
  end: AbortSignal,
): Promise<void> {
  const { pause } = await load.poll();
  const { clock } = host;
  const begun = clock.elapsed();
  while (!end.aborted) {
    const at = clock.elapsed();
    if (await isAnswered(port, host, end)) {
      answered.abort();
      return;
    }
    const now = clock.elapsed();
    const rest = Math.max(
      FIRST_PAUSE,
      (now - at) * PAUSE_PER_POLL,
      (now - begun) * LATENESS,
    );
    await pause(clock, Math.min(rest, LAST_PAUSE), end);
  }
}
