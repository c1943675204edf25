/**
 * Reads `netstat -ano` of Windows by the shape of its rows: the words are
 * those of the language of Windows, the shape is always the same.
 *
 * @module
 */

import type { Listener, Lookup } from "../../core/model.ts";
import { joinListeners, parseEndpoint, parsePid } from "./fields.ts";

/** What stands for "nobody" on the other side of a listener. */
const NOBODY: ReadonlySet<string> = new Set(["0.0.0.0:0", "[::]:0", "*:*"]);

/** The line above the rows: its last word is the same in every language. */
const HEADER = /\s\S.*\sPID$/;

/**
 * Reads the listeners.
 *
 * A row is protocol, own address, other address, a state of any number of
 * words, and the id of the owner. It listens where the other address is
 * nobody's (ports.md, C.1); an owner that is not a number, or 0, is none.
 *
 * @param text The output, decoded with replacement characters: the state may
 * come in the code page of the console.
 * @returns The listeners; not ok where there is neither a header nor a row of any
 * protocol that is understood.
 */
export function parseNetstat(text: string): Lookup<readonly Listener[]> {
  const rows: Listener[] = [];
  let understood = false;
  for (const line of text.split(/\r?\n/)) {
    if (HEADER.test(line.trim())) understood = true;
    const [protocol, own = "", other = "", ...rest] = line.trim().split(/\s+/);
    const local = parseEndpoint(own, "0.0.0.0");
    if (!/^(?:TCP|UDP)$/.test(protocol ?? "") || local === undefined) continue;
    understood = true;
    if (protocol !== "TCP" || !NOBODY.has(other)) continue;
    const pid = parsePid(rest.at(-1) ?? "");
    rows.push({ ...local, pids: pid === undefined ? [] : [pid] });
  }
  return understood
    ? { ok: true, value: joinListeners(rows) }
    : { ok: false, reason: "netstat printed nothing that is understood" };
}
