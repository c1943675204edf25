import assert from "node:assert/strict";
import type { Lookup, ProcessTable } from "../core/model.ts";
import { until } from "../../tests/kit/test_process.ts";
import { currentPlatform } from "./current.ts";
import { coalesce, coalesceReading } from "./coalesce.ts";
import { OS } from "./os.ts";

/** Queries that run until they are resolved. */
function makeQueries() {
  const open: PromiseWithResolvers<number>[] = [];
  return {
    open,
    query: () => {
      const one = Promise.withResolvers<number>();
      open.push(one);
      return one.promise;
    },
  };
}

Deno.test("coalesce() queries once for all callers that ask together", async () => {
  const { open, query } = makeQueries();
  const shared = coalesce(query);
  const answers = Array.from({ length: 100 }, () => shared());
  await until(() => open.length > 0);
  open[0]?.resolve(1);
  assert.deepStrictEqual(await Promise.all(answers), Array(100).fill(1));
  assert.strictEqual(open.length, 1);
});

Deno.test("coalesce() never answers with what was read before the question", async () => {
  const { open, query } = makeQueries();
  const shared = coalesce(query);
  const first = shared();
  await Promise.resolve();
  const late = [shared(), shared()];
  open[0]?.resolve(1);
  assert.strictEqual(await first, 1);
  await until(() => open.length === 2);
  open[1]?.resolve(2);
  assert.deepStrictEqual(await Promise.all(late), [2, 2]);
});

Deno.test("coalesce() waits for the next caller once two have overlapped", async () => {
  let queries = 0;
  const shared = coalesce(() => Promise.resolve(++queries));
  await shared();
  await Promise.all([shared(), shared()]);
  // Without the wait the query of the first would have begun before the second.
  const first = shared();
  await Promise.resolve().then(() => {}).then(() => {});
  assert.deepStrictEqual(await Promise.all([first, shared()]), [3, 3]);
});

Deno.test("coalesce() queries again after a query that failed", async () => {
  let queries = 0;
  const shared = coalesce(() =>
    ++queries === 1 ? Promise.reject(new Error("no")) : Promise.resolve(queries)
  );
  await assert.rejects(shared());
  assert.strictEqual(await shared(), 2);
});

const NOBODY: Lookup<ProcessTable> = { ok: true, value: new Map() };

Deno.test("coalesceReading() reads what several callers ask for at once", async () => {
  const readings: (readonly number[])[] = [];
  const read = coalesceReading((pids) => {
    readings.push(pids);
    return Promise.resolve(NOBODY);
  });
  await Promise.all([read([4, 5]), read([5, 6])]);
  assert.deepStrictEqual(readings, [[4, 5, 6]]);
});

Deno.test("coalesceReading() keeps the failure of one caller from the others", async () => {
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

Deno.test("currentPlatform() answers many callers at once", async () => {
  const platform = await currentPlatform();
  const own = await platform.identity(Deno.pid);
  // On Windows each call runs a PowerShell, all with the same deadline.
  const length = OS === "windows" ? 10 : 100;
  const all = await Promise.all(
    Array.from({ length }, () => platform.identity(Deno.pid)),
  );
  assert.ok(own.ok && own.value);
  for (const one of all) assert.deepStrictEqual(one, own);
});
