import { OS } from "../os.ts";
import type { BackgroundProgram } from "../platform.ts";

/** util-linux; every distribution with a `/usr/bin` has it there. */
const SETSID = "/usr/bin/setsid";

/**
 * Closes the descriptors that the caller's shell may have left open, and ends
 * the permission audit: it is of one command, not of what goes on after it. Where
 * a service runs devsvc, what devsvc starts for itself is not of that run.
 */
const BACKGROUND_SCRIPT = "unset DENO_AUDIT_PERMISSIONS " +
  "DEVSVC_RUN DEVSVC_SERVICE DEVSVC_ROOT; " +
  'exec "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-';

/**
 * Starts a program in a session of its own, which neither Ctrl-C nor the end of
 * a terminal reaches.
 *
 * Deno does the same with `detached`, but then by fork(2), which copies the
 * tables of its own memory: 2.2 ms with 60 MB of heap, where setsid(1) behind
 * posix_spawn(3) takes 0.8 ms. setsid(1) becomes the program and keeps its
 * number, for it only forks where it leads a group (`man 1 setsid`), which a
 * child of posix_spawn does not.
 *
 * @returns The process; it ends with 127 where setsid finds no such program.
 * @throws {Error} Where it cannot be started.
 */
export function spawnInSession(
  program: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess {
  return (OS === "linux" ? bySetsid(program, options) : undefined) ??
    new Deno.Command(program, { ...options, detached: true }).spawn();
}

function bySetsid(
  program: string,
  options: Deno.CommandOptions,
): Deno.ChildProcess | undefined {
  const args = [program, ...options.args ?? []];
  try {
    return new Deno.Command(SETSID, { ...options, args }).spawn();
  } catch {
    // There is no setsid, or no such folder; `detached` fails only for that.
    return undefined;
  }
}

/**
 * Starts a program that outlives devsvc, without input and output.
 *
 * @throws {Error} Where it cannot be started.
 */
export function spawnBackground({ path, args, cwd }: BackgroundProgram): void {
  spawnInSession("/bin/sh", {
    args: ["-c", BACKGROUND_SCRIPT, "devsvc", path, ...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).unref();
}
