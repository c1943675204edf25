import { match, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  DURATION_PATTERN,
  formatDuration,
  MAX_DURATION,
  MAX_SIZE,
  meantSize,
  MIN_SIZE,
  parseDuration,
  parseSize,
  SIZE_PATTERN,
} from "./units.ts";

Deno.test("parseDuration() reads every unit and their combinations", () => {
  strictEqual(parseDuration("500ms"), 500);
  strictEqual(parseDuration("10s"), 10_000);
  strictEqual(parseDuration("2m"), 120_000);
  strictEqual(parseDuration("1h"), 3_600_000);
  strictEqual(parseDuration("1m30s"), 90_000);
  strictEqual(parseDuration("0m1s"), 1_000);
  strictEqual(parseDuration("24h"), MAX_DURATION);
});

Deno.test("parseDuration() refuses all else", () => {
  const wrong = ["", "0s", "10", "10 s", "s", "-1s", "1.5s", "30s1m", "1s1s"];
  for (const text of [...wrong, "10S", "1d", "24h1ms", "9".repeat(400) + "h"]) {
    strictEqual(parseDuration(text), undefined, text);
  }
});

Deno.test("formatDuration() writes what parseDuration() reads", () => {
  strictEqual(formatDuration(90_000), "1m30s");
  fc.assert(fc.property(fc.integer({ min: 1, max: MAX_DURATION }), (value) => {
    const text = formatDuration(value);
    strictEqual(parseDuration(text), value);
    match(text, DURATION_PATTERN);
  }));
});

Deno.test("parseDuration() accepts only what the JSON Schema accepts", () => {
  fc.assert(fc.property(fc.stringMatching(/^[0-9hms]{0,8}$/), (text) => {
    if (parseDuration(text) !== undefined) match(text, DURATION_PATTERN);
  }));
});

Deno.test("parseSize() reads every unit, 1000 bytes to a kilobyte", () => {
  strictEqual(parseSize("500kB"), 500_000);
  strictEqual(parseSize("10MB"), 10_000_000);
  strictEqual(parseSize("1GB"), 1_000_000_000);
  strictEqual(parseSize("64kB"), MIN_SIZE);
  strictEqual(parseSize("10GB"), MAX_SIZE);
  strictEqual(parseSize("0010MB"), 10_000_000);
});

Deno.test("parseSize() refuses all else", () => {
  const wrong = ["", "10", "MB", "10mb", "10KB", "10MiB", "10 MB", "1.5MB"];
  const beyond = ["63kB", "0MB", "11GB", "10001MB", "9".repeat(400) + "GB"];
  for (const text of [...wrong, ...beyond, "-1MB", "1MB1kB"]) {
    strictEqual(parseSize(text), undefined, text);
  }
});

Deno.test("parseSize() accepts only what the JSON Schema accepts", () => {
  fc.assert(fc.property(fc.stringMatching(/^[0-9kMGB]{0,6}$/), (text) => {
    if (parseSize(text) !== undefined) match(text, SIZE_PATTERN);
  }));
});

Deno.test("meantSize() knows how other tools write a size", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["10m", "10MB"],
    ["10mb", "10MB"],
    ["10 MB", "10MB"],
    ["10MiB", "10MB"],
    ["500K", "500kB"],
    ["500KB", "500kB"],
    ["2 Go", "2GB"],
    ["1kB", undefined],
    ["20GB", undefined],
    ["big", undefined],
    ["10", undefined],
  ];
  for (const [text, expected] of cases) {
    strictEqual(meantSize(text), expected, text);
  }
});
