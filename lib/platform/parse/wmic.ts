import type { Lookup } from "../../core/model.ts";
import { parsePid } from "./fields.ts";
import { type WindowsProcess, windowsProcess } from "./windows_process.ts";

/**
 * The properties of the table. The command line is not one of them: it may hold
 * line ends, and after them text that looks like a property.
 */
export const WMIC_TABLE =
  "CreationDate,KernelModeTime,Name,ParentProcessId,ProcessId,UserModeTime,WorkingSetSize";

/**
 * Reads `wmic process get … /value`, for a Windows where PowerShell cannot run:
 * one `Property=value` a line, each line ended by `\r\r\n`. `/format:csv` fails
 * where Windows has no English files for it.
 */
export function parseWmic(text: string): Lookup<readonly WindowsProcess[]> {
  const processes = records(text).map(readProcess)
    .filter((process) => process !== undefined);
  return processes.length === 0
    ? { ok: false, reason: "wmic printed nothing that is understood" }
    : { ok: true, value: processes };
}

/** A property that is repeated begins the next process. */
function records(text: string): readonly ReadonlyMap<string, string>[] {
  const found: Map<string, string>[] = [];
  for (const line of text.split(/\r*\n/)) {
    const [, key, value = ""] = /^([A-Za-z]+)=(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    const last = found.at(-1);
    if (last === undefined || last.has(key)) {
      found.push(new Map([[key, value]]));
    } else last.set(key, value);
  }
  return found;
}

function readProcess(
  fields: ReadonlyMap<string, string>,
): WindowsProcess | undefined {
  const pid = parsePid(fields.get("ProcessId") ?? "");
  if (pid === undefined) return undefined;
  const number = (key: string) => {
    const text = fields.get(key) ?? "";
    return /^\d+$/.test(text) ? Number(text) : 0;
  };
  return windowsProcess({
    pid,
    ppid: number("ParentProcessId"),
    name: fields.get("Name") ?? "",
    micros: readTime(fields.get("CreationDate") ?? ""),
    cpu: number("KernelModeTime") + number("UserModeTime"),
    memory: number("WorkingSetSize"),
    commandLine: "",
  });
}

/** `20260821101530.123456+120`: local time and its minutes ahead of UTC. */
function readTime(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)\.(\d{6})([+-]\d{1,3})$/
    .exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7).map(Number);
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  const offset = Number(match[8]) * 60_000;
  return (local - offset) * 1000 + Number(match[7]);
}
