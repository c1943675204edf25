import { match, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  DURATION_PATTERN,
  formatDuration,
  MAX_DURATION,
  parseDuration,
} from "./duration.ts";

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
