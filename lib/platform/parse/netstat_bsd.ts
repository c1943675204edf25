import { parsePort } from "./fields.ts";

/**
 * The states of a connection that no process has any more; what the kernel keeps
 * is named the same in every language (`tcpstates`, netinet/tcp_fsm.h).
 */
const CLOSED: ReadonlySet<string> = new Set([
  "TIME_WAIT",
  "FIN_WAIT_1",
  "FIN_WAIT_2",
  "CLOSING",
  "LAST_ACK",
]);

/** The columns of a row; the port stands behind the last dot of an address. */
const ROW = /^tcp\S*\s+\d+\s+\d+\s+(\S+)\s+\S+\s+(\S+)/;

/**
 * Finds by `netstat -an -p tcp` of macOS the ports on which all that is left is
 * closed connections.
 */
export function parseClosingPorts(text: string): ReadonlySet<number> {
  const closing = new Map<number, boolean>();
  for (const line of text.split("\n")) {
    const [, local = "", state = ""] = ROW.exec(line.trim()) ?? [];
    const port = parsePort(local.slice(local.lastIndexOf(".") + 1));
    if (port === undefined) continue;
    closing.set(port, CLOSED.has(state) && closing.get(port) !== false);
  }
  return new Set([...closing].flatMap(([port, is]) => is ? [port] : []));
}
