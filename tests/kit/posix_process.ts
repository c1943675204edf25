/** Services and zombies of Linux and macOS that end with their test. */

import assert from "node:assert/strict";
import type { Command, Identity, ProcessEntry } from "../../lib/core/model.ts";
import { killNow, startProcess, until } from "./test_process.ts";
import type { Exit } from "../../lib/core/exit.ts";
import type {
  Platform,
  SuspendedProcess,
} from "../../lib/platform/platform.ts";

/** Finds the identity of a process that must be alive. */
export async function identify(
  platform: Platform,
  pid: number,
): Promise<Identity> {
  const found = await platform.identity(pid);
  assert.ok(found.ok && found.value !== undefined);
  return found.value;
}

/** Whether a process is alive. */
export async function isAlive(
  platform: Platform,
  pid: number,
): Promise<boolean> {
  const found = await platform.identity(pid);
  return found.ok && found.value !== undefined;
}

/** Finds the living members of a process group. */
export async function membersOf(
  platform: Platform,
  group: number,
): Promise<number[]> {
  const found = await platform.processTable();
  assert.ok(found.ok);
  return [...found.value.values()]
    .filter((entry) => entry.group === group && !entry.zombie)
    .map((entry) => entry.pid);
}

/** Starts a service at the start barrier; its group ends with the test. */
export async function suspendedProcess(
  platform: Platform,
  folder: string,
  command: Command,
  env: Record<string, string> = {},
): Promise<SuspendedProcess & AsyncDisposable> {
  const log = `${folder}/log`;
  const suspended = await platform.spawnSuspended({
    command,
    cwd: folder,
    env,
    log,
    exitFile: `${folder}/exit`,
  });
  return {
    ...suspended,
    [Symbol.asyncDispose]: async () => {
      // Others of its group may end with the one that was ended before it.
      (await membersOf(platform, suspended.pid)).forEach(killNow);
      await ended(suspended);
    },
  };
}

/**
 * Waits until the wrapper runs its program: a signal before that only reaches
 * the wrapper, which ignores it.
 */
export async function untilServing(
  platform: Platform,
  suspended: SuspendedProcess,
  name: string,
): Promise<ProcessEntry> {
  return await until(async () => {
    const found = await platform.processTable();
    const entries = found.ok ? [...found.value.values()] : [];
    return entries.find((entry) =>
      entry.ppid === suspended.pid && entry.name.endsWith(name)
    );
  });
}

/**
 * Waits for the end of a process; `exited` alone does not keep a program
 * going, by design.
 */
export async function ended(suspended: SuspendedProcess): Promise<Exit> {
  const hold = setInterval(() => {}, 1000);
  try {
    return await suspended.exited;
  } finally {
    clearInterval(hold);
  }
}

/** A dead process that its parent, a `sleep`, never reaps. */
export interface TestZombie extends AsyncDisposable {
  /** The dead process. */
  readonly entry: ProcessEntry;
  /** Its parent. */
  readonly parent: number;
}

/**
 * Makes a process that is dead but not reaped.
 *
 * @returns The process; it is gone with the test.
 */
export async function startZombie(platform: Platform): Promise<TestZombie> {
  const parent = startProcess("/bin/sh", [
    "-c",
    "exec 3<&0; (read -r _ <&3) & echo $!; exec sleep 60",
  ]);
  const pid = Number(await parent.line());
  const readTable = async () => {
    const found = await platform.processTable();
    assert.ok(found.ok);
    return found.value;
  };
  // The shell would reap it.
  await until(async () =>
    (await readTable()).get(parent.pid)?.name === "sleep"
  );
  await parent.closeInput();
  const entry = await until(async () => {
    const found = (await readTable()).get(pid);
    return found?.zombie ? found : undefined;
  });
  return {
    entry,
    parent: parent.pid,
    [Symbol.asyncDispose]: () => parent[Symbol.asyncDispose](),
  };
}
