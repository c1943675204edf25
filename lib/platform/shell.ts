/** The shell of each system, and commands that are ended with their group. */

import { type Exit, exitOfShell } from "../core/exit.ts";
import type { Command } from "../core/model.ts";
import { HAS_PROCESS_GROUPS, OS } from "./os.ts";

/**
 * The words that run a command in the shell of this system; on Windows they must
 * be passed unquoted (`windowsRawArguments`).
 */
export function shellCommand(command: string): readonly string[] {
  return OS === "windows" ? cmdCommand(command) : ["/bin/sh", "-c", command];
}

/**
 * The words that run a command in `cmd.exe`, to be joined unquoted. `/s` takes
 * away the outer quotes and leaves what is between them as it is (`cmd /?`).
 *
 * @param cmd The path of `cmd.exe`, if not found through PATH.
 */
export function cmdCommand(command: string, cmd = "cmd"): readonly string[] {
  return [cmd, "/d", "/s", "/c", `"${command}"`];
}

/** Reads an exit code of the shell of this system; `cmd.exe` knows no signals. */
export function exitOf(code: number): Exit {
  return OS === "windows" ? { code, signal: null } : exitOfShell(code);
}

/**
 * A line of the POSIX shell that takes the folder of Deno's own `node` out of PATH, as `withoutNodeShim` does:
 * devsvc itself may not read PATH.
 */
export const WITHOUT_NODE_SHIM: string =
  'if [ -n "$DENO_NODE_SHIM_ACTIVE" ]; then ' +
  "unset DENO_NODE_SHIM_ACTIVE; devsvc_rest=$PATH: devsvc_path=; " +
  'while [ -n "$devsvc_rest" ]; do ' +
  "case ${devsvc_rest%%:*} in */node_compat_bin) ;; " +
  "*) devsvc_path=$devsvc_path:${devsvc_rest%%:*} ;; esac; " +
  "devsvc_rest=${devsvc_rest#*:}; done; PATH=${devsvc_path#:}; fi; ";

/** A command that runs. */
export interface RunningCommand {
  /** Settles when it ends. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Ends it and its process group, if any; only before `status` has settled. */
  kill(): void;
}

/**
 * Runs a command without input and output.
 *
 * @throws {Error} Where it cannot be started.
 */
export function runCommand(
  command: Command,
  options: Pick<Deno.CommandOptions, "cwd" | "env">,
): RunningCommand {
  const [program = "", ...args] = typeof command === "string"
    ? shellCommand(OS === "windows" ? command : WITHOUT_NODE_SHIM + command)
    : command;
  const child = new Deno.Command(program, {
    ...options,
    args,
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: HAS_PROCESS_GROUPS,
    windowsRawArguments: typeof command === "string",
  }).spawn();
  return {
    status: child.status,
    kill: () => {
      try {
        // The number is not given away before the process was waited for.
        Deno.kill(HAS_PROCESS_GROUPS ? -child.pid : child.pid, "SIGKILL");
      } catch {
        // It has just ended.
      }
    },
  };
}
