/**
 * Runs tools of the operating system with a deadline, a bound on the output and
 * a result for every way to fail.
 */

import type { Lookup } from "../core/model.ts";
import { OS } from "./os.ts";
import { spawnInSession } from "./posix/spawn_session.ts";
import { systemClock } from "./clock.ts";
import { reasonOf } from "../core/reason_of.ts";

/** What became of running a tool. */
export type ToolResult =
  /** It ended, with any code. */
  | { readonly kind: "done"; readonly code: number; readonly stdout: string }
  /** There is no such program. */
  | { readonly kind: "missing" }
  /** It was killed at the deadline; `stdout` is what it printed until then. */
  | { readonly kind: "timeout"; readonly stdout: string }
  /** It could not be started, was ended by a signal, or printed too much. */
  | { readonly kind: "failed"; readonly reason: string };

interface ToolOptions {
  /** The time it may take in milliseconds, 3000 if not given. */
  readonly deadline?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** The most bytes it may print, 64 MiB if not given. */
  readonly limit?: number;
  /**
   * What it prints is not read: the buffer of a pipe stays in memory until the next
   * collection of garbage.
   */
  readonly ignoresOutput?: boolean;
}

/** The default deadline of a tool, in milliseconds. */
export const TOOL_DEADLINE = 3000;

const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** The exit code of POSIX shells and setsid where there is no such program. */
const NO_SUCH_PROGRAM = 127;

/** Their exit code where the program cannot be run. */
const NOT_EXECUTABLE = 126;

/** The exit code of a program ended by Ctrl-C on Windows (STATUS_CONTROL_C_EXIT). */
const ENDED_BY_CTRL_C = [0xC000013A, 0xC000013A | 0];

/** How often a tool that Ctrl-C ends is run at most. */
const RUNS_MAX = 3;

/** How long a killed tool may take to end on a busy machine, in milliseconds. */
const REAP_TIMEOUT = 1000;

/**
 * Runs a tool to its end or to its deadline. Then it is killed and no longer
 * waited for: the kernel may be unable to end it now, and a child of it may keep
 * the pipe open.
 *
 * A tool that Ctrl-C ended is run again, since Ctrl-C is for devsvc. It reaches
 * every program of the console on Windows, elsewhere a tool that has no session
 * of its own yet.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  for (let run = 1;; run++) {
    const result = await runOnce(command, args, options);
    if (result !== "interrupted") return result;
    if (run === RUNS_MAX) return failed(`${command} was ended by Ctrl-C`);
  }
}

async function runOnce(
  command: string,
  args: readonly string[],
  options: ToolOptions,
): Promise<ToolResult | "interrupted"> {
  let child: Deno.ChildProcess;
  try {
    child = spawn(command, {
      args: [...args],
      // Where a service runs devsvc, its tools are no processes of that run.
      env: { LC_ALL: "C", DEVSVC_RUN: "", ...options.env },
      stdin: "null",
      stdout: options.ignoresOutput ? "null" : "piped",
      stderr: "null",
    });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { kind: "missing" };
    return failed(`Cannot run ${command}: ${reasonOf(error)}`);
  }
  const output = new Output(
    child,
    options.ignoresOutput ? undefined : child.stdout.getReader(),
    options.limit ?? OUTPUT_LIMIT,
  );
  using deadline = systemClock.timer(options.deadline ?? TOOL_DEADLINE);
  const end = await Promise.race([output.end(), deadline.passed]);
  if (end === undefined || end === "overflow") {
    await endNow(child);
    await output.cancel();
    return end === undefined
      ? { kind: "timeout", stdout: output.text() }
      : failed(`Cannot read ${command}: too much output`);
  }
  const isInterrupted = OS === "windows"
    ? ENDED_BY_CTRL_C.includes(end.code)
    : end.signal === "SIGINT";
  if (isInterrupted) return "interrupted";
  // Its output may be cut short.
  if (end.signal !== null) {
    return failed(`${command} was ended by ${end.signal}`);
  }
  if (OS !== "windows") {
    if (end.code === NO_SUCH_PROGRAM) return { kind: "missing" };
    if (end.code === NOT_EXECUTABLE) {
      return failed(`Cannot run ${command}: not executable`);
    }
  }
  return { kind: "done", code: end.code, stdout: output.text() };
}

function failed(reason: string): ToolResult {
  return { kind: "failed", reason };
}

function spawn(
  command: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  return OS === "windows"
    ? new Deno.Command(command, options).spawn()
    : spawnInSession(command, options);
}

/** Runs the first of several programs that exists. */
export async function runFirst(
  candidates: readonly string[],
  args: readonly string[],
  options: ToolOptions = {},
): Promise<ToolResult> {
  for (const candidate of candidates) {
    const result = await runTool(candidate, args, options);
    if (result.kind !== "missing") return result;
  }
  return { kind: "missing" };
}

/** Returns what a tool printed; not ok where it did not end by itself. */
export function outputOf(name: string, result: ToolResult): Lookup<string> {
  return result.kind === "done"
    ? { ok: true, value: result.stdout }
    : { ok: false, reason: explainTool(name, result) };
}

/** The reason why a tool gave no answer, for a user. */
export function explainTool(name: string, result: ToolResult): string {
  switch (result.kind) {
    case "missing":
      return `${name} is not installed`;
    case "timeout":
      return `${name} did not answer in time`;
    case "failed":
      return result.reason;
    case "done":
      return `${name} ended with code ${result.code}`;
  }
}

class Output {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #chunks: Uint8Array[] = [];
  readonly #limit: number;
  #size = 0;

  constructor(
    child: Deno.ChildProcess,
    reader: ReadableStreamDefaultReader<Uint8Array> | undefined,
    limit: number,
  ) {
    this.#child = child;
    this.#reader = reader;
    this.#limit = limit;
  }

  async end(): Promise<Deno.CommandStatus | "overflow"> {
    if (!this.#reader) return await this.#child.status;
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return await this.#child.status;
      this.#size += value.length;
      if (this.#size > this.#limit) return "overflow";
      this.#chunks.push(value);
    }
  }

  async cancel(): Promise<void> {
    await this.#reader?.cancel();
  }

  text(): string {
    const decoder = new TextDecoder();
    const parts = this.#chunks.map((c) => decoder.decode(c, { stream: true }));
    return parts.join("") + decoder.decode();
  }
}

async function endNow(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has just ended.
  }
  // A process that waits for a dead disk does not end by SIGKILL.
  using grace = systemClock.timer(REAP_TIMEOUT);
  const status = await Promise.race([child.status, grace.passed]);
  if (status === undefined) leaveAlone(child);
}

/** Does not wait for a child any more; it may end at any moment. */
export function leaveAlone(child: Pick<Deno.ChildProcess, "unref">): void {
  try {
    child.unref();
  } catch {
    // It has just ended: Deno knows it no more ("Bad resource ID").
  }
}
