import { exitOfShell } from "../../core/exit.ts";
import type { SpawnRequest, SuspendedProcess } from "../platform.ts";
import { shellCommand, WITHOUT_NODE_SHIM } from "../shell.ts";
import { readIdentity, type ReadProcesses } from "./posix.ts";
import { spawnInSession } from "./spawn_session.ts";
import { reasonOf } from "../../core/reason_of.ts";

/**
 * The script of the wrapper: it waits for a line, runs the service and writes
 * down how it ended. Without the line, because devsvc died, it ends.
 *
 * It stays beside the service, because only the parent of a process learns its
 * exit code. The signals that it catches are at their defaults in what it runs
 * (POSIX, Shell Command Language, 2.12): a signal to the group stops the
 * service first, then the wrapper.
 *
 * The output is redirected inside the parentheses, so that messages of the
 * shell itself ("Killed") stay out of the log.
 *
 * Descriptors 3 to 9 are closed, because the caller's shell may have left them
 * open (`flock 9`, a pipe to a build).
 *
 * Neither the log nor the exit file is opened through a link, and both are made
 * for their owner only: with `set -C` a file is made where there is none at all
 * (O_EXCL; POSIX, Shell Command Language, 2.7.2). The service has the umask of
 * its user. Where the log is no plain file, it does not run (126).
 */
const START_BARRIER = WITHOUT_NODE_SHIM +
  "IFS= read -r DEVSVC_RESUME || exit 125; " +
  "unset DEVSVC_RESUME; " +
  "exec </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; " +
  "trap : HUP INT QUIT TERM; devsvc_log=$1 devsvc_exit=$2; shift 2; " +
  '(if [ -n "$devsvc_log" ]; then ' +
  '[ -e "$devsvc_log" ] || [ -h "$devsvc_log" ] || ' +
  '(umask 077; set -C; : >"$devsvc_log"); ' +
  '[ -f "$devsvc_log" ] && [ ! -h "$devsvc_log" ] || exit 126; ' +
  'exec >>"$devsvc_log" 2>&1; fi; exec "$@"); devsvc_code=$?; ' +
  "devsvc_runs=${devsvc_exit%/*}; " +
  '[ -z "$devsvc_exit" ] || [ -h "$devsvc_runs" ] || ' +
  '[ -h "${devsvc_runs%/*}" ] || ' +
  '(umask 077; set -C; echo "$devsvc_code" >"$devsvc_exit") 2>/dev/null; ' +
  'exit "$devsvc_code"';

/**
 * Starts the wrapper of a service on Linux or macOS in a session of its own,
 * held at a start barrier. It is not referenced, so that devsvc may end while it
 * lives.
 *
 * A command that cannot be found ends with 127, with the message of the shell
 * in the log.
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
    const reason = identity.ok ? "the shell ended early" : identity.reason;
    throw new Error(`Cannot start: ${reason}`);
  }
  const resume = async () => {
    try {
      await barrier.write(new TextEncoder().encode("go\n"));
      await barrier.close();
    } catch {
      // It ended at the start barrier; `exited` has settled.
      await barrier.abort().catch(() => {});
    }
  };
  return { ...identity.value, resume, discard, exited };
}

function spawnBarrier(request: SpawnRequest): Deno.ChildProcess {
  const { command, cwd, env, log = "", exitFile = "", baseEnv } = request;
  const argv = typeof command === "string" ? shellCommand(command) : command;
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
    const message = reasonOf(cause);
    const reason = /No such cwd/.test(message)
      ? `there is no folder ${cwd}`
      : message;
    throw new Error(`Cannot start: ${reason}`, { cause });
  }
}
