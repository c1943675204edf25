import { match, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  formatSize,
  MAX_SIZE,
  meantSize,
  MIN_SIZE,
  parseSize,
  SIZE_PATTERN,
} from "./size.ts";

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

Deno.test("formatSize() writes what parseSize() reads", () => {
  strictEqual(formatSize(10_000_000), "10MB");
  const kilobytes = fc.integer({ min: MIN_SIZE / 1000, max: MAX_SIZE / 1000 });
  fc.assert(fc.property(kilobytes, (count) => {
    const text = formatSize(count * 1000);
    strictEqual(parseSize(text), count * 1000);
    match(text, SIZE_PATTERN);
  }));
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
