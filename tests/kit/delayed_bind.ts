/**
 * Services that bind their port late, so that another process can take it
 * between devsvc's check of the port and that bind.
 */

import { until } from "./test_process.ts";
import type { Run } from "./run_devsvc.ts";
import type { TestProject } from "./test_project.ts";
import { startServer, type TestServer } from "./test_server.ts";

/**
 * The command of a service that creates the file `here`, and runs its command
 * once the file `go` exists.
 *
 * @param afterwards What its shell does when that command has failed; by default
 * it exits with the same code.
 */
export function delayedBind(command: string, afterwards = 'exit "$?"'): string {
  const script = "touch here; while [ ! -e go ]; do sleep 0.02; done; " +
    `"$@" || ${afterwards}`;
  return JSON.stringify(["sh", "-c", script, "sh", ...JSON.parse(command)]);
}

/**
 * Runs `start`, and has another server take a port before the service binds it.
 *
 * @param flags More words for `start`.
 * @returns The result of `start`, and that server.
 */
export async function startAndTakePort(
  project: TestProject,
  takePort: () => Promise<TestServer>,
  flags: readonly string[] = [],
): Promise<{ readonly run: Run; readonly taker: TestServer }> {
  const child = project.spawn(["start", ...flags]);
  const output = child.output();
  await until(() => exists(`${project.root}/here`));
  const taker = await takePort();
  await Deno.writeTextFile(`${project.root}/go`, "");
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  const run = {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
  return { run, taker };
}

/** A server that has started and will take a port. */
export interface Taker {
  /** Settles once it has the port. */
  readonly taker: Promise<TestServer>;
}

/**
 * Starts a server that takes a port as soon as the service is there: its own
 * start costs nothing of the time that the service has to become ready.
 */
export async function prepareTaker(
  project: TestProject,
  port: number,
  options: { readonly host?: string; readonly cwd?: string } = {},
): Promise<Taker> {
  const started = `${project.root}/taker`;
  const args = ["--spawns", started, "--after", `${project.root}/here`];
  const taker = startServer(port, { ...options, args });
  await until(() => exists(started));
  return { taker };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
