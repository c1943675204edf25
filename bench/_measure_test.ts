import assert from "node:assert/strict";
import { steppedClock } from "../tests/kit/stepped_clock.ts";
import { excess, inTurn, median, quantile, ratio } from "./_measure.ts";

Deno.test("median() is the middle, or between the two in the middle", () => {
  assert.strictEqual(median([9, 1, 5]), 5);
  assert.strictEqual(median([4, 1, 2, 3]), 2.5);
  assert.strictEqual(median([7]), 7);
  assert.ok(Number.isNaN(median([])));
});

Deno.test("quantile() goes from the least to the greatest", () => {
  const values = [30, 10, 20, 50, 40];
  assert.strictEqual(quantile(values, 0), 10);
  assert.strictEqual(quantile(values, 1), 50);
  assert.strictEqual(quantile(values, 0.25), 20);
});

Deno.test("ratio() and excess() compare the same rounds", () => {
  // In the second round the machine was slow for both.
  assert.strictEqual(ratio([20, 200, 20], [10, 100, 10]), 2);
  assert.strictEqual(excess([15, 105, 15], [10, 100, 10]), 5);
  assert.strictEqual(ratio([20], [10, 100, 10]), 2);
});

Deno.test("inTurn() lets each begin a round, and counts no warm-up", async () => {
  const order: string[] = [];
  const contender = (name: string) => ({
    name,
    measure: () => {
      order.push(name);
      return Promise.resolve(order.length);
    },
  });
  const rows = await inTurn([contender("a"), contender("b")], {
    runs: 2,
    limit: Infinity,
  });
  assert.deepStrictEqual(order, ["a", "b", "b", "a", "a", "b"]);
  assert.deepStrictEqual(rows.map(({ values }) => values), [[4, 5], [3, 6]]);
});

Deno.test("inTurn() reports what failed and goes on with the others", async () => {
  let calls = 0;
  const rows = await inTurn([
    {
      name: "bad",
      measure: () => {
        calls++;
        return Promise.reject(new Error("exit 1: no"));
      },
    },
    { name: "good", measure: () => Promise.resolve(1) },
  ], { runs: 3, limit: Infinity });
  assert.strictEqual(calls, 1);
  assert.deepStrictEqual(rows, [
    { name: "bad", values: [], failure: "exit 1: no" },
    { name: "good", values: [1, 1, 1] },
  ]);
});

Deno.test("inTurn() gives a slow one no more than its share, but a few turns", async () => {
  const clock = steppedClock();
  const slow = {
    name: "slow",
    measure: () => {
      clock.step(5);
      return Promise.resolve(5);
    },
  };
  const quick = { name: "quick", measure: () => Promise.resolve(0) };
  const rows = await inTurn([slow, quick], {
    runs: 20,
    limit: 1,
    clock,
  });
  assert.deepStrictEqual(rows.map(({ values }) => values.length), [3, 20]);
});
