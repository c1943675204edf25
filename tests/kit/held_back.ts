/**
 * Services that are held back between the check of devsvc and their own bind,
 * so that somebody else can take their port in between.
 *
 * @module
 */

import { until } from "./test_process.ts";
import type { Run } from "./run_devsvc.ts";
import type { TestProject } from "./test_project.ts";
import { startServer, type TestServer } from "./test_server.ts";

/**
 * The command of a service that says that it is there and waits for leave.
 *
 * @param afterwards What its shell does when that has failed; by default it
 * ends as that did.
 */
export function heldBack(command: string, afterwards = 'exit "$?"'): string {
  const script = "touch here; while [ ! -e go ]; do sleep 0.02; done; " +
    `"$@" || ${afterwards}`;
  return JSON.stringify(["sh", "-c", script, "sh", ...JSON.parse(command)]);
}

/**
 * Runs `start`, and has a thief take a port as soon as the service is there.
 *
 * @param flags More words for `start`.
 * @returns What `start` ended with, and the thief.
 */
export async function startWhile(
  project: TestProject,
  steal: () => Promise<TestServer>,
  flags: readonly string[] = [],
): Promise<{ readonly run: Run; readonly thief: TestServer }> {
  const child = project.spawn(["start", ...flags]);
  const output = child.output();
  await until(() => exists(`${project.root}/here`));
  const thief = await steal();
  await Deno.writeTextFile(`${project.root}/go`, "");
  const { code, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  const run = {
    code,
    stdout: decoder.decode(stdout),
    stderr: decoder.decode(stderr),
  };
  return { run, thief };
}

/** A thief that is ready to take a port. */
export interface Lurking {
  /** Settles once it has the port. */
  readonly thief: Promise<TestServer>;
}

/**
 * Starts a thief that takes a port as soon as the service is there: nothing is
 * lost of the time of the service while the thief itself starts.
 */
export async function lurk(
  project: TestProject,
  port: number,
  options: { readonly host?: string; readonly cwd?: string } = {},
): Promise<Lurking> {
  const sign = `${project.root}/lurking`;
  const args = ["--spawns", sign, "--after", `${project.root}/here`];
  const thief = startServer(port, { ...options, args });
  await until(() => exists(sign));
  return { thief };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
