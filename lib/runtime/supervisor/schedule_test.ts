import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makeService } from "../../../tests/kit/builders.ts";
import { type SupervisedState, UNKNOWN } from "../../core/supervision.ts";
import {
  debounceTime,
  HealthSchedule,
  isStale,
  pauseTime,
} from "./schedule.ts";

const NOW = 1_000_000;
const READY: SupervisedState = { ...UNKNOWN, phase: "ready", run: "r" };
const backingOffUntil = (dueAt: number): SupervisedState => ({
  ...READY,
  phase: "backing-off",
  dueAt,
});

for (
  const [what, load, expected] of [
    ["the tick interval while nothing is due", { states: [READY] }, 2_000],
    ["short where it is about to exit", { states: [], isIdle: true }, 50],
    [
      "until a restart is due",
      { states: [READY, backingOffUntil(NOW + 700)] },
      700,
    ],
    ["until the first of two", {
      states: [backingOffUntil(NOW + 900), backingOffUntil(NOW + 400)],
    }, 400],
    [
      "until a health check is due",
      { states: [READY], nextCheck: NOW + 30 },
      30,
    ],
    ["0 where a restart is late", { states: [backingOffUntil(NOW - 5)] }, 0],
    ["the tick interval where the next check is far off", {
      states: [READY],
      nextCheck: NOW + 30_000,
    }, 2_000],
  ] as const
) {
  Deno.test(`pauseTime() is ${what}`, () => {
    const defaults = { isIdle: false, nextCheck: Infinity, now: NOW };
    strictEqual(pauseTime({ ...defaults, ...load }), expected);
  });
}

for (const [time, expected] of [[0, 15], [10, 40], [5_000, 250]] as const) {
  Deno.test(`debounceTime() after a reading of ${time} ms`, () => {
    strictEqual(debounceTime(time), expected);
  });
}

Deno.test("isStale() after half a minute", () => {
  strictEqual(isStale(NOW, NOW + 30_000), false);
  strictEqual(isStale(NOW, NOW + 30_001), true);
});

const NONE_BUSY = () => false;

function planned(
  intervals: Readonly<Record<string, number>>,
): HealthSchedule {
  const schedule = new HealthSchedule();
  for (const [name, every] of Object.entries(intervals)) {
    schedule.plan(service(name, every), 0);
  }
  return schedule;
}

function service(name: string, every: number) {
  return makeService({
    name,
    live: { every, failures: 1, restart: false, timeout: 10_000 },
  });
}

Deno.test("a health check is due when its interval is over, not sooner", () => {
  const schedule = planned({ a: 200 });
  strictEqual(schedule.next(NONE_BUSY), 200);
  deepStrictEqual([...schedule.due(199, NONE_BUSY)], []);
  deepStrictEqual([...schedule.due(200, NONE_BUSY)], ["a"]);
});

Deno.test("health checks that are due soon run together", () => {
  const schedule = planned({ a: 10_000, b: 10_900, c: 12_500 });
  deepStrictEqual([...schedule.due(10_000, NONE_BUSY)], ["a", "b"]);
});

Deno.test("no service is checked much too often because of another", () => {
  const schedule = planned({ quick: 200, slow: 2_000 });
  deepStrictEqual([...schedule.due(200, NONE_BUSY)], ["quick"]);
});

Deno.test("a service with a task in progress is not checked", () => {
  const schedule = planned({ a: 200, b: 5_000 });
  const isBusy = (name: string) => name === "a";
  strictEqual(schedule.next(isBusy), 5_000);
  deepStrictEqual([...schedule.due(1_000, isBusy)], []);
});

Deno.test("a service that is no longer watched is never due", () => {
  const schedule = planned({ a: 200, b: 200 });
  schedule.plan(service("a", 0), 0);
  schedule.cancel("b");
  strictEqual(schedule.next(NONE_BUSY), Infinity);
  deepStrictEqual([...schedule.due(9_999, NONE_BUSY)], []);
});
