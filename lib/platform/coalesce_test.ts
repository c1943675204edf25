import assert from "node:assert/strict";
import type { Lookup, ProcessTable } from "../core/model.ts";
import { until } from "../../tests/kit/test_process.ts";
import { currentPlatform } from "./current.ts";
import { coalesce, coalesceReading } from "./coalesce.ts";

/** Looks that are under way until they are let go. */
function makeQueries() {
  const open: PromiseWithResolvers<number>[] = [];
  return {
    open,
    look: () => {
      const one = Promise.withResolvers<number>();
      open.push(one);
      return one.promise;
    },
  };
}

Deno.test("shareLook() looks once for all who ask together", async () => {
  const { open, look } = makeQueries();
  const shared = coalesce(look);
  const answers = Array.from({ length: 100 }, () => shared());
  await until(() => open.length > 0);
  open[0]?.resolve(1);
  assert.deepStrictEqual(await Promise.all(answers), Array(100).fill(1));
  assert.strictEqual(open.length, 1);
});

Deno.test("shareLook() never answers with what was seen before the question", async () => {
  const { open, look } = makeQueries();
  const shared = coalesce(look);
  const first = shared();
  await Promise.resolve();
  const late = [shared(), shared()];
  open[0]?.resolve(1);
  assert.strictEqual(await first, 1);
  await until(() => open.length === 2);
  open[1]?.resolve(2);
  assert.deepStrictEqual(await Promise.all(late), [2, 2]);
});

Deno.test("shareLook() waits a moment for who is about to ask, once two have met", async () => {
  let looks = 0;
  const shared = coalesce(() => Promise.resolve(++looks));
  await shared();
  await Promise.all([shared(), shared()]);
  // The second asks when the look of the first would have begun already.
  const first = shared();
  await Promise.resolve().then(() => {}).then(() => {});
  assert.deepStrictEqual(await Promise.all([first, shared()]), [3, 3]);
});

Deno.test("shareLook() looks again after a look that failed", async () => {
  let looks = 0;
  const shared = coalesce(() =>
    ++looks === 1 ? Promise.reject(new Error("no")) : Promise.resolve(looks)
  );
  await assert.rejects(shared());
  assert.strictEqual(await shared(), 2);
});

const NOBODY: Lookup<ProcessTable> = { ok: true, value: new Map() };

Deno.test("shareReading() reads what several ask for at once", async () => {
  const readings: (readonly number[])[] = [];
  const read = coalesceReading((pids) => {
    readings.push(pids);
    return Promise.resolve(NOBODY);
  });
  await Promise.all([read([4, 5]), read([5, 6])]);
  assert.deepStrictEqual(readings, [[4, 5, 6]]);
});

Deno.test("shareReading() keeps to each what cannot be told of the other's", async () => {
  const hidden = 7;
  const read = coalesceReading((pids) =>
    Promise.resolve(
      pids.includes(hidden) ? { ok: false, reason: "hidden" } : NOBODY,
    )
  );
  const [own, other] = await Promise.all([read([4]), read([hidden])]);
  assert.strictEqual(own.ok, true);
  assert.strictEqual(other.ok, false);
});

Deno.test("currentPlatform() tells many at once who they are", async () => {
  const platform = await currentPlatform();
  const own = await platform.identity(Deno.pid);
  // On Windows each asks a PowerShell of its own, and all have the same time.
  const length = Deno.build.os === "windows" ? 10 : 100;
  const all = await Promise.all(
    Array.from({ length }, () => platform.identity(Deno.pid)),
  );
  assert.ok(own.ok && own.value);
  for (const one of all) assert.deepStrictEqual(one, own);
});
