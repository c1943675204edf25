import { strictEqual } from "node:assert/strict";
import { type SupervisedState, UNKNOWN } from "../../core/supervision.ts";
import { gatherTime, isStale, restTime } from "./schedule.ts";

const NOW = 1_000_000;
const READY: SupervisedState = { ...UNKNOWN, phase: "ready", run: "r" };
const pausingUntil = (dueAt: number): SupervisedState => ({
  ...READY,
  phase: "pausing",
  dueAt,
});

for (
  const [what, load, expected] of [
    ["a beat while nothing is due", { state: [READY] }, 2_000],
    ["shortly where it is about to leave", { state: [], isIdle: true }, 50],
    [
      "until a restart is due",
      { state: [READY, pausingUntil(NOW + 700)] },
      700,
    ],
    ["until the first of two", {
      state: [pausingUntil(NOW + 900), pausingUntil(NOW + 400)],
    }, 400],
    ["until a look is due", { state: [READY], nextCheck: NOW + 30 }, 30],
    ["not at all where one is late", { state: [pausingUntil(NOW - 5)] }, 0],
    ["a beat where the next look is far", {
      state: [READY],
      nextCheck: NOW + 30_000,
    }, 2_000],
  ] as const
) {
  Deno.test(`restTime() is ${what}`, () => {
    const load_ = { isIdle: false, nextCheck: Infinity, now: NOW, ...load };
    strictEqual(restTime(load_), expected);
  });
}

for (const [cost, expected] of [[0, 15], [10, 40], [5_000, 250]] as const) {
  Deno.test(`gatherTime() after a reading of ${cost} ms`, () => {
    strictEqual(gatherTime(cost), expected);
  });
}

Deno.test("isStale() after half a minute", () => {
  strictEqual(isStale(NOW, NOW + 30_000), false);
  strictEqual(isStale(NOW, NOW + 30_001), true);
});
