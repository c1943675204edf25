import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makeFolder } from "../../../tests/kit/test_process.ts";
import {
  lastRecord,
  parseTimes,
  readTimes,
  recordLength,
  trimTimes,
} from "./times.ts";
import { systemFileSystem } from "../../platform/file_system.ts";

Deno.test("parseTimes() gives a line the time of the first record that covers it", () => {
  const times = parseTimes("1000 10\n1200 30 ~\n1400 40\n");
  deepStrictEqual(times.of(0), { at: 1000, isApproximate: false });
  deepStrictEqual(times.of(9), { at: 1000, isApproximate: false });
  deepStrictEqual(times.of(10), { at: 1200, isApproximate: true });
  deepStrictEqual(times.of(39), { at: 1400, isApproximate: false });
  strictEqual(times.of(40), undefined);
  strictEqual(times.end, 40);
});

Deno.test("parseTimes() finds the lines since a time", () => {
  const times = parseTimes("1000 10\n1200 30\n1400 40\n");
  strictEqual(times.since(500), 0);
  strictEqual(times.since(1000), 0);
  strictEqual(times.since(1001), 10);
  strictEqual(times.since(1400), 30);
  strictEqual(times.since(1401), undefined);
});

Deno.test("parseTimes() leaves out lines that are not valid", () => {
  const times = parseTimes("1000 10\n12\n1100 ab\n\n9000 5\n1200 30\n130");
  deepStrictEqual(times.of(10), { at: 1200, isApproximate: false });
  strictEqual(times.end, 30);
});

Deno.test("recordLength() is read after a record that a full disk cut", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/api.times`;
  strictEqual(lastRecord(systemFileSystem, file), undefined);
  recordLength(systemFileSystem, file, { at: 1000, length: 10 }, false);
  await Deno.writeTextFile(file, "12", { append: true });
  deepStrictEqual(lastRecord(systemFileSystem, file), { at: 1000, length: 10 });
  recordLength(systemFileSystem, file, { at: 1300, length: 30 }, true);
  deepStrictEqual(lastRecord(systemFileSystem, file), { at: 1300, length: 30 });
  deepStrictEqual(readTimes(systemFileSystem, file).of(10), {
    at: 1300,
    isApproximate: true,
  });
});

Deno.test("lastRecord() reads the end of a long file", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/api.times`;
  let text = "";
  for (let at = 1; at <= 10_000; at++) text += `${at} ${at * 10}\n`;
  await Deno.writeTextFile(file, text);
  deepStrictEqual(lastRecord(systemFileSystem, file), {
    at: 10_000,
    length: 100_000,
  });
});

Deno.test("trimTimes() keeps the records of all lines that are kept", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/api.times`;
  await Deno.writeTextFile(file, "1000 10\n1200 30 ~\n1400 40\n1600 50\n");
  const before = readTimes(systemFileSystem, file);
  trimTimes(systemFileSystem, file, 35, 10_000);
  strictEqual(await Deno.readTextFile(file), "1200 30 ~\n1400 40\n1600 50\n");
  for (const offset of [35, 40, 49]) {
    deepStrictEqual(
      readTimes(systemFileSystem, file).of(offset),
      before.of(offset),
    );
  }
});

Deno.test("trimTimes() bounds the file, and marks the time of lines without a record", async () => {
  await using folder = await makeFolder();
  const file = `${folder.path}/api.times`;
  let text = "";
  for (let at = 1000; at < 2000; at++) text += `${at} ${at * 10}\n`;
  await Deno.writeTextFile(file, text);
  trimTimes(systemFileSystem, file, 0, 1000);
  const { size } = await Deno.stat(file);
  ok(size <= 1000 && size > 400, `${size}`);
  const times = readTimes(systemFileSystem, file);
  strictEqual(times.of(0)?.isApproximate, true);
  deepStrictEqual(times.of(19_985), { at: 1999, isApproximate: false });
});
