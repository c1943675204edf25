/**
 * What CIM and wmic share: the processes of Windows and their command lines.
 */

import type { ProcessEntry } from "../../core/model.ts";

/** A process of Windows with its command line. */
export interface WindowsProcess extends ProcessEntry {
  /** The command line as it was given; empty where Windows hides it. */
  readonly commandLine: string;
}

interface WindowsProperties {
  readonly pid: number;
  /** The id of the parent, which may be dead and its id reused. */
  readonly ppid: number;
  readonly name: string;
  /** The start in microseconds since 1970, where it is known. */
  readonly micros: number | undefined;
  /** Processor time in units of 100 ns. */
  readonly cpu: number;
  /** The working set in bytes. */
  readonly memory: number;
  readonly commandLine: string;
}

/**
 * Makes a row of the table of processes. The start of the few system processes
 * without one is empty, which never identifies a process.
 */
export function windowsProcess(properties: WindowsProperties): WindowsProcess {
  const { pid, ppid, name, micros, cpu, memory, commandLine } = properties;
  return {
    pid,
    start: micros === undefined ? "" : String(micros),
    ppid,
    group: 0,
    session: 0,
    name,
    zombie: false,
    order: micros ?? 0,
    startedAt: Math.floor((micros ?? 0) / 1000),
    cpuSeconds: cpu / 10_000_000,
    memoryBytes: memory,
    commandLine,
  };
}

/**
 * Splits a command line into its arguments, the program first, as programs of
 * Windows do
 * (https://learn.microsoft.com/cpp/c-language/parsing-c-command-line-arguments).
 */
export function splitCommandLine(line: string): readonly string[] {
  const args: string[] = [];
  let current: string | undefined;
  let quoted = false;
  for (const match of line.matchAll(/(\\*)("{1,2})|\\+|\s+|[^\s"\\]+/g)) {
    const [whole, slashes = "", quotes] = match;
    if (quotes !== undefined) {
      current = (current ?? "") + slashes.slice(0, slashes.length >> 1);
      const literal = slashes.length % 2;
      // Two quotes within quotes are one; the rest opens or closes.
      let left = quotes.length - literal;
      if (literal === 1) current += '"';
      if (left === 2 && quoted) current += '"';
      else while (left-- > 0) quoted = !quoted;
    } else if (/^\s/.test(whole) && !quoted) {
      if (current !== undefined) args.push(current);
      current = undefined;
    } else {
      current = (current ?? "") + whole;
    }
  }
  if (current !== undefined) args.push(current);
  return args;
}
