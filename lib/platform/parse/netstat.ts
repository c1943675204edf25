import type { Listener, Lookup, UnidentifiedHolder } from "../../core/model.ts";
import { joinListeners, parseEndpoint, parsePid } from "./fields.ts";

/** The foreign address of a listener. */
const NO_PEER: ReadonlySet<string> = new Set(["0.0.0.0:0", "[::]:0", "*:*"]);

/** The line above the rows; its last word is the same in every language. */
const HEADER = /\s\S.*\sPID$/;

/**
 * Reads `netstat -ano` by the shape of its rows: its words are in the language
 * of Windows, maybe in the code page of the console.
 *
 * A row is protocol, local address, foreign address, a state of any number of
 * words, and the process id. An id of 0, or one that is no number, is no owner.
 */
export function parseNetstat(text: string): Lookup<readonly Listener[]> {
  const rows: Listener[] = [];
  let understood = false;
  for (const line of text.split(/\r?\n/)) {
    if (HEADER.test(line.trim())) understood = true;
    const [protocol, own = "", peer = "", ...rest] = line.trim().split(/\s+/);
    const local = parseEndpoint(own, "0.0.0.0");
    if (!/^(?:TCP|UDP)$/.test(protocol ?? "") || local === undefined) continue;
    understood = true;
    if (protocol !== "TCP" || !NO_PEER.has(peer)) continue;
    const pid = parsePid(rest.at(-1) ?? "");
    rows.push({ ...local, pids: pid === undefined ? [] : [pid] });
  }
  return understood
    ? { ok: true, value: joinListeners(rows) }
    : { ok: false, reason: "netstat printed nothing that is understood" };
}

/**
 * Reads from `netstat -ano` who has ports as an end of a connection, where nobody
 * listens. A connection of process 0 is closed: Windows keeps it for a while
 * (https://learn.microsoft.com/windows-server/administration/windows-commands/netstat).
 */
export function parsePortConnections(
  text: string,
): ReadonlyMap<number, UnidentifiedHolder> {
  const owners = new Map<number, Set<number>>();
  const listening = new Set<number>();
  for (const line of text.split(/\r?\n/)) {
    const [protocol, own = "", peer = "", ...rest] = line.trim().split(/\s+/);
    const local = parseEndpoint(own, "0.0.0.0");
    if (protocol !== "TCP" || local === undefined) continue;
    if (NO_PEER.has(peer)) listening.add(local.port);
    const last = rest.at(-1) ?? "";
    const pid = parsePid(last);
    if (parseEndpoint(peer) === undefined || !(pid || last === "0")) continue;
    const pids = owners.get(local.port) ?? new Set();
    owners.set(local.port, pid ? pids.add(pid) : pids);
  }
  return new Map(
    [...owners].filter(([port]) => !listening.has(port))
      .map(([port, pids]) => [
        port,
        pids.size > 0 ? { connected: [...pids] } : { closing: {} },
      ]),
  );
}
