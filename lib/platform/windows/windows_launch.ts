/**
 * Starts services on Windows: each waits at a start barrier until its run record is written.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import type { Identity, Lookup, ProcessEntry } from "../../core/model.ts";
import type { Exit } from "../../core/exit.ts";
import type { SpawnRequest, SuspendedProcess } from "../platform.ts";
import {
  commandLine,
  findProgram,
  mergeEnvironments,
  parseSet,
} from "./windows_command.ts";

/**
 * What the shell at the start barrier runs: it waits for a line, runs the service and
 * writes down how it ended. Where the line does not come because devsvc died,
 * it ends.
 *
 * What `!NAME!` expands to is not read again, so that nothing in the command
 * has a meaning here ("Delayed expansion", `cmd /?`). The names between quotes
 * come in pairs, or the shell around this one would see its `&` and `<`.
 */
const GATE =
  'set "DEVSVC_GO=" & set /p "DEVSVC_GO=" & (if not defined DEVSVC_GO exit 125)' +
  ' & set "DEVSVC_GO=" & !DEVSVC_COMMAND! <nul' +
  ' & (echo !errorlevel!)>"!DEVSVC_EXIT!" & exit !errorlevel!';

/**
 * How long the shell at the start barrier may take to be seen, in milliseconds: longer
 * than the first PowerShell after the start of a machine.
 */
const BIRTH_TIMEOUT = 30_000;

/** How long to wait before another look, in milliseconds. */
const BIRTH_CADENCE = 20;

/** What starting a service needs of Windows. */
export interface Launcher {
  /** The path of `cmd.exe`. */
  readonly shell: string;
  /** Lists the living children of a process. */
  readonly children: (
    pid: number,
  ) => Promise<Lookup<readonly ProcessEntry[]>>;
}

/**
 * Starts a process that waits at a start barrier.
 *
 * Two shells stand one in the other. Deno puts the outer one into a job that
 * ends with devsvc (ext/process and runtime/subprocess_windows in
 * https://github.com/denoland/deno); the inner one is not in it, since the job
 * lets children leave without being asked (`JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK`,
 * https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_basic_limit_information).
 * It is the wrapper of the service and outlives devsvc.
 *
 * Both share a console that nobody sees: `DETACHED_PROCESS` instead would have
 * programs of the service open windows of their own
 * (https://github.com/nodejs/node/issues/21825).
 *
 * @throws {Error} Where it cannot be started, with the reason.
 */
export async function spawnSuspended(
  launcher: Launcher,
  request: SpawnRequest,
): Promise<SuspendedProcess> {
  const env = mergeEnvironments(
    // Or Python writes its output in the code page of the system.
    { PYTHONUTF8: "1" },
    request.baseEnv ?? await readEnvironment(launcher.shell),
    request.env,
  );
  const outer = spawnShells(launcher.shell, {
    ...env,
    DEVSVC_COMMAND: lineOf(request, env, launcher.shell),
    DEVSVC_EXIT: request.exitFile ?? "nul",
  }, request);
  const { born, exited } = watch(outer);
  const say = (line: string) =>
    new Promise<void>((resolve) => {
      // Where it ended at the start barrier, nobody hears; `exited` tells.
      outer.stdin?.once("error", () => resolve());
      if (outer.stdin?.writable) outer.stdin.end(line, () => resolve());
      else resolve();
    });
  const discard = async () => {
    outer.ref();
    await say("");
    await exited;
  };
  const outerPid = await born;
  const inner = await findInner(launcher, outerPid, exited);
  outer.unref();
  if (!inner.ok) {
    await discard();
    throw new Error(`Cannot start: ${inner.reason}`);
  }
  return { ...inner.value, resume: () => say("go\r\n"), discard, exited };
}

/**
 * Reads the environment of devsvc out of a child, which inherits it: devsvc
 * itself is allowed to read only a few names.
 *
 * @param shell The path of `cmd.exe`.
 * @throws {Error} Where it cannot be read.
 */
export async function readEnvironment(
  shell: string,
): Promise<Readonly<Record<string, string>>> {
  // With /u the output is UTF-16, so that no value is spoiled.
  const { code, stdout } = await new Deno.Command(shell, {
    args: ["/u", "/d", "/c", "set"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(BIRTH_TIMEOUT),
  }).output();
  if (code !== 0) throw new Error("Cannot start: the environment is not told");
  return parseSet(new TextDecoder("utf-16le").decode(stdout));
}

function lineOf(
  { command, cwd }: SpawnRequest,
  env: Readonly<Record<string, string>>,
  shell: string,
): string {
  if (typeof command === "string") return commandLine(command, shell);
  const [program = "", ...args] = command;
  if (program === "") return commandLine(command, shell);
  const path = findProgram(program, { cwd, env, isFile });
  return commandLine([path, ...args], shell);
}

/** `lstat`, for the `python.exe` of the Microsoft Store cannot be followed. */
function isFile(path: string): boolean {
  try {
    return !Deno.lstatSync(path).isDirectory;
  } catch {
    return false;
  }
}

function spawnShells(
  shell: string,
  env: Readonly<Record<string, string>>,
  { cwd, log }: SpawnRequest,
): ChildProcess {
  if (!isFolder(cwd)) {
    throw new Error(`Cannot start: there is no folder ${cwd}`);
  }
  // Not by `>>`, which fails where a program has the log open to read it.
  const output = openSync(log, "a");
  try {
    return spawn(shell, [`/d /s /c "${shell} /d /v:on /s /c "${GATE}""`], {
      cwd,
      env: { ...env },
      stdio: ["pipe", output, output],
      windowsHide: true,
      windowsVerbatimArguments: true,
    });
  } finally {
    closeSync(output);
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function watch(
  child: ChildProcess,
): { readonly born: Promise<number>; readonly exited: Promise<Exit> } {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  child.once("exit", (code) => resolve({ code: code ?? 1, signal: null }));
  const born = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new Error(`Cannot start: ${error.message}`, { cause: error }));
    });
    if (child.pid !== undefined) resolve(child.pid);
  });
  return { born, exited };
}

/**
 * Waits until the inner shell is there. A devsvc that ends before may leave it
 * half born, so nothing is written down without it.
 */
async function findInner(
  { children }: Launcher,
  outerPid: number,
  exited: Promise<Exit>,
): Promise<Lookup<Identity>> {
  let hasEnded = false;
  exited.then(() => hasEnded = true);
  let told: Lookup<Identity> = { ok: false, reason: "the shell ended early" };
  const end = performance.now() + BIRTH_TIMEOUT;
  while (performance.now() < end && !hasEnded) {
    const found = await children(outerPid);
    if (!found.ok) told = found;
    const inner = found.ok
      ? found.value.find(({ name }) => /^cmd(?:\.exe)?$/i.test(name))
      : undefined;
    if (inner !== undefined && inner.start !== "") {
      return { ok: true, value: { pid: inner.pid, start: inner.start } };
    }
    await new Promise((resolve) => setTimeout(resolve, BIRTH_CADENCE));
  }
  return told;
}
