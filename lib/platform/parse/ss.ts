/**
 * Reads `ss -ltnpH`: the listening TCP sockets of Linux and their owners.
 *
 * @module
 */

import type { Listener, Lookup } from "../../core/model.ts";
import { joinListeners, parseEndpoint, parsePid } from "./fields.ts";

/** A line that claims to begin a row. */
const ROW = /^(?:tcp[ \t]+)?LISTEN\b.*/gm;

/** The columns of a row up to the list of users. */
const COLUMNS =
  /^(?:tcp[ \t]+)?LISTEN[ \t]+\d+[ \t]+\d+[ \t]+(\S+)[ \t]+\S+:\*(?=\s|$)/;

/**
 * The end of one user: the name before it is printed as it is, so that only
 * an end from which the list goes on is believed.
 */
const USER = /",pid=(\d+),fd=\d+\)(?=,\("|\)[ \t]*(?:\n|$))/g;

/**
 * Reads what `ss -ltnpH` printed.
 *
 * `ss` does not escape the name of a process, which may hold quotes, brackets
 * and line ends; a row therefore goes on until the next one begins.
 *
 * @returns The listeners, none for an empty output; not ok where a row was
 * not understood, because a listener left out would look like a free port.
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
