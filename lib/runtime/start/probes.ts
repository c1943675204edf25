/**
 * The checks that say whether a service does its work.
 *
 * A check that passes proves that something answers; whose socket it was is
 * for the caller to look at, before and after.
 *
 * @module
 */

import { showCheck, type ShownCheck } from "../../core/events.ts";
import type { ReadyCheck, Service } from "../../core/model.ts";
import type { Host } from "../../platform/host.ts";
import { runCommand, type RunningCommand } from "../../platform/shell.ts";
import { readFrom } from "../log/tail.ts";
import { configuredEnvironment } from "../service_environment.ts";
import { logOf, type StateDir } from "../state/state_dir.ts";

/** The answer of one check. */
export type CheckResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: string };

/** What the checks of one service need to know. */
export interface CheckTarget {
  /** The port of the service; without one only log and command can pass. */
  readonly port?: number;
  /** The addresses it is known to listen on; empty if not known. */
  readonly addresses: readonly string[];
  /** Its log, absolute, and where this run begins in it, in bytes. */
  readonly log: { readonly file: string; readonly offset: number };
  /** The folder that a command runs in, absolute. */
  readonly cwd: string;
  /**
   * Reads the environment that a command runs with, on top of that of devsvc.
   *
   * @throws {Error} Where its file cannot be read.
   */
  readonly env: () => Readonly<Record<string, string>>;
}

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
    log: { file: logOf(dir, service.name), offset: logOffset },
    cwd: service.cwd,
    env: () => configuredEnvironment(service),
  };
}

/** What checks are handed of the machine. */
export type CheckHost = Pick<Host, "clock" | "connect" | "fs">;

/** How long one check may take, in milliseconds. */
export const CHECK_DEADLINE = 2_000;

const PASSED: CheckResult = { ok: true };

/**
 * Runs all checks at once.
 *
 * @returns The first check that failed, without its headers, and its detail;
 * `undefined` if all pass.
 */
export async function firstFailure(
  checks: readonly ReadyCheck[],
  target: CheckTarget,
  host: CheckHost,
  signal?: AbortSignal,
): Promise<
  { readonly check: ShownCheck; readonly detail: string } | undefined
> {
  const deadline = host.clock.timeout(CHECK_DEADLINE);
  const end = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const results = await Promise.all(
    checks.map(async (check) => ({
      check,
      result: await runCheck(check, target, host, end),
    })),
  );
  for (const { check, result } of results) {
    if (!result.ok) return { check: showCheck(check), detail: result.detail };
  }
  return undefined;
}

/** Tells whether anything accepts a connection on a port, whoever it is. */
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

function runCheck(
  check: ReadyCheck,
  target: CheckTarget,
  host: CheckHost,
  signal: AbortSignal,
): Promise<CheckResult> {
  switch (check.kind) {
    case "http":
      return onAnyAddress(
        target,
        (hostname, port) => checkHttp(check, host, { hostname, port, signal }),
      );
    case "tcp":
      return onAnyAddress(
        target,
        (hostname, port) => checkTcp(host, { hostname, port, signal }),
      );
    case "log":
      return checkLog(new RegExp(check.pattern, "m"), target.log, host);
    case "command":
      return checkCommand(check.command, target, signal);
  }
}

/**
 * The loopback addresses through which a listener can be reached.
 *
 * @param addresses What it listens on; empty if not known.
 * @returns `127.0.0.1`, `::1`, both, or an address of its own.
 */
export function loopbacksOf(addresses: readonly string[]): readonly string[] {
  const hosts = new Set<string>();
  for (const address of addresses) {
    if (address === "0.0.0.0") hosts.add("127.0.0.1");
    else if (address === "::") hosts.add("127.0.0.1").add("::1");
    else hosts.add(address);
  }
  return hosts.size > 0 ? [...hosts] : ["127.0.0.1", "::1"];
}

async function onAnyAddress(
  target: CheckTarget,
  run: (hostname: string, port: number) => Promise<CheckResult>,
): Promise<CheckResult> {
  const { port } = target;
  if (port === undefined) return { ok: false, detail: "no port" };
  const results = await Promise.all(
    loopbacksOf(target.addresses).map((hostname) => run(hostname, port)),
  );
  return results.find(({ ok }) => ok) ??
    results.find((result) => !result.ok && result.detail !== REFUSED) ??
    results[0] ?? { ok: false, detail: REFUSED };
}

const REFUSED = "connection refused";

/** Where a check asks, and what ends it. */
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
 * Asks for a page and reads the first line of the answer.
 *
 * It speaks HTTP by itself: `fetch` would go through the proxy of the
 * environment, where an answer proves nothing about this machine.
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
    return judge(await readStatusLine(connection), check.status);
  } catch (error) {
    return failed(error, signal);
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
}

/** A header of services.toml goes before that of the same name here. */
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

function judge(
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
  pattern: RegExp,
  log: CheckTarget["log"],
  { fs }: CheckHost,
): Promise<CheckResult> {
  const text = await readFrom(fs, log.file, log.offset);
  return pattern.test(text) ? PASSED : { ok: false, detail: "not seen yet" };
}

async function checkCommand(
  command: string | readonly string[],
  target: CheckTarget,
  signal: AbortSignal,
): Promise<CheckResult> {
  try {
    const child = runCommand(command, { cwd: target.cwd, env: target.env() });
    const code = await codeOf(child, signal);
    if (signal.aborted) return failed(undefined, signal);
    return code === 0 ? PASSED : { ok: false, detail: `exit code ${code}` };
  } catch (error) {
    return failed(error, signal);
  }
}

/** Waits for the end of a command, and forces it when the time is up. */
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
    detail: error instanceof Error ? error.message : String(error),
  };
}
