import { strictEqual } from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeRunRecord,
  makeService,
} from "../../tests/kit/builders.ts";
import { isRecent, needsSupervisor } from "./ownership.ts";

const NOW = Date.parse("2026-11-28T12:00:00.000Z");

Deno.test("isRecent() is of the last minute, and never of the future", () => {
  for (
    const [at, expected] of [
      [NOW, true],
      [NOW - 59_000, true],
      [NOW - 61_000, false],
      [NOW + 1_000, false],
      [Date.parse("2999-01-01T00:00:00.000Z"), false],
      [NaN, false],
    ] as const
  ) strictEqual(isRecent(at, NOW), expected, String(at));
});

Deno.test("needsSupervisor() of a run that began in the future is false", () => {
  const restart = { when: "always", limit: 5, delay: 500 } as const;
  const lostAt = (startedAt: string) =>
    needsSupervisor(
      makeDiagnosis({
        service: makeService({ restart }),
        state: "crashed",
        lost: makeRunRecord(makeEntry(100), { startedAt }),
      }),
      NOW,
    );
  strictEqual(lostAt("2026-11-28T11:59:30.000Z"), true);
  strictEqual(lostAt("2999-01-01T00:00:00.000Z"), false);
});
