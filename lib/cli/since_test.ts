import { strictEqual } from "node:assert/strict";
import { parseSince } from "./since.ts";

const NOW = new Date(2026, 10, 22, 14, 5, 6, 500).getTime();

function at(...parts: readonly number[]): number {
  const [year = 0, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0] =
    parts;
  return new Date(year, month - 1, day, hours, minutes, seconds).getTime();
}

const CASES: readonly (readonly [string, number])[] = [
  ["10m", NOW - 600_000],
  ["90s", NOW - 90_000],
  ["2h", NOW - 7_200_000],
  ["1h30m", NOW - 5_400_000],
  ["1d", NOW - 86_400_000],
  ["48h", NOW - 2 * 86_400_000],
  ["2d12h", NOW - 2.5 * 86_400_000],
  ["0s", NOW],
  ["09:12", at(2026, 11, 22, 9, 12)],
  ["9:12", at(2026, 11, 22, 9, 12)],
  ["14:05:06", at(2026, 11, 22, 14, 5, 6)],
  ["14:05:07", at(2026, 11, 21, 14, 5, 7)],
  ["23:00", at(2026, 11, 21, 23)],
  ["2026-11-21", at(2026, 11, 21)],
  ["2026-11-21 09:12", at(2026, 11, 21, 9, 12)],
  ["2026-11-21 09:12:30", at(2026, 11, 21, 9, 12, 30)],
  ["2026-11-21T09:12", at(2026, 11, 21, 9, 12)],
  ["2026-11-21T09:12:30.250", at(2026, 11, 21, 9, 12, 30)],
  ["2026-11-21T09:12:30Z", Date.UTC(2026, 10, 21, 9, 12, 30)],
  ["2026-11-21T09:12:30+02:00", Date.UTC(2026, 10, 21, 7, 12, 30)],
  ["2024-02-29", at(2024, 2, 29)],
];

for (const [text, expected] of CASES) {
  Deno.test(`parseSince() reads ${text}`, () => {
    strictEqual(parseSince(text, NOW), expected);
  });
}

Deno.test("parseSince() takes nothing else for a time", () => {
  const wrong = [
    "",
    "10",
    "m",
    "10x",
    "10m1h",
    "-10m",
    "1.5h",
    "99999d",
    "yesterday",
    "24:00",
    "12:60",
    "12:5",
    "2026-13-01",
    "2026-02-29",
    "2026-11-21 25:00",
    "2026-11-21T",
    "21/11/2026",
    " 10m",
  ];
  for (const text of wrong) strictEqual(parseSince(text, NOW), undefined, text);
});
