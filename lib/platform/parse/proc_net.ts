/** Reads the sockets of Linux and their owners, where `ss` and lsof fail. */

import { type Endpoint, parseAddress, parsePid } from "./fields.ts";

/** One TCP socket of the kernel. */
export interface KernelSocket extends Endpoint {
  /** The inode of the socket, as in `/proc/PID/fd`. */
  readonly inode: string;
  /** The number of its user. */
  readonly uid: number;
  /** Whether it is in the state LISTEN. */
  readonly listening: boolean;
  /** For how long the kernel still keeps it, in milliseconds: in TIME_WAIT. */
  readonly left?: number;
}

/** TCP_LISTEN in the kernel's include/net/tcp_states.h. */
const LISTEN = "0A";

/** The timer of TIME_WAIT in tcp_diag.c and tcp_ipv4.c of the kernel's net/ipv4. */
const TIME_WAIT_TIMER = "03";

/** How many milliseconds one unit of a timer has: USER_HZ is 100 (`man 7 time`). */
const TICK = 10;

const ROW =
  /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) \S+ ([0-9A-F]{2}):([0-9A-F]+) \S+\s+(\d+)\s+\d+ (\d+)(?: |$)/;

/**
 * Reads `/proc/net/tcp`, `/proc/net/tcp6` or both.
 *
 * @returns Sockets in every state; `undefined` without the header of a table.
 */
export function parseProcNet(
  text: string,
): readonly KernelSocket[] | undefined {
  if (!/^\s*sl\s+local_address/m.test(text)) return undefined;
  const sockets: KernelSocket[] = [];
  for (const line of text.split("\n")) {
    const [, host = "", port = "", state, timer, when = "", uid, inode = ""] =
      ROW.exec(line) ?? [];
    const address = parseAddress(formatAddress(host));
    const number = parseInt(port, 16);
    if (address === undefined || !(number > 0)) continue;
    sockets.push({
      address,
      port: number,
      uid: Number(uid),
      inode,
      listening: state === LISTEN,
      ...(timer === TIME_WAIT_TIMER ? { left: parseInt(when, 16) * TICK } : {}),
    });
  }
  return sockets;
}

/**
 * Reads process ids by inode from `ls -lnq /proc/[0-9]*\/fd`; with `-q` no name
 * of a file can begin a line.
 */
export function parseSocketOwners(
  text: string,
): ReadonlyMap<string, readonly number[]> {
  const owners = new Map<string, number[]>();
  let pid: number | undefined;
  for (const line of text.split("\n")) {
    const folder = /\/(\d+)\/fd:$/.exec(line)?.[1];
    if (folder !== undefined && line.startsWith("/")) {
      pid = parsePid(folder);
      continue;
    }
    // The name of a file may hold another arrow: `x -> socket:[1]`.
    const [, target = ""] = /^\S.*? \d+ -> (.*)$/.exec(line) ?? [];
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode === undefined || pid === undefined) continue;
    const known = owners.get(inode) ?? [];
    owners.set(inode, known.includes(pid) ? known : [...known, pid]);
  }
  return owners;
}

/** Formats an address: each group of four bytes is a little-endian number. */
function formatAddress(hex: string): string {
  const bytes = (hex.match(/.{8}/g) ?? [])
    .flatMap((word) => (word.match(/../g) ?? []).reverse())
    .map((byte) => parseInt(byte, 16));
  if (bytes.length === 4) return bytes.join(".");
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join(".");
  const groups = bytes.flatMap((byte, index) =>
    index % 2 === 0 ? [(byte * 256 + (bytes[index + 1] ?? 0)).toString(16)] : []
  );
  return compress(groups.join(":"));
}

/** The longest run of zeros becomes `::` (RFC 5952, section 4.2). */
function compress(address: string): string {
  const runs = address.match(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g) ?? [];
  const longest = runs.reduce((a, b) => b.length > a.length ? b : a, "");
  if (longest === "") return address;
  const at = address.search(
    new RegExp(`(?<![0-9a-f])${longest}(?![0-9a-f])`),
  );
  const before = address.slice(0, at).replace(/:$/, "");
  const after = address.slice(at + longest.length).replace(/^:/, "");
  return `${before}::${after}`;
}

/**
 * Reads the ids that `fuser PORT/tcp` printed for one port; none where the
 * output holds anything else. Labels and messages go to standard error (`man 1
 * fuser`), so that the ids of several ports could not be distinguished.
 */
export function parseFuser(text: string): readonly number[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const pids = words.map(parsePid);
  return pids.every((pid) => pid !== undefined) ? [...new Set(pids)] : [];
}
