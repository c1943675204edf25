/**
 * A server that a test starts by itself: to devsvc a stranger, or, in a folder
 * of the project, a service that it did not start.
 *
 * @module
 */

import { until } from "../../lib/platform/_testing.ts";
import { fixture } from "./paths.ts";
import { answers, isAlive } from "./processes.ts";

/** A server of a test; it ends with the test, and where the test is killed. */
export interface TestServer extends AsyncDisposable {
  /** Its id. */
  readonly pid: number;
  /** Tells whether it lives. */
  isAlive(): boolean;
}

/**
 * Starts a server and waits until it answers.
 *
 * @param port Where it listens.
 * @param options The folder it works in, by default one that is nobody's
 * project; its address, more arguments of `fixtures/server.ts`, and another
 * path of Deno to go by another name.
 * @returns The server.
 */
export async function startServer(
  port: number,
  options: {
    readonly cwd?: string;
    readonly host?: string;
    readonly args?: readonly string[];
    readonly program?: string;
  } = {},
): Promise<TestServer> {
  const { cwd = "/", host = "127.0.0.1", args = [] } = options;
  const child = new Deno.Command(options.program ?? Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-config", "--no-lock", fixture("server.ts")],
      ...["--port", String(port), "--host", host, "--tied", ...args],
    ],
    cwd,
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  const server: TestServer = {
    pid: child.pid,
    isAlive: () => isAlive(child.pid),
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close().catch(() => {});
      await child.status;
    },
  };
  await until(() => answers(port));
  return server;
}
