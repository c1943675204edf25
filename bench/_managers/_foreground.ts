/** Tools that stay in the foreground until Ctrl-C. */

import { after, type CommandOptions, stay } from "../_command.ts";
import { until } from "../_world.ts";
import type { Managed } from "./manager.ts";

/** How long a tool may take to end, in milliseconds. */
const END_LIMIT = 30_000;

/**
 * Starts and stops a tool of the foreground.
 *
 * @param options How it is run; `ready` is what it prints when all is ready.
 */
export function foreground(
  command: readonly string[],
  options: CommandOptions & {
    readonly file: string;
    readonly ready?: string;
  },
): Pick<Managed, "start" | "stop" | "close"> {
  const { file, ready } = options;
  let child: Deno.ChildProcess | undefined;
  const end = async (signal: Deno.Signal) => {
    try {
      child?.kill(signal);
    } catch {
      // It has ended by itself.
    }
    const end = await Promise.race([child?.status, after(END_LIMIT)]);
    if (child && !end) {
      throw new Error(`no end within ${END_LIMIT / 1000} s of ${signal}`);
    }
    child = undefined;
  };
  return {
    start: async () => {
      await Deno.writeTextFile(file, "");
      child = stay(command, options);
      if (ready !== undefined) {
        await until("told ready", () => hasLine(file, ready));
      }
    },
    stop: () => end("SIGINT"),
    // After a failure nothing is waited for: what is left is swept up.
    close: () => end("SIGKILL"),
  };
}

function hasLine(file: string, line: string): boolean {
  return Deno.readTextFileSync(file).split("\n").some((one) =>
    one.trim().endsWith(line)
  );
}
