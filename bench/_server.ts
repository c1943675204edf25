/** The services of the benchmark: `server.c`, built once. */

import { run, stay } from "./_command.ts";
import {
  isAlive,
  processesOfRun,
  until,
  untilGone,
  untilUp,
} from "./_world.ts";
import { cacheFolder } from "./rivals.ts";

/**
 * Builds the server where it is not built yet, or was changed.
 *
 * @returns The program, absolute.
 * @throws {Error} Where there is no C compiler.
 */
export async function buildServer(): Promise<string> {
  const source = new URL("./server.c", import.meta.url).pathname;
  const program = `${cacheFolder()}/server`;
  await Deno.mkdir(cacheFolder(), { recursive: true });
  const { code, stderr } = await run(["cc", "-O2", "-o", program, source]);
  if (code !== 0) throw new Error(`Cannot build ${source}: ${stderr}`);
  return program;
}

/**
 * Finds the process of the server on a port.
 *
 * @returns Its id; `undefined` where there is none.
 */
export function serverOn(port: number): number | undefined {
  return serversOn([port])[0];
}

/** Finds the processes of the servers on some ports. */
export function serversOn(ports: readonly number[]): readonly number[] {
  const words = new Set(ports.map(String));
  return processesOfRun()
    .filter(({ args }) => isServer(args) && words.has(args[1] ?? ""))
    .map(({ pid }) => pid);
}

/** Whether these are the arguments of a server, not of what runs it. */
export function isServer(args: readonly string[]): boolean {
  return args[0]?.endsWith("/devsvc-bench/server") ?? false;
}

/** A server that a benchmark holds ports by. */
export interface Holder extends AsyncDisposable {
  /** Its process. */
  readonly pid: number;
}

/** Starts a server and waits until it listens. */
export async function hold(
  server: string,
  first: number,
  count: number,
  cwd: string,
): Promise<Holder> {
  const child = stay([server, String(first), "--count", String(count)], {
    cwd,
    file: "/dev/null",
  });
  const ports = Array.from({ length: count }, (_, index) => first + index);
  await untilUp(ports);
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // The workload has ended it.
      }
      await child.status;
      await untilGone(ports, []);
    },
  };
}

/** Waits until another process than before listens on a port. */
export async function untilReplaced(
  port: number,
  before: number,
): Promise<void> {
  await until("replaced", () => !isAlive(before));
  await untilUp([port]);
}
