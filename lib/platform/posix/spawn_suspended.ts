/**
 * Starts services on Linux and macOS: each waits at a start barrier until its run record is
 * written.
 *
 * @module
 */

import { exitOfShell } from "../../core/exit.ts";
import { spawnInSession } from "./spawn_session.ts";
import type { SpawnRequest, SuspendedProcess } from "../platform.ts";
import { readIdentity, type ReadProcesses } from "./posix.ts";

/**
 * What the process at the start barrier runs: it waits for a line, runs the service and
 * writes down how it ended. Where the line does not come because devsvc died,
 * it ends.
 *
 * It stays beside the service since nobody else can tell its exit code once
 * devsvc has ended. A signal that is caught, not ignored, is back at its default
 * in what it runs (POSIX, "Signals and Error Handling" of the shell): the group
 * is asked to stop, and the wrapper is the last to go.
 *
 * The output is turned inside the parentheses, or the shell would write there,
 * too: what became of a program that it waited for ("Killed").
 *
 * Descriptors 3 to 9 are closed since the caller's shell may have left them
 * open (`flock 9`, a pipe to a build): a service must not keep them.
 */
const START_BARRIER = "IFS= read -r DEVSVC_GO || exit 125; unset DEVSVC_GO; " +
  "exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; " +
  "trap : HUP INT QUIT TERM; devsvc_log=$1 devsvc_exit=$2; shift 2; " +
  '(exec >>"$devsvc_log" 2>&1; exec "$@"); devsvc_code=$?; ' +
  '[ -z "$devsvc_exit" ] || echo "$devsvc_code" >"$devsvc_exit"; ' +
  'exit "$devsvc_code"';

/**
 * Starts a process in a session of its own that waits at a start barrier.
 *
 * It is the wrapper of the service from the beginning, so that a run record can be
 * written before. A command that cannot be found ends with 127, with
 * the words of the shell in the log.
 *
 * devsvc may end while the process lives: it is not referenced. `exited`
 * settles all the same, but to wait for it alone does not keep devsvc going;
 * something else has to, such as a timer.
 *
 * @throws {Error} Where it cannot be started, with the reason.
 */
export async function spawnSuspended(
  read: ReadProcesses,
  request: SpawnRequest,
): Promise<SuspendedProcess> {
  const child = spawnBarrier(request);
  child.unref();
  const barrier = child.stdin.getWriter();
  const exited = child.status.then(({ code, signal }) =>
    signal === null ? exitOfShell(code) : { code, signal }
  );
  const discard = async () => {
    await barrier.close().catch(() => {});
    child.ref();
    await exited;
  };
  const identity = await readIdentity(read, child.pid);
  if (!identity.ok || identity.value === undefined) {
    await discard();
    throw new Error(
      `Cannot start: ${
        identity.ok ? "the shell ended early" : identity.reason
      }`,
    );
  }
  const resume = async () => {
    try {
      await barrier.write(new TextEncoder().encode("go\n"));
      await barrier.close();
    } catch {
      // It ended at the start barrier: `exited` tells.
      await barrier.abort().catch(() => {});
    }
  };
  return { ...identity.value, resume, discard, exited };
}

function spawnBarrier(request: SpawnRequest): Deno.ChildProcess {
  const { command, cwd, env, log, exitFile = "", baseEnv } = request;
  const argv = typeof command === "string"
    ? ["/bin/sh", "-c", command]
    : command;
  if ((argv[0] ?? "") === "") {
    throw new Error("Cannot start: the command is empty");
  }
  try {
    return spawnInSession("/bin/sh", {
      args: ["-c", START_BARRIER, "devsvc", log, exitFile, ...argv],
      cwd,
      clearEnv: baseEnv !== undefined,
      env: { ...baseEnv, ...env },
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    });
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause);
    throw new Error(
      /No such cwd/.test(told)
        ? `Cannot start: there is no folder ${cwd}`
        : `Cannot start: ${told}`,
      { cause },
    );
  }
}
