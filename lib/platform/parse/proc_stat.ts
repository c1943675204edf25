import type { Lookup, ProcessEntry, ProcessTable } from "../../core/model.ts";
import { parsePid } from "./fields.ts";

/**
 * Clock ticks in a second: 100 in user space on every architecture that Deno
 * runs on (USER_HZ, `man 7 time`; `getconf CLK_TCK`).
 */
const TICKS = 100;

/** The usual size of a page; see {@linkcode parseProc} for others. */
const PAGE_BYTES = 4096;

/**
 * The name of a task is at most 15 bytes of any kind (`man 5 proc_pid_comm`),
 * that of a kernel worker up to 64 plain ones.
 */
const NAME = /^(?:[^]{0,15}|[^\n]{0,64})$/;

/**
 * The end of one record: `)`, the state and the numbers. The name before it
 * may hold any character, also a line end and `)`, but not that many numbers.
 */
const RECORD_END = /\) ([A-Za-z])((?: -?\d+){40,})(?=\n|$)/g;

/**
 * Reads what `cat` prints of the boot id, the uptime and any number of
 * `/proc/PID/stat` (`man 5 proc_pid_stat`).
 *
 * The start of a process is its `starttime` in ticks since boot and the first
 * part of the boot id, so that it differs after the next boot; a dash where the
 * kernel hides the boot id.
 *
 * A first line `page N` gives the size of a page in kB where it is not 4.
 *
 * @param now When it was printed, in milliseconds since 1970.
 * @returns The processes by id; not ok where not even the uptime is there.
 */
export function parseProc(text: string, now: number): Lookup<ProcessTable> {
  const head =
    /^(?:page (\d+)\n)?(?:([0-9a-f]{8})-[0-9a-f-]{27}\n)?(\d+\.\d+) \d+\.\d+(?:\n|$)/
      .exec(text);
  if (head === null) return { ok: false, reason: "/proc is not readable" };
  const boot = {
    id: head[2] ?? "-",
    at: now - Number(head[3]) * 1000,
    page: head[1] === undefined ? PAGE_BYTES : Number(head[1]) * 1024,
  };
  const table = new Map<number, ProcessEntry>();
  const records = text.slice(head[0].length);
  let begin = 0;
  for (const end of records.matchAll(RECORD_END)) {
    const entry = readRecord(records.slice(begin, end.index), end, boot);
    if (entry !== undefined) table.set(entry.pid, entry);
    begin = end.index + end[0].length + 1;
  }
  return { ok: true, value: table };
}

function readRecord(
  head: string,
  end: RegExpExecArray,
  boot: { readonly id: string; readonly at: number; readonly page: number },
): ProcessEntry | undefined {
  const [, id = "", name = ""] = /^(\d+) \(([^]*)$/.exec(head) ?? [];
  const pid = parsePid(id);
  if (pid === undefined || !NAME.test(name)) return undefined;
  const numbers = (end[2] ?? "").trim().split(" ").map(Number);
  // The fields of `man 5 proc_pid_stat` are counted from 1; 4 is the first
  // number after the state.
  const field = (index: number): number => numbers[index - 4] ?? 0;
  const ticks = field(22);
  return {
    pid,
    start: `${ticks}@${boot.id}`,
    ppid: Math.max(0, field(4)),
    group: Math.max(0, field(5)),
    session: Math.max(0, field(6)),
    name,
    // Z is also shown where only the main thread ended: then there are others.
    zombie: /[ZXx]/.test(end[1] ?? "") && field(20) <= 1,
    // A `t` is in a debugger, which continues it by itself.
    ...(end[1] === "T" ? { suspended: true } : {}),
    order: ticks,
    startedAt: Math.round(boot.at + ticks * 1000 / TICKS),
    cpuSeconds: (field(14) + field(15)) / TICKS,
    memoryBytes: Math.max(0, field(24)) * boot.page,
  };
}
