import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  FAKE_ROTATION,
  makeLog,
  numbered,
  type TestLog,
} from "../../../tests/kit/test_log.ts";
import { openLog } from "./log_source.ts";
import type { Matches } from "./lines.ts";
import { beginRun, rotateLog } from "./rotation.ts";
import {
  beginOfLast,
  beginSince,
  type LogLine,
  mergeLines,
  readLines,
} from "./select.ts";
import { recordLength } from "./times.ts";
import { systemClock } from "../../platform/clock.ts";
import { systemFileSystem } from "../../platform/file_system.ts";

async function linesFrom(
  log: TestLog,
  begin: number,
  matches?: Matches,
): Promise<readonly string[]> {
  const source = openLog(log.dir, "api", systemClock);
  const { end } = source.view();
  const found = await Array.fromAsync(readLines(source, begin, end, matches));
  return found.flat().map(({ text }) => text);
}

async function last(
  log: TestLog,
  count: number,
  matches?: Matches,
): Promise<readonly string[]> {
  const begin = await beginOfLast(
    openLog(log.dir, "api", systemClock),
    count,
    matches,
  );
  return await linesFrom(log, begin, matches);
}

Deno.test("beginOfLast() finds the last lines in whichever file they lie", async () => {
  await using log = await makeLog(100);
  strictEqual((await last(log, 3)).length, 0);
  await log.append(numbered(1, 40));
  await rotateLog(log.dir, log.service, FAKE_ROTATION);
  await beginRun(log.dir, log.service, systemClock);
  await log.append("new\nopen");
  const all = [...numbered(1, 40).trim().split("\n"), "new", "open"];
  for (const count of [0, 1, 2, 3, 10, 20, 42, 100]) {
    deepStrictEqual(
      await last(log, count),
      count === 0 ? [] : all.slice(-count),
      `${count}`,
    );
  }
});

Deno.test("beginOfLast() counts only the lines that match", async () => {
  await using log = await makeLog(100_000);
  await log.append(numbered(1, 100_000));
  const matches = (text: string) => text.endsWith("0000");
  deepStrictEqual(await last(log, 3, matches), [
    "0080000",
    "0090000",
    "0100000",
  ]);
  deepStrictEqual(await last(log, 100, () => false), []);
});

Deno.test("beginOfLast() finds lines longer than its window", async () => {
  await using log = await makeLog(100_000);
  const long = "x".repeat(1_000_000);
  await log.append(`first\n${long}\n${long}y\nlast\n`);
  await rotateLog(log.dir, log.service, FAKE_ROTATION);
  deepStrictEqual(await last(log, 1), ["last"]);
  deepStrictEqual(await last(log, 2), [`${long}y`, "last"]);
  deepStrictEqual(await last(log, 4), ["first", long, `${long}y`, "last"]);
});

Deno.test("beginSince() finds the lines since a time", async () => {
  await using log = await makeLog(100_000);
  const write = async (at: number, text: string) => {
    await log.append(text);
    const { size } = await Deno.stat(log.files.active);
    recordLength(
      systemFileSystem,
      log.files.times,
      { at, length: size },
      false,
    );
  };
  await write(1000, "one\nhalf");
  await write(2000, " a line\ntwo\n");
  await write(3000, "three\n");
  const since = async (at: number) => {
    const begin = await beginSince(openLog(log.dir, "api", systemClock), at);
    return await linesFrom(log, begin);
  };
  deepStrictEqual(await since(0), ["one", "half a line", "two", "three"]);
  deepStrictEqual(await since(1000), ["one", "half a line", "two", "three"]);
  deepStrictEqual(await since(1001), ["two", "three"]);
  deepStrictEqual(await since(2500), ["three"]);
  deepStrictEqual(await since(3001), []);
  // Without a later record the last write of the file is the time.
  await log.append("four\n");
  await Deno.utime(log.files.active, new Date(9000), new Date(9000));
  deepStrictEqual(await since(3001), ["four"]);
  deepStrictEqual(await since(9001), []);
});

Deno.test("readLines() gives each line its time", async () => {
  await using log = await makeLog(100_000);
  await log.append("one\ntwo\nthree");
  recordLength(
    systemFileSystem,
    log.files.times,
    { at: 1000, length: 4 },
    false,
  );
  recordLength(
    systemFileSystem,
    log.files.times,
    { at: 2000, length: 8 },
    true,
  );
  await Deno.utime(log.files.active, new Date(9000), new Date(9000));
  const source = openLog(log.dir, "api", systemClock);
  const lines = await Array.fromAsync(readLines(source, 0, 13));
  deepStrictEqual(
    lines.flat().map(({ at, isApproximate, isOpen }) => [
      at,
      isApproximate,
      isOpen,
    ]),
    [[1000, false, false], [2000, true, false], [9000, true, true]],
  );
});

Deno.test("readLines() ends at its limit, whatever was written since", async () => {
  await using log = await makeLog(100);
  await log.append("one\ntwo\n");
  const source = openLog(log.dir, "api", systemClock);
  const { end } = source.view();
  await log.append("three\n");
  source.refresh();
  const lines = await Array.fromAsync(readLines(source, 0, end));
  deepStrictEqual(lines.flat().map(({ text }) => text), ["one", "two"]);
});

function line(service: string, at: number, begin: number): LogLine {
  const text = `${service}${begin}`;
  return { service, at, begin, text, isApproximate: false, isOpen: false };
}

async function* inBatches<T>(
  items: readonly T[],
  size: number,
): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) {
    yield await Promise.resolve(items.slice(at, at + size));
  }
}

Deno.test("mergeLines() orders by time, and never the lines of one log", async () => {
  const anyLog = fc.array(fc.nat(50), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(fc.array(anyLog), fc.integer({ min: 1, max: 9 }), async (
      logs,
      size,
    ) => {
      const streams = logs.map((times, index) =>
        times.map((at, begin) => line(`${index}`, at, begin))
      );
      const batches = await Array.fromAsync(
        mergeLines(streams.map((lines) => inBatches(lines, size))),
      );
      const merged = batches.flat();
      strictEqual(merged.length, streams.flat().length);
      for (const [index, lines] of streams.entries()) {
        const own = merged.filter(({ service }) => service === `${index}`);
        deepStrictEqual(own, lines);
      }
      // Logs in the order of time give a whole in the order of time.
      const sorted = streams.map((lines) =>
        lines.map(({ at }) => at).toSorted((a, b) => a - b)
          .map((at, begin) => line("x", at, begin))
      );
      const whole = await Array.fromAsync(
        mergeLines(sorted.map((lines) => inBatches(lines, size))),
      );
      const times = whole.flat().map(({ at }) => at);
      deepStrictEqual(times, times.toSorted((a, b) => a - b));
    }),
  );
});

Deno.test("mergeLines() puts the first log first where times are equal", async () => {
  const logs = [[line("a", 1, 0), line("a", 1, 1)], [line("b", 1, 0)]];
  const merged = await Array.fromAsync(
    mergeLines(logs.map((lines) => inBatches(lines, 1))),
  );
  deepStrictEqual(merged.flat().map(({ text }) => text), ["a0", "a1", "b0"]);
});

Deno.test("a log of empty lines is searched at once", async () => {
  await using log = await makeLog(1e9);
  await log.append(new Uint8Array(4_000_000).fill(0x0a));
  await log.append("last\n");
  const before = performance.now();
  deepStrictEqual(await last(log, 50, (text) => text === "x"), []);
  deepStrictEqual(await last(log, 50, (text) => text === "last"), ["last"]);
  strictEqual((await last(log, 50, (text) => text === "")).length, 50);
  ok(performance.now() - before < 15_000);
});
