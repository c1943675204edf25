/**
 * What the benchmark sees of the machine without any of the tools, and how it
 * leaves nothing behind. It reads `/proc`: it runs on Linux.
 */

import { RUN_ID, RUN_VARIABLE } from "./_command.ts";

/** How often a condition is checked, in milliseconds. */
const TICK = 1;

/** The longest that anything is waited for, in milliseconds. */
const TIMEOUT = 60_000;

/**
 * Waits until a condition holds.
 *
 * @throws {Error} Where it does not within a minute.
 */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + TIMEOUT;
  while (!holds()) {
    if (performance.now() > end) {
      throw new Error(`not ${what} within ${TIMEOUT / 1000} s`);
    }
    await pause(TICK);
  }
}

/** Pauses. */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The state of a socket that listens, in `/proc/net/tcp`. */
const LISTEN = "0A";

/** The TCP ports that are listened on over IPv4. */
export function listening(): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const line of Deno.readTextFileSync("/proc/net/tcp").split("\n")) {
    const [, local = "", , state] = line.trim().split(/\s+/);
    if (state === LISTEN) ports.add(parseInt(local.split(":")[1] ?? "", 16));
  }
  return ports;
}

/** Waits until all of some ports are listened on. */
export async function untilUp(ports: readonly number[]): Promise<void> {
  await until("all ready", () => {
    const up = listening();
    return ports.every((port) => up.has(port));
  });
}

/** Waits until nothing is left of some services. */
export async function untilGone(
  ports: readonly number[],
  pids: readonly number[],
): Promise<void> {
  await until("all gone", () => {
    const up = listening();
    return !ports.some((port) => up.has(port)) && !pids.some(isAlive);
  });
}

/** Whether a process lives; a zombie does not. */
export function isAlive(pid: number): boolean {
  const stat = readProc(pid, "stat");
  const state = stat.slice(stat.lastIndexOf(")") + 2)[0];
  return state !== undefined && state !== "Z" && state !== "X";
}

/** A process that this benchmark, or a tool that it ran, has started. */
export interface RunProcess {
  /** Its id. */
  readonly pid: number;
  /** Its command line. */
  readonly args: readonly string[];
}

/** Lists the living processes of this run. */
export function processesOfRun(): readonly RunProcess[] {
  const variable = `${RUN_VARIABLE}=${RUN_ID}`;
  const found: RunProcess[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === Deno.pid) continue;
    if (!readProc(pid, "environ").split("\0").includes(variable)) continue;
    if (!isAlive(pid)) continue;
    found.push({
      pid,
      args: readProc(pid, "cmdline").split("\0").slice(0, -1),
    });
  }
  return found;
}

/** Ends every process of this run. */
export async function killLeftovers(): Promise<number> {
  let count = 0;
  // A process that forks while it is killed leaves others.
  for (let attempt = 0; attempt < 50; attempt++) {
    const left = processesOfRun();
    if (left.length === 0) break;
    count += left.length;
    for (const { pid } of left) {
      try {
        Deno.kill(pid, "SIGKILL");
      } catch {
        // It has ended by itself.
      }
    }
    await pause(20);
  }
  return count;
}

/**
 * Reads a file of a process.
 *
 * @returns Its text; empty where the process is gone.
 */
export function readProc(pid: number, file: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/${file}`);
  } catch {
    return "";
  }
}

/** Below what tests use (20,000) and what the OS gives to clients. */
const FIRST = 10_000;
const LAST = 19_999;

let cursor = FIRST + (Deno.pid * 7) % (LAST - FIRST);

/**
 * Takes ports in a row that no process listens on.
 *
 * @returns The first of them.
 * @throws {Error} Where there are not so many in a row.
 */
export function takePorts(count: number): number {
  const busy = listening();
  for (let step = 0; step <= LAST - FIRST; step++) {
    if (cursor + count > LAST) cursor = FIRST;
    const first = cursor++;
    const all = Array.from({ length: count }, (_, index) => first + index);
    if (all.some((port) => busy.has(port))) continue;
    cursor = first + count;
    return first;
  }
  throw new Error(`Cannot take ${count} ports in a row`);
}

/**
 * Ends some processes at once.
 *
 * @param pids The processes; those that are not of this run are left alone.
 */
export async function killProcesses(pids: readonly number[]): Promise<void> {
  for (const { pid } of processesOfRun()) {
    if (!pids.includes(pid)) continue;
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
  await until("ended", () => !pids.some(isAlive));
}
