import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  makeFolder,
  type TestFolder,
} from "../../../tests/kit/test_process.ts";
import { readFrom, tailLines } from "./tail.ts";
import { systemFileSystem } from "../../platform/file_system.ts";

const BLOCK = 64 * 1024;

async function write(
  folder: TestFolder,
  content: string | Uint8Array,
): Promise<string> {
  const file = `${folder.path}/log`;
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  await Deno.writeFile(file, bytes);
  return file;
}

Deno.test("tailLines() returns the last lines, the oldest first", async () => {
  await using folder = await makeFolder();
  const cases: readonly (readonly [string, number, readonly string[]])[] = [
    ["", 3, []],
    ["\n", 3, [""]],
    ["a\n", 3, ["a"]],
    ["a\nb\nc\nd\n", 2, ["c", "d"]],
    ["a\nb\nc\nd", 2, ["c", "d"]],
    ["a\n\nb\n\n", 3, ["", "b", ""]],
    ["a\r\nb\r\n", 2, ["a", "b"]],
    ["a\rb\n", 1, ["a\rb"]],
    ["a\nb\n", 0, []],
    ["é\nデータ\n", 1, ["データ"]],
  ];
  for (const [text, count, expected] of cases) {
    const file = await write(folder, text);
    const { lines, end } = await tailLines(systemFileSystem, file, count);
    deepStrictEqual(lines, expected, JSON.stringify(text));
    strictEqual(end, new TextEncoder().encode(text).length);
  }
});

Deno.test("tailLines() reads further where the lines do not fit in one block", async () => {
  await using folder = await makeFolder();
  const long = "é".repeat(BLOCK);
  for (let shift = 0; shift < 3; shift++) {
    const file = await write(
      folder,
      `old\nfirst${long}\n${"x".repeat(shift)}\n`,
    );
    const { lines } = await tailLines(systemFileSystem, file, 2);
    deepStrictEqual(lines, [`first${long}`, "x".repeat(shift)]);
  }
});

Deno.test("tailLines() is right at the border of a block", async () => {
  await using folder = await makeFolder();
  for (const size of [BLOCK - 1, BLOCK, BLOCK + 1]) {
    const file = await write(folder, `first\n${"x".repeat(size - 1)}\n`);
    const { lines } = await tailLines(systemFileSystem, file, 1);
    deepStrictEqual(lines.map((line) => line.length), [size - 1], `${size}`);
  }
});

Deno.test("tailLines() reads nothing before its first byte", async () => {
  await using folder = await makeFolder();
  const file = await write(folder, "old\nnew 1\nnew 2\n");
  deepStrictEqual((await tailLines(systemFileSystem, file, 9, 4)).lines, [
    "new 1",
    "new 2",
  ]);
  deepStrictEqual((await tailLines(systemFileSystem, file, 9, 16)).lines, []);
});

Deno.test("tailLines() reads all of a file that has become shorter", async () => {
  await using folder = await makeFolder();
  const file = await write(folder, "new\n");
  deepStrictEqual((await tailLines(systemFileSystem, file, 9, 1000)).lines, [
    "new",
  ]);
});

Deno.test("tailLines() replaces invalid UTF-8", async () => {
  await using folder = await makeFolder();
  const file = await write(folder, Uint8Array.of(0x61, 0xff, 0xfe, 0x0a, 0xc3));
  deepStrictEqual((await tailLines(systemFileSystem, file, 9)).lines, [
    "a��",
    "�",
  ]);
});

Deno.test("tailLines() returns no lines where there is no file", async () => {
  await using folder = await makeFolder();
  deepStrictEqual(await tailLines(systemFileSystem, `${folder.path}/none`, 9), {
    lines: [],
    end: 0,
  });
});

Deno.test("readFrom() treats a missing file as empty", async () => {
  await using folder = await makeFolder();
  const file = await write(folder, "old\nnew\n");
  strictEqual(await readFrom(systemFileSystem, file, 4), "new\n");
  strictEqual(await readFrom(systemFileSystem, file, 1000), "old\nnew\n");
  strictEqual(await readFrom(systemFileSystem, `${folder.path}/none`, 0), "");
});

Deno.test("readFrom() reads only the end of a huge log", async () => {
  await using folder = await makeFolder();
  const file = await write(folder, "x".repeat(5 * 1024 * 1024) + "ready\n");
  const text = await readFrom(systemFileSystem, file, 0);
  ok(text.endsWith("xready\n") && text.length === 4 * 1024 * 1024);
});

Deno.test("tailLines() and readFrom() leave out a punched head", async () => {
  await using folder = await makeFolder();
  const hole = new Uint8Array(3 * BLOCK);
  const text = new TextEncoder().encode("up\nready\n");
  const file = await write(folder, new Uint8Array([...hole, ...text]));
  deepStrictEqual((await tailLines(systemFileSystem, file, 9)).lines, [
    "up",
    "ready",
  ]);
  strictEqual(await readFrom(systemFileSystem, file, 0), "up\nready\n");
});

Deno.test("tailLines() and readFrom() find a run in a file that was collapsed", async () => {
  await using folder = await makeFolder();
  const notice = "[devsvc] begins at byte 9; earlier lines: api.log.99\n";
  const file = await write(folder, `${notice}\0\0\0up\nready\n`);
  // The run began at a later byte of the file as it was then.
  const from = notice.length + 6;
  deepStrictEqual((await tailLines(systemFileSystem, file, 9, from)).lines, [
    "up",
    "ready",
  ]);
  strictEqual(await readFrom(systemFileSystem, file, from), "up\nready\n");
});
