import type { Lookup } from "../../core/model.ts";
import { parsePid } from "./fields.ts";
import { type WindowsProcess, windowsProcess } from "./windows_process.ts";

/** Selects processes; all where it is empty. */
export interface ProcessFilter {
  /** Only these. */
  readonly pids?: readonly number[];
  /** Only the children of this one. */
  readonly ppid?: number;
}

/**
 * Writes the PowerShell script whose output {@linkcode parseCim} reads: always
 * an array, so that an empty output is a failure.
 */
export function cimScript({ pids, ppid }: ProcessFilter = {}): string {
  const terms = ppid === undefined
    ? pids?.map((pid) => `ProcessId=${pid}`)
    : [`ParentProcessId=${ppid}`];
  const filter = terms === undefined ? "" : ` -Filter "${terms.join(" or ")}"`;
  return "$ErrorActionPreference='Stop';$ProgressPreference='SilentlyContinue';" +
    "[Console]::OutputEncoding=[Text.Encoding]::UTF8;" +
    `$p=Get-CimInstance Win32_Process${filter}|Select-Object ProcessId,` +
    "ParentProcessId,Name,CommandLine,KernelModeTime,UserModeTime," +
    "WorkingSetSize,@{n='Started';e={if($_.CreationDate){" +
    "$_.CreationDate.ToUniversalTime().ToString('o')}}};" +
    "ConvertTo-Json -Compress -InputObject @($p)";
}

/**
 * Reads the processes from an array, or an object where there is only one;
 * values that Windows hides are null.
 */
export function parseCim(text: string): Lookup<readonly WindowsProcess[]> {
  const value = readJson(text);
  const rows = Array.isArray(value) ? value : [value];
  const processes = rows.map(readRow).filter((row) => row !== undefined);
  return processes.length === 0 && !(Array.isArray(value) && value.length === 0)
    ? { ok: false, reason: "PowerShell printed nothing that is understood" }
    : { ok: true, value: processes };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readRow(row: unknown): WindowsProcess | undefined {
  if (!isRecord(row)) return undefined;
  const pid = parsePid(String(readNumber(row["ProcessId"])));
  if (pid === undefined) return undefined;
  return windowsProcess({
    pid,
    ppid: readNumber(row["ParentProcessId"]),
    name: readText(row["Name"]),
    micros: readTime(readText(row["Started"])),
    cpu: readNumber(row["KernelModeTime"]) + readNumber(row["UserModeTime"]),
    memory: readNumber(row["WorkingSetSize"]),
    commandLine: readText(row["CommandLine"]),
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function readNumber(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function readText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** `2026-08-21T08:15:30.1234567Z`; the last digit is below a microsecond. */
function readTime(text: string): number | undefined {
  const [, seconds = "", micros = ""] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{6})\d*Z$/.exec(text) ?? [];
  const at = Date.parse(`${seconds}Z`);
  return Number.isNaN(at) ? undefined : at * 1000 + Number(micros);
}
