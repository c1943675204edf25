/** Reads what `NtQuerySystemInformation` writes about all processes. */

import type { Lookup, ProcessEntry, ProcessTable } from "../../core/model.ts";
import { SYSTEM_PROCESS, UNICODE_STRING } from "./native_layouts.ts";

/** Bytes, and the address that they had when pointers into them were written. */
export interface Region {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The address of the first. */
  readonly address: bigint;
}

/** From 1601 to 1970 in units of 100 ns: a `FILETIME` begins in 1601. */
const EPOCH = 116_444_736_000_000_000n;

/** The year 3000: Wine shows a later time while it makes a process. */
const LATEST = 441_481_536_000_000_000n;

/**
 * Reads the table of processes. The idle process is left out; the start of one
 * without a creation time is empty, which never identifies a process.
 *
 * @returns Not ok where the bytes are not those of a list of processes.
 */
export function readProcessList({ bytes, address }: Region): Lookup<
  ProcessTable
> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = new Map<number, ProcessEntry>();
  let at = 0;
  for (;;) {
    if (at + SYSTEM_PROCESS.size > bytes.length) return NOT_UNDERSTOOD;
    const entry = readEntry(view, at, address);
    if (entry === undefined) return NOT_UNDERSTOOD;
    if (entry.pid !== 0) table.set(entry.pid, entry);
    const next = view.getUint32(at + SYSTEM_PROCESS.next, true);
    if (next === 0) return { ok: true, value: table };
    at += next;
  }
}

const NOT_UNDERSTOOD: Lookup<ProcessTable> = {
  ok: false,
  reason: "Windows gave a list of processes that is not understood",
};

function readEntry(
  view: DataView,
  at: number,
  address: bigint,
): ProcessEntry | undefined {
  const long = (field: number) => view.getBigUint64(at + field, true);
  const name = readName(view, at + SYSTEM_PROCESS.imageName, address);
  if (name === undefined) return undefined;
  const created = long(SYSTEM_PROCESS.createTime);
  const start = startOf(created);
  const micros = start === "" ? 0 : Number((created - EPOCH) / 10n);
  const cpu = long(SYSTEM_PROCESS.userTime) + long(SYSTEM_PROCESS.kernelTime);
  return {
    pid: Number(long(SYSTEM_PROCESS.pid)),
    start,
    ppid: Number(long(SYSTEM_PROCESS.parent)),
    group: 0,
    session: 0,
    name,
    zombie: false,
    order: micros,
    startedAt: Math.floor(micros / 1000),
    cpuSeconds: Number(cpu) / 10_000_000,
    memoryBytes: Number(long(SYSTEM_PROCESS.workingSet)),
  };
}

/** Writes a creation time as it stands in an identity; empty where it is none. */
export function startOf(created: bigint): string {
  return created > EPOCH && created < LATEST ? String(created) : "";
}

function readName(
  view: DataView,
  at: number,
  address: bigint,
): string | undefined {
  const length = view.getUint16(at + UNICODE_STRING.length, true);
  if (length === 0) return "";
  const from = Number(
    view.getBigUint64(at + UNICODE_STRING.buffer, true) - address,
  );
  if (from < 0 || from + length > view.byteLength) return undefined;
  return readText(
    new Uint8Array(view.buffer, view.byteOffset + from, length),
  );
}

/** Reads UTF-16. */
export function readText(bytes: Uint8Array): string {
  return new TextDecoder("utf-16le").decode(bytes);
}
