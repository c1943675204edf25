/**
 * A project of its own for a test: a folder, a services.toml, reserved ports;
 * and nothing of it is left when the test ends.
 */

import { killNow } from "./test_process.ts";
import "./suppressed.ts";
import {
  type Run,
  runDevsvc,
  type RunOptions,
  spawnDevsvc,
} from "./run_devsvc.ts";
import { fixture } from "./paths.ts";
import { reservePorts } from "./ports.ts";
import { ON_LINUX } from "./os_tags.ts";
import { processesLeftIn } from "./processes.ts";

/** A project of a test. */
export interface TestProject extends AsyncDisposable {
  /** Its folder, absolute. */
  readonly root: string;
  /** The ports that it may use. */
  readonly ports: readonly number[];
  /** Writes services.toml. */
  write(toml: string): void;
  /** Runs devsvc in it. */
  run(args: readonly string[], options?: Partial<RunOptions>): Promise<Run>;
  /** Starts devsvc in it and leaves it running. */
  spawn(
    args: readonly string[],
    options?: Partial<RunOptions>,
  ): Deno.ChildProcess;
  /** Reads a file of it. */
  read(path: string): string;
}

/**
 * Makes a project.
 *
 * @param options The name of its folder, where it matters; whether devsvc writes
 * coverage, by default only in the end-to-end tests.
 */
export function makeProject(
  portCount: number,
  write: (ports: readonly number[]) => string,
  { folder = "project", ...defaults }: {
    readonly folder?: string;
    readonly covered?: boolean;
  } = {},
): TestProject {
  const ports = reservePorts(portCount);
  const base = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "devsvc-" }));
  const root = `${base}/${folder}`;
  Deno.mkdirSync(root);
  const file = `${root}/services.toml`;
  Deno.writeTextFileSync(file, write(ports.numbers));
  const run = (args: readonly string[], options: Partial<RunOptions> = {}) =>
    runDevsvc(args, { cwd: root, ...defaults, ...options });
  return {
    root,
    ports: ports.numbers,
    run,
    spawn: (args, options = {}) =>
      spawnDevsvc(args, { cwd: root, ...defaults, ...options }),
    write: (toml) => Deno.writeTextFileSync(file, toml),
    read: (path) => Deno.readTextFileSync(`${root}/${path}`),
    [Symbol.asyncDispose]: async () => {
      await Deno.writeTextFile(file, write(ports.numbers));
      const { code, stdout, stderr } = await run(["stop"]);
      const left = ON_LINUX.ignore ? [] : await processesLeftIn(root);
      left.forEach(killNow);
      await Deno.remove(base, { recursive: true });
      ports[Symbol.dispose]();
      if (code !== 0 || left.length > 0) {
        throw new Error(
          `Cannot stop the project: ${stdout}${stderr}left: ${left}`,
        );
      }
    },
  };
}

/**
 * Makes a project and starts its services.
 *
 * @returns The project; nothing of it is left if it did not start.
 */
export async function startProject(
  portCount: number,
  write: (ports: readonly number[]) => string,
  prepare?: (project: TestProject) => Promise<void>,
): Promise<TestProject> {
  const project = makeProject(portCount, write);
  try {
    await prepare?.(project);
    const { code, stdout, stderr } = await project.run(["start"]);
    if (code !== 0) throw new Error(`Cannot start: ${stdout}${stderr}`);
    return project;
  } catch (error) {
    await project[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * The command of a service made of the test server.
 *
 * @param args The arguments of `fixtures/server.ts`.
 */
export function serverCommand(...args: readonly string[]): string {
  return JSON.stringify([
    Deno.execPath(),
    "run",
    "-A",
    "--no-config",
    "--no-lock",
    fixture("server.ts"),
    ...args,
  ]);
}

/** A services.toml of servers that behave, named `a`, `b`, `c` and so on. */
export function plainServers(ports: readonly number[]): string {
  return ports.map((port, index) =>
    `[services.${nameOf(index)}]
label = "Service ${nameOf(index).toUpperCase()}"
command = ${serverCommand("--port", String(port))}
port = ${port}
ready = { http = "/" }
`
  ).join("\n");
}

/** The name of a plain server. */
export function nameOf(index: number): string {
  return String.fromCharCode("a".charCodeAt(0) + index);
}
