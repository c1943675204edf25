/** Starts services on Windows, each held at a start barrier. */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { withoutNodeShim } from "../../core/environment.ts";
import type { Identity, Lookup, ProcessEntry } from "../../core/model.ts";
import type { Exit } from "../../core/exit.ts";
import type {
  BackgroundProgram,
  SpawnRequest,
  SuspendedProcess,
} from "../platform.ts";
import {
  commandLine,
  findProgram,
  mergeEnvironments,
  parseSet,
} from "./windows_command.ts";

/**
 * The script of the wrapper: it waits for a line, runs the service and writes
 * down how it ended. Without the line, because devsvc died, it ends.
 *
 * What `!NAME!` expands to is not parsed again, so that nothing in the command
 * has a meaning here ("Delayed expansion", `cmd /?`). The quotes come in pairs,
 * or the outer shell would parse the `&` and `<`.
 */
const START_BARRIER = 'set "DEVSVC_RESUME=" & set /p "DEVSVC_RESUME="' +
  " & (if not defined DEVSVC_RESUME exit 125)" +
  ' & set "DEVSVC_RESUME=" & !DEVSVC_COMMAND! <nul' +
  ' & (echo !errorlevel!)>"!DEVSVC_EXIT!" & exit !errorlevel!';

/**
 * How long the wrapper may take to appear, in milliseconds: longer than the
 * first PowerShell after the start of a machine.
 */
const WRAPPER_TIMEOUT = 30_000;

/** In milliseconds. */
const WRAPPER_POLL_INTERVAL = 20;

/** What starting a service needs of Windows. */
interface Launcher {
  /** The path of `cmd.exe`. */
  readonly shell: string;
  readonly children: (
    pid: number,
  ) => Promise<Lookup<readonly ProcessEntry[]>>;
}

/**
 * Starts the wrapper of a service, held at a start barrier.
 *
 * A shell starts another one. Deno puts the outer one into a job that ends with
 * devsvc (ext/process and runtime/subprocess_windows in
 * https://github.com/denoland/deno). The inner one is not in the job, which has
 * `JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK`
 * (https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-jobobject_basic_limit_information):
 * it is the wrapper and outlives devsvc.
 *
 * Both share a hidden console. With `DETACHED_PROCESS` instead, programs of the
 * service would open windows of their own
 * (https://github.com/nodejs/node/issues/21825).
 *
 * @throws {Error} Where it cannot be started, with the reason.
 */
export async function spawnSuspended(
  launcher: Launcher,
  request: SpawnRequest,
): Promise<SuspendedProcess> {
  const base = request.baseEnv ?? await readEnvironment(launcher.shell);
  const env = mergeEnvironments(
    // Or Python writes its output in the code page of the system.
    { PYTHONUTF8: "1" },
    withoutNodeShim(base, ";"),
    request.env,
  );
  const outer = spawnShells(launcher.shell, {
    ...env,
    DEVSVC_COMMAND: lineOf(request, env, launcher.shell),
    DEVSVC_EXIT: request.exitFile ?? "nul",
  }, request);
  const { started, exited } = watch(outer);
  const write = (line: string) =>
    new Promise<void>((resolve) => {
      // It may have ended at the start barrier; then `exited` has settled.
      outer.stdin?.once("error", () => resolve());
      if (outer.stdin?.writable) outer.stdin.end(line, () => resolve());
      else resolve();
    });
  const discard = async () => {
    outer.ref();
    await write("");
    await exited;
  };
  const outerPid = await started;
  const inner = await findInner(launcher, outerPid, exited);
  outer.unref();
  if (!inner.ok) {
    await discard();
    throw new Error(`Cannot start: ${inner.reason}`);
  }
  return { ...inner.value, resume: () => write("go\r\n"), discard, exited };
}

/**
 * Starts a program that outlives devsvc, without input and output.
 *
 * @throws {Error} Where it cannot be started.
 */
export function spawnBackground({ path, args, cwd }: BackgroundProgram): void {
  new Deno.Command(path, {
    args: [...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn().unref();
}

/**
 * Reads the environment of devsvc from a child, which inherits it: devsvc
 * itself has the permission for a few names only.
 *
 * @throws {Error} Where it cannot be read.
 */
export async function readEnvironment(
  shell: string,
): Promise<Readonly<Record<string, string>>> {
  // With /u the output is UTF-16, which keeps every character.
  const { code, stdout } = await new Deno.Command(shell, {
    args: ["/u", "/d", "/c", "set"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(WRAPPER_TIMEOUT),
  }).output();
  if (code !== 0) {
    throw new Error("Cannot start: the environment is not readable");
  }
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

/** By `lstat`: the link `python.exe` of the Microsoft Store cannot be followed. */
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
  { cwd, log = "nul" }: SpawnRequest,
): ChildProcess {
  if (!isFolder(cwd)) {
    throw new Error(`Cannot start: there is no folder ${cwd}`);
  }
  // `>>` of cmd fails where another program has the log open for reading.
  if (isLink(log)) throw new Error(`Cannot start: ${log} is a link`);
  const output = openSync(log, "a", 0o600);
  try {
    return spawn(shell, [
      `/d /s /c "${shell} /d /v:on /s /c "${START_BARRIER}""`,
    ], {
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

function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
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
): { readonly started: Promise<number>; readonly exited: Promise<Exit> } {
  const { promise: exited, resolve } = Promise.withResolvers<Exit>();
  child.once("exit", (code) => resolve({ code: code ?? 1, signal: null }));
  const started = new Promise<number>((resolve, reject) => {
    child.once("error", (error) => {
      reject(new Error(`Cannot start: ${error.message}`, { cause: error }));
    });
    if (child.pid !== undefined) resolve(child.pid);
  });
  return { started, exited };
}

/**
 * Waits until the inner shell exists: no run record is written before, since
 * the outer one may end without having started it.
 */
async function findInner(
  { children }: Launcher,
  outerPid: number,
  exited: Promise<Exit>,
): Promise<Lookup<Identity>> {
  let hasEnded = false;
  exited.then(() => hasEnded = true);
  let failure: Lookup<Identity> = {
    ok: false,
    reason: "the shell ended early",
  };
  const end = performance.now() + WRAPPER_TIMEOUT;
  while (performance.now() < end && !hasEnded) {
    const found = await children(outerPid);
    if (!found.ok) failure = found;
    const inner = found.ok
      ? found.value.find(({ name }) => /^cmd(?:\.exe)?$/i.test(name))
      : undefined;
    if (inner !== undefined && inner.start !== "") {
      return { ok: true, value: { pid: inner.pid, start: inner.start } };
    }
    await new Promise((resolve) => setTimeout(resolve, WRAPPER_POLL_INTERVAL));
  }
  return failure;
}
