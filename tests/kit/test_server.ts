/**
 * A server that a test starts by itself: to devsvc another process, or, in a folder
 * of the project, a service that it did not start.
 */

import { fixture } from "./paths.ts";
import { isAlive } from "./processes.ts";

/** A server of a test; it ends with the test, and where the test is killed. */
export interface TestServer extends AsyncDisposable {
  /** Its id. */
  readonly pid: number;
  /** Whether it lives. */
  isAlive(): boolean;
}

/**
 * Starts a server and waits until it listens.
 *
 * @param options The folder it works in, by default one that is nobody's
 * project; its address, more arguments of `fixtures/server.ts`, and another
 * path of Deno to go by another name.
 */
export async function startServer(
  port: number,
  options: {
    readonly cwd?: string;
    readonly host?: string;
    readonly args?: readonly string[];
    readonly program?: string;
    /** Its command line is that of a plain service, see `plainServers`. */
    readonly isPlain?: boolean;
  } = {},
): Promise<TestServer> {
  const { cwd = "/", host = "127.0.0.1", args = [] } = options;
  const child = new Deno.Command(options.program ?? Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-config", "--no-lock", fixture("server.ts")],
      ...["--port", String(port)],
      ...options.isPlain ? [] : ["--host", host, "--tied", ...args],
    ],
    cwd,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const server: TestServer = {
    pid: child.pid,
    isAlive: () => isAlive(child.pid),
    [Symbol.asyncDispose]: async () => {
      await child.stdin.close().catch(() => {});
      if (options.isPlain && isAlive(child.pid)) child.kill("SIGKILL");
      await child.status;
      await output.cancel();
    },
  };
  // Its own word: the port may have answered before it.
  const { value = "" } = await output.read();
  if (value.startsWith("listening")) return server;
  await server[Symbol.asyncDispose]();
  throw new Error(`Cannot listen on ${port}: ${value}`);
}
