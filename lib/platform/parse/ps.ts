/**
 * Reads `ps` of macOS (and of Linux, whose columns of these names are alike).
 */

import type {
  Lookup,
  ProcessEntry,
  ProcessTable,
  TaggedProcess,
} from "../../core/model.ts";
import { parsePid, toTaggedProcess } from "./fields.ts";

/**
 * The columns that {@linkcode parsePs} reads. Only the last one may hold
 * spaces; `lstart` always has five words (`man ps`).
 */
export const PS_COLUMNS =
  "pid=,ppid=,pgid=,uid=,stat=,rss=,time=,lstart=,comm=";

/** The columns that {@linkcode parsePsDetails} reads. */
export const PS_DETAILS = "pid=,user=,args=";

/** The language and time zone that the parsers of this file read. */
export const PS_ENV: Readonly<Record<string, string>> = {
  LC_ALL: "C",
  TZ: "UTC0",
};

const ROW =
  /^ *(\d+) +(\d+) +(\d+) +\d+ +([A-Za-z?]\S*) +(\d+) +([\d:.-]+) +[A-Z][a-z]{2} +([A-Z][a-z]{2}) +(\d{1,2}) +(\d\d):(\d\d):(\d\d) +(\d{4}) +(.*)$/;

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/**
 * Reads the output of `ps -o` with {@linkcode PS_COLUMNS} and
 * {@linkcode PS_ENV}. The start of a process is in seconds since 1970, so that
 * it differs after the next boot.
 */
export function parsePs(text: string): Lookup<ProcessTable> {
  const table = new Map<number, ProcessEntry>();
  for (const line of text.split("\n")) {
    const entry = readRow(line);
    if (entry !== undefined) table.set(entry.pid, entry);
  }
  return table.size === 0
    ? { ok: false, reason: "ps printed nothing that is understood" }
    : { ok: true, value: table };
}

interface PsDetail {
  readonly user: string;
  readonly args: readonly string[];
}

/**
 * Reads the output of `ps -o` with {@linkcode PS_DETAILS}. It joins arguments
 * with spaces, so that one with a space becomes two.
 */
export function parsePsDetails(text: string): ReadonlyMap<number, PsDetail> {
  const details = new Map<number, PsDetail>();
  for (const line of text.split("\n")) {
    const [, id = "", user = "", words = ""] =
      /^ *(\d+) +(\S+) +(.*)$/.exec(line) ?? [];
    const pid = parsePid(id);
    if (pid === undefined) continue;
    details.set(pid, { user, args: words.trim().split(/ +/) });
  }
  return details;
}

/**
 * Reads the processes that name a run from macOS's `ps -axwwE -o pid=,command=`,
 * where the environment follows the arguments. A value ends where the next
 * variable begins, for `ps` does not separate them.
 */
export function parsePsTags(text: string): readonly TaggedProcess[] {
  return text.split("\n").flatMap((line) => {
    const pid = parsePid(/^ *(\d+) /.exec(line)?.[1] ?? "");
    if (pid === undefined || !line.includes(" DEVSVC_RUN=")) return [];
    const variables = line.matchAll(
      / (DEVSVC_(?:RUN|SERVICE|ROOT))=(.*?)(?= [A-Za-z_]\w*=|$)/g,
    );
    return toTaggedProcess(
      pid,
      // What stands in the arguments comes first.
      Object.fromEntries(
        [...variables].map(([, name, value]) => [name, value]),
      ),
    ) ?? [];
  });
}

function readRow(line: string): ProcessEntry | undefined {
  const [, id = "", parent, group, state = "", rss, time = "", ...rest] =
    ROW.exec(line) ?? [];
  const [month = "", day, hour, minute, second, year, path = ""] = rest;
  const pid = parsePid(id);
  const at = MONTHS.indexOf(month) / 3;
  if (pid === undefined || !Number.isInteger(at) || at < 0) return undefined;
  const startedAt = Date.UTC(
    Number(year),
    at,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return {
    pid,
    start: String(startedAt / 1000),
    ppid: Number(parent),
    group: Number(group),
    session: 0,
    name: path.slice(path.lastIndexOf("/") + 1),
    zombie: state.startsWith("Z"),
    ...(state.startsWith("T") ? { suspended: true } : {}),
    order: startedAt / 1000,
    startedAt,
    cpuSeconds: readTime(time),
    memoryBytes: Number(rss) * 1024,
  };
}

/** `[[days-]hours:]minutes:seconds[.hundredths]`. */
function readTime(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  const seconds = clock.split(":").reduce(
    (sum, part) => sum * 60 + Number(part),
    0,
  );
  const total = seconds + Number(days) * 86_400;
  return Number.isFinite(total) ? total : 0;
}
