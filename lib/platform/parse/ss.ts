import type { Listener, Lookup } from "../../core/model.ts";
import { joinListeners, parseEndpoint, parsePid } from "./fields.ts";

/** A line that looks like the beginning of a row. */
const ROW = /^(?:tcp[ \t]+)?LISTEN\b.*/gm;

/** The columns of a row up to the list of users. */
const COLUMNS =
  /^(?:tcp[ \t]+)?LISTEN[ \t]+\d+[ \t]+\d+[ \t]+(\S+)[ \t]+\S+:\*(?=\s|$)/;

/**
 * The end of one user. The name before it is printed unescaped, so the match
 * counts only where the list goes on or ends.
 */
const USER = /",pid=(\d+),fd=\d+\)(?=,\("|\)[ \t]*(?:\n|$))/g;

/**
 * Reads the listening TCP sockets and their owners that `ss -ltnpH` printed.
 *
 * `ss` does not escape the name of a process, which may hold quotes, brackets
 * and line ends; so a row goes on until the next one begins.
 *
 * @returns The listeners; not ok where a row was not recognized, since a missing
 * listener would look like a free port.
 */
export function parseSs(text: string): Lookup<readonly Listener[]> {
  const begins = [...text.matchAll(ROW)].map((match) => match.index);
  if (begins.length === 0 && text.trim() !== "") {
    return { ok: false, reason: "ss printed nothing that is understood" };
  }
  const rows: Listener[] = [];
  for (const [index, begin] of begins.entries()) {
    const row = text.slice(begin, begins[index + 1]);
    const columns = COLUMNS.exec(row);
    // A dual-stack `[::]` is printed as `*` (iproute2, misc/ss.c).
    const local = parseEndpoint(columns?.[1] ?? "", "::");
    if (columns === null || local === undefined) {
      return { ok: false, reason: "ss printed a row that is not understood" };
    }
    rows.push({ ...local, pids: owners(row.slice(columns[0].length)) });
  }
  return { ok: true, value: joinListeners(rows) };
}

function owners(users: string): number[] {
  if (!/^\s*users:\(\("/.test(users)) return [];
  return [...users.matchAll(USER)]
    .map((match) => parsePid(match[1] ?? ""))
    .filter((pid) => pid !== undefined);
}
