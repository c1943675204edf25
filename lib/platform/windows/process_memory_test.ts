import assert from "node:assert/strict";
import {
  parseEnvironmentBlock,
  type ReadMemory,
  readParameters,
} from "./process_memory.ts";

/** Where the parts of the process lie. */
const AT = { peb: 0x1000, parameters: 0x2000, texts: 0x3000, block: 0x5000 };

const END = 0x8000;

/**
 * The memory of a 64-bit process of Windows 10 and 11. The offsets are those of
 * `!dt ntdll!_PEB` and `!dt ntdll!_RTL_USER_PROCESS_PARAMETERS`, written down a
 * second time on purpose.
 */
function memoryOf(
  { cwd, line, block, size }: {
    readonly cwd: string;
    readonly line: string;
    readonly block: string;
    readonly size: number;
  },
): { readonly read: ReadMemory; readonly basic: Uint8Array<ArrayBuffer> } {
  const bytes = new Uint8Array(END);
  const view = new DataView(bytes.buffer);
  const write = (at: number, text: string) =>
    [...text].forEach((c, i) =>
      view.setUint16(at + i * 2, c.charCodeAt(0), true)
    );
  const point = (field: number, at: number, text: string) => {
    view.setUint16(AT.parameters + field, text.length * 2, true);
    view.setBigUint64(AT.parameters + field + 8, BigInt(at), true);
    write(at, text);
  };
  view.setBigUint64(AT.peb + 32, BigInt(AT.parameters), true);
  point(56, AT.texts, cwd);
  point(112, AT.texts + 1024, line);
  view.setBigUint64(AT.parameters + 128, BigInt(AT.block), true);
  view.setBigUint64(AT.parameters + 1008, BigInt(size), true);
  write(AT.block, block);
  const basic = new Uint8Array(48);
  new DataView(basic.buffer).setBigUint64(8, BigInt(AT.peb), true);
  return {
    basic,
    read: (address, count) => {
      const from = Number(address);
      return from === 0 || from + count > END
        ? undefined
        : bytes.slice(from, from + count);
    },
  };
}

const PROCESS = {
  cwd: "C:\\Été & projet\\",
  line: '"C:\\py\\python.exe" -m uvicorn',
  block: "=C:=C:\\x\0Path=C:\\a;D:\\b\0EMPTY=\0DEVSVC_RUN=ab-1\0\0",
};

const EXPECTED = {
  cwd: "C:\\Été & projet",
  commandLine: PROCESS.line,
  environment: { Path: "C:\\a;D:\\b", EMPTY: "", DEVSVC_RUN: "ab-1" },
};

Deno.test("readParameters() reads folder, command line and environment", () => {
  for (const size of [PROCESS.block.length * 2, 0]) {
    const { basic, read } = memoryOf({ ...PROCESS, size });
    assert.deepEqual(
      readParameters(basic, read, { environment: true }),
      EXPECTED,
      `its size written down: ${size}`,
    );
  }
});

Deno.test("readParameters() reads an environment of several pages to its end", () => {
  const long = "x".repeat(3000);
  const block = `A=${long}\0B=${long}\0C=1\0\0`;
  const { basic, read } = memoryOf({ ...PROCESS, block, size: 0 });
  const { environment } = readParameters(basic, read, { environment: true });
  assert.deepEqual(environment, { A: long, B: long, C: "1" });
});

Deno.test("readParameters() leaves out what may not be read", () => {
  const { basic, read } = memoryOf({ ...PROCESS, size: 0 });
  assert.deepEqual(
    readParameters(basic, () => undefined, { environment: true }),
    {},
  );
  const withoutBlock: ReadMemory = (address, size) =>
    address >= AT.block ? undefined : read(address, size);
  const { cwd, commandLine } = EXPECTED;
  assert.deepEqual(
    readParameters(basic, withoutBlock, { environment: true }),
    { cwd, commandLine },
  );
  assert.deepEqual(readParameters(basic, read, { environment: false }), {
    cwd,
    commandLine,
  });
});

Deno.test("readParameters() keeps the backslash of a drive", () => {
  const { basic, read } = memoryOf({ ...PROCESS, cwd: "C:\\", size: 0 });
  assert.equal(readParameters(basic, read, { environment: false }).cwd, "C:\\");
});

Deno.test("parseEnvironmentBlock() takes what there is", () => {
  assert.deepEqual(parseEnvironmentBlock("\0\0"), {});
  assert.deepEqual(parseEnvironmentBlock("A=1"), { A: "1" });
  assert.deepEqual(parseEnvironmentBlock("A=b=c\0bad\0\0X=1"), { A: "b=c" });
});
