import { strictEqual } from "node:assert/strict";
import {
  formatCheck,
  formatMemory,
  formatSpan,
  formatTime,
  shorten,
} from "./format.ts";

const EN = { decimal: ".", day: "d", megabyte: "MB" };
const FR = { decimal: ",", day: "j", megabyte: "Mo" };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

Deno.test("formatSpan() writes a span as people say it", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 ms"],
    [12.4, "12 ms"],
    [999.4, "999 ms"],
    [999.7, "1.0 s"],
    [1000, "1.0 s"],
    [1449, "1.4 s"],
    [59_940, "59.9 s"],
    [59_970, "1 min 00 s"],
    [MINUTE, "1 min 00 s"],
    [2 * MINUTE + 5 * SECOND, "2 min 05 s"],
    [HOUR - SECOND, "59 min 59 s"],
    [3 * HOUR + 20 * MINUTE, "3 h 20 min"],
    [3 * HOUR + 5 * MINUTE, "3 h 05 min"],
    [DAY, "1 d 0 h"],
    [2 * DAY + 4 * HOUR, "2 d 4 h"],
  ];
  for (const [ms, expected] of cases) strictEqual(formatSpan(ms, EN), expected);
  strictEqual(formatSpan(1400, FR), "1,4 s");
  strictEqual(formatSpan(2 * DAY + 4 * HOUR, FR), "2 j 4 h");
});

Deno.test("formatTime() gives the clock for the last day, else the date, too", () => {
  const now = new Date(2026, 10, 21, 9, 30).getTime();
  const cases: readonly (readonly [Date, string])[] = [
    [new Date(2026, 10, 21, 9, 12), "09:12"],
    [new Date(2026, 10, 20, 23, 5), "23:05"],
    [new Date(2026, 10, 20, 9, 30), "2026-11-20 09:30"],
    [new Date(2026, 0, 2, 0, 0), "2026-01-02 00:00"],
  ];
  for (const [at, expected] of cases) {
    strictEqual(formatTime(at.getTime(), now), expected);
  }
});

Deno.test("formatMemory() writes whole mebibytes", () => {
  strictEqual(formatMemory(0, EN), "0 MB");
  strictEqual(formatMemory(48.4 * 1024 * 1024, FR), "48 Mo");
});

Deno.test("shorten() keeps what fits and marks what it cut", () => {
  strictEqual(shorten("abc", 3), "abc");
  strictEqual(shorten("abcd", 3), "ab…");
  strictEqual(shorten("🔍🔍🔍", 2), "🔍…");
  strictEqual(shorten("abc", 1), "…");
});

Deno.test("formatCheck() names a check by its kind and its values", () => {
  strictEqual(formatCheck({ kind: "tcp" }), "tcp");
  strictEqual(formatCheck({ kind: "log", pattern: "up\x1b" }), "log up\ufffd");
});
