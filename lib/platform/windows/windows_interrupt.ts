/**
 * Ctrl-C for a service: how a program of the console is asked to end. Only a
 * process of a console can press it there, and it may be in one only, so devsvc
 * runs itself once more, without a console, for this.
 */

import type { Identity, ProcessEntry, ProcessTable } from "../../core/model.ts";
import { findAlive, withDescendants } from "../../core/process_tree.ts";
import { INTERRUPT_COMMAND } from "../os.ts";
import { runTool } from "../tool.ts";
import { type Kernel, RIGHTS } from "./kernel.ts";
import { startOf } from "./process_list.ts";
import {
  type FindKernel,
  readProcessTable,
  readTaggedProcesses,
} from "./windows_processes.ts";

/** Finds the program that runs devsvc with some words. */
export type FindSelf = (
  words: readonly string[],
) => Promise<{ readonly path: string; readonly args: readonly string[] }>;

/** devsvc starts within this time on a busy machine, in milliseconds. */
const DEADLINE = 20_000;

/** Asks processes by Ctrl-C, each once: a second one means "at once". */
export class Interrupter {
  readonly #findSelf: FindSelf;
  readonly #asked = new Set<string>();

  /** Has asked nobody yet. */
  constructor(findSelf: FindSelf) {
    this.#findSelf = findSelf;
  }

  /**
   * Presses Ctrl-C in the consoles of a process and of all below it.
   *
   * @param table All processes, as just read.
   * @returns Whether a console was found in which nothing else is.
   */
  async ask(
    { pid, start }: Identity,
    table: ProcessTable,
  ): Promise<boolean> {
    if (this.#asked.has(`${pid} ${start}`)) return true;
    const words = [INTERRUPT_COMMAND, String(pid), start];
    const { path, args } = await this.#findSelf(words);
    const result = await runTool(path, args, {
      deadline: DEADLINE,
      sharesConsole: true,
    });
    if (result.kind !== "done" || result.code !== 0) return false;
    for (const word of result.stdout.trim().split(" ")) {
      const entry = table.get(Number(word));
      if (entry) this.#asked.add(`${entry.pid} ${entry.start}`);
    }
    return true;
  }
}

/**
 * Presses Ctrl-C in the consoles of a process and of all below it, where all
 * processes in them are of the same run: never in the window of a user.
 *
 * @returns The processes that heard it; none where it was not pressed.
 */
export function interrupt(
  find: FindKernel,
  target: Identity,
): readonly number[] {
  const kernel = find();
  if (!kernel.ok) return [];
  using held = kernel.value.open(target.pid, RIGHTS.look);
  const times = held?.times();
  if (!times || times.hasEnded || startOf(times.created) !== target.start) {
    return [];
  }
  const first = readRun(find, target);
  const heard = new Set<number>();
  for (const { pid } of first?.tree ?? []) {
    if (heard.has(pid)) continue;
    for (const one of pressIn(pid, find, kernel.value, target)) heard.add(one);
  }
  return [...heard];
}

function pressIn(
  pid: number,
  find: FindKernel,
  kernel: Kernel,
  target: Identity,
): readonly number[] {
  if (!kernel.joinConsole(pid)) return [];
  const others = kernel.consoleProcesses().filter((one) => one !== Deno.pid);
  // Read now: a process may have joined the console since.
  const members = readRun(find, target)?.members;
  const isOwn = others.length > 0 && others.every((one) => members?.has(one));
  return isOwn && kernel.pressCtrlC() ? others : [];
}

/** The processes of the run that a process belongs to. */
interface RunMembers {
  /** The process and all below it. */
  readonly tree: readonly ProcessEntry[];
  /** All that carry the run id, and all below them. */
  readonly members: ReadonlySet<number>;
}

function readRun(
  find: FindKernel,
  target: Identity,
): RunMembers | undefined {
  const table = readProcessTable(find);
  const tagged = readTaggedProcesses(find);
  if (!table.ok || !tagged.ok) return undefined;
  const entry = findAlive(target, table.value);
  const run = tagged.value.find(({ pid }) => pid === target.pid)?.run;
  if (!entry || run === undefined) return undefined;
  const marked = tagged.value
    .filter((process) => process.run === run)
    .flatMap(({ pid }) => table.value.get(pid) ?? []);
  return {
    tree: withDescendants([entry], table.value),
    members: new Set(
      withDescendants(marked, table.value).map(({ pid }) => pid),
    ),
  };
}
