/**
 * Logs for the tests: a folder that services write to, and what the supervisor does
 * for it in a process of its own, so that it can be killed.
 */

import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";
import { startProcess, type TestProcess } from "./test_process.ts";
import { fixture } from "./paths.ts";
import type { TestProject } from "./test_project.ts";

/** Says in services.toml that there are services; nothing starts them. */
export function silentServices(...names: readonly string[]): string {
  return names.map((name) => `[services.${name}]\ncommand = ["sleep", "60"]\n`)
    .join("\n");
}

/**
 * Makes the folder of the logs.
 *
 * @returns The folder, absolute.
 */
export function makeLogs({ root }: Pick<TestProject, "root">): string {
  const dir = stateDirOf(root);
  ensureStateDir(dir);
  return dir.logs;
}

/**
 * Watches logs as the supervisor does.
 *
 * @returns The process; it has begun to watch.
 */
export async function startLogSupervisor(
  root: string,
  limits: { readonly size: number; readonly keep: number },
  ...names: readonly string[]
): Promise<TestProcess> {
  const { size, keep } = limits;
  const supervisor = startProcess(Deno.execPath(), [
    "run",
    "-A",
    "--no-lock",
    fixture("log_supervisor.ts"),
    root,
    String(size),
    String(keep),
    ...names,
  ]);
  await supervisor.line();
  return supervisor;
}

/** What lies in a folder of logs, put together without the code under test. */
export interface RawLog {
  /** The names of the archives, oldest first. */
  readonly archives: readonly string[];
  /** All that is kept, byte by byte. */
  readonly text: string;
  /** What the active file takes on the disk, in bytes. */
  readonly used: number;
}

/**
 * Lists the archives of a log.
 *
 * @returns Their names, oldest first.
 */
export async function archivesIn(
  folder: string,
  service: string,
): Promise<readonly string[]> {
  const ends: number[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const match = /\.log\.(\d+)$/.exec(name);
    if (match && name.startsWith(`${service}.log.`)) {
      ends.push(Number(match[1]));
    }
  }
  ends.sort((a, b) => a - b);
  return ends.map((end) => `${service}.log.${end}`);
}

/**
 * Reads a log as `cat` would, but for the hole at the head of the active file.
 *
 * What was rotated just now is there twice, until its head is given back.
 *
 * @throws {Deno.errors.NotFound} Where an archive is removed meanwhile.
 */
export async function readRaw(
  folder: string,
  service: string,
): Promise<RawLog> {
  const active = `${folder}/${service}.log`;
  const archives = await archivesIn(folder, service);
  const parts = await Promise.all(
    archives.map((name) => Deno.readTextFile(`${folder}/${name}`)),
  );
  const text = await Deno.readTextFile(active);
  const { blocks } = await Deno.stat(active);
  return {
    archives,
    text: parts.join("") + text.slice(text.lastIndexOf("\0") + 1),
    used: (blocks ?? 0) * 512,
  };
}
