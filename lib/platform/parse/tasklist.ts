/**
 * Reads `tasklist /FO CSV /NH` of Windows.
 *
 * @module
 */

import type { Lookup } from "../../core/model.ts";
import { parsePid } from "./fields.ts";

/** What `tasklist` tells about one process. */
export interface Task {
  /** The process id. */
  readonly pid: number;
  /** The name of the program, such as `python.exe`. */
  readonly name: string;
  /** The working set in bytes; 0 where it was not understood. */
  readonly memoryBytes: number;
}

const ROW = /^"([^"]*)","(\d+)","[^"]*","\d*","([^"]*)"/;

/**
 * Reads the rows, which are the lines that begin with a quote; that there is
 * no task is told in words of the language of Windows.
 *
 * @param text The output, decoded with replacement characters: the space that
 * groups digits may come in the code page of the console.
 * @returns The tasks; not ok where no row was understood.
 */
export function parseTasklist(text: string): Lookup<readonly Task[]> {
  const tasks: Task[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, name = "", id = "", memory = ""] = ROW.exec(line) ?? [];
    const pid = parsePid(id);
    if (pid === undefined) continue;
    const kilobytes = Number(memory.replace(/\D/g, ""));
    tasks.push({ pid, name, memoryBytes: kilobytes * 1024 });
  }
  return tasks.length === 0
    ? { ok: false, reason: "tasklist printed nothing that is understood" }
    : { ok: true, value: tasks };
}
