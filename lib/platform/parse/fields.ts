/** What the parsers of this folder share. */

import type { Listener, TaggedProcess } from "../../core/model.ts";

/** An address and a port. */
export interface Endpoint {
  /** Without brackets and scope. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** The largest id of any supported OS (a DWORD on Windows). */
const MAX_PID = 0xffff_ffff;

/** Reads a process id; 0 is none. */
export function parsePid(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const pid = Number(text);
  return pid > 0 && pid <= MAX_PID ? pid : undefined;
}

/** Reads a port, 1 to 65535. */
export function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port > 0 && port <= 65535 ? port : undefined;
}

/**
 * Reads an IP address, with or without brackets and `%scope`. An IPv4 address
 * mapped into IPv6 (`[::ffff:127.0.0.1]`) is IPv4: that is what it listens on.
 */
export function parseAddress(text: string): string | undefined {
  const bare = /^\[?([0-9a-fA-F:.]+)(?:%[^\]\s]+)?\]?(?:%[^\]\s]+)?$/
    .exec(text)?.[1]?.toLowerCase();
  if (bare === undefined) return undefined;
  if (isIpv4(bare)) return bare;
  const mapped = /^::ffff:([0-9.]+)$/.exec(bare)?.[1];
  if (mapped !== undefined) return isIpv4(mapped) ? mapped : undefined;
  return isIpv6(bare) ? bare : undefined;
}

/**
 * Reads `address:port`, with the port after the last colon.
 *
 * @param wildcard What a lone `*` stands for.
 */
export function parseEndpoint(
  text: string,
  wildcard = "::",
): Endpoint | undefined {
  const colon = text.lastIndexOf(":");
  if (colon < 1) return undefined;
  const host = text.slice(0, colon);
  const port = parsePort(text.slice(colon + 1));
  // `*%eth0` is a wildcard that is bound to one device.
  const address = /^\*(?:%\S+)?$/.test(host) ? wildcard : parseAddress(host);
  if (port === undefined || address === undefined) return undefined;
  return { address, port };
}

/**
 * Joins rows of the same address and port into one listener with all owners:
 * with SO_REUSEPORT, and where parent and child share a socket.
 */
export function joinListeners(rows: readonly Listener[]): Listener[] {
  const joined = new Map<string, Listener>();
  for (const row of rows) {
    const key = `${row.address} ${row.port}`;
    const pids = new Set([...joined.get(key)?.pids ?? [], ...row.pids]);
    joined.set(key, { ...row, pids: [...pids] });
  }
  return [...joined.values()];
}

/** Reads the run of a process from its environment; `undefined` if it names none. */
export function toTaggedProcess(
  pid: number,
  variables: Readonly<Record<string, string>>,
): TaggedProcess | undefined {
  const { DEVSVC_RUN: run = "", DEVSVC_SERVICE: service = "" } = variables;
  const root = variables["DEVSVC_ROOT"] ?? "";
  if (!/^[0-9a-f-]+$/.test(run)) return undefined;
  return { pid, run, service, ...(root === "" ? {} : { root }) };
}

function isIpv4(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 &&
    parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => half === "" ? [] : half.split(":"));
  const last = groups.at(-1) ?? "";
  const tail = isIpv4(last) ? groups.slice(0, -1) : groups;
  const count = tail.length + (tail === groups ? 0 : 2);
  return tail.every((group) => /^[0-9a-f]{1,4}$/.test(group)) &&
    (halves.length === 2 ? count < 8 : count === 8);
}
