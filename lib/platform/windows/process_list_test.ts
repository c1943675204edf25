import assert from "node:assert/strict";
import { readProcessList } from "./process_list.ts";

/** A place as processes have it. */
const ADDRESS = 0x1ff_0000_0000n;

interface Row {
  readonly pid: number;
  readonly ppid: number;
  readonly name: string;
  readonly created: bigint;
  readonly user?: bigint;
  readonly kernel?: bigint;
  readonly memory?: bigint;
  readonly threads?: number;
}

/**
 * Writes a list as Windows 10 and 11 do on x64: 256 bytes a process, 80 a
 * thread, then the name, each entry at a multiple of 8. The offsets are those of
 * `!dt nt!_SYSTEM_PROCESS_INFORMATION`, written down a second time on purpose.
 */
function listOf(rows: readonly Row[]): Uint8Array<ArrayBuffer> {
  const sizes = rows.map(({ name, threads = 1 }) =>
    Math.ceil((256 + threads * 80 + name.length * 2 + 2) / 8) * 8
  );
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [index, row] of rows.entries()) {
    const size = sizes[index] ?? 0;
    const { threads = 1 } = row;
    const name = at + 256 + threads * 80;
    view.setUint32(at, index === rows.length - 1 ? 0 : size, true);
    view.setUint32(at + 4, threads, true);
    view.setBigUint64(at + 32, row.created, true);
    view.setBigUint64(at + 40, row.user ?? 0n, true);
    view.setBigUint64(at + 48, row.kernel ?? 0n, true);
    view.setUint16(at + 56, row.name.length * 2, true);
    view.setUint16(at + 58, row.name.length * 2 + 2, true);
    view.setBigUint64(
      at + 64,
      row.name === "" ? 0n : ADDRESS + BigInt(name),
      true,
    );
    view.setBigUint64(at + 80, BigInt(row.pid), true);
    view.setBigUint64(at + 88, BigInt(row.ppid), true);
    view.setBigUint64(at + 144, row.memory ?? 0n, true);
    [...row.name].forEach((c, i) =>
      view.setUint16(name + i * 2, c.charCodeAt(0), true)
    );
    at += size;
  }
  return bytes;
}

const ROWS: readonly Row[] = [
  { pid: 0, ppid: 0, name: "", created: 0n, threads: 16 },
  { pid: 4, ppid: 0, name: "System", created: 0n, memory: 8192n, threads: 3 },
  {
    pid: 15136,
    ppid: 9000,
    name: "pythön.exe",
    created: 134_315_181_301_234_567n,
    user: 25_000_000n,
    kernel: 15_000_000n,
    memory: 51_200_000n,
  },
];

Deno.test("readProcessList() reads the list of Windows 10 and 11", () => {
  const found = readProcessList({ bytes: listOf(ROWS), address: ADDRESS });
  assert.ok(found.ok);
  assert.deepEqual([...found.value.values()], [
    {
      pid: 4,
      start: "",
      ppid: 0,
      group: 0,
      session: 0,
      name: "System",
      zombie: false,
      order: 0,
      startedAt: 0,
      cpuSeconds: 0,
      memoryBytes: 8192,
    },
    {
      pid: 15136,
      // Exact to 100 ns; its order is exact to a microsecond.
      start: "134315181301234567",
      ppid: 9000,
      group: 0,
      session: 0,
      name: "pythön.exe",
      zombie: false,
      order: Date.parse("2026-08-18T09:15:30.123Z") * 1000 + 456,
      startedAt: Date.parse("2026-08-18T09:15:30.123Z"),
      cpuSeconds: 4,
      memoryBytes: 51_200_000,
    },
  ]);
});

Deno.test("readProcessList() takes no start from a process that is being made", () => {
  const bytes = listOf([{
    pid: 8,
    ppid: 4,
    name: "cmd.exe",
    created: 0x5555_5555_5555_5555n,
  }]);
  const found = readProcessList({ bytes, address: ADDRESS });
  assert.ok(found.ok);
  assert.equal(found.value.get(8)?.start, "");
});

Deno.test("readProcessList() does not take what it does not understand for nothing", () => {
  const bytes = listOf(ROWS);
  for (
    const region of [
      { bytes: new Uint8Array(0), address: ADDRESS },
      { bytes: bytes.subarray(0, bytes.length - 300), address: ADDRESS },
      { bytes, address: ADDRESS + 4096n },
      { bytes, address: 0n },
    ]
  ) assert.equal(readProcessList(region).ok, false);
});

Deno.test("readProcessList() survives damage", () => {
  const bytes = listOf(ROWS);
  for (let at = 0; at < bytes.length; at++) {
    const damaged = bytes.slice();
    damaged[at] = 0xff;
    const found = readProcessList({ bytes: damaged, address: ADDRESS });
    assert.ok(!found.ok || found.value.size <= ROWS.length);
  }
});
