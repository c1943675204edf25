import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { makeEntry } from "../core/_testing.ts";
import { shareLook, shareReads } from "./shared.ts";

/** Looks that end when the test says so. */
function makeLooks() {
  const ends: ((value: number) => void)[] = [];
  const look = () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    ends.push(resolve);
    return promise;
  };
  const end = (index: number) => ends[index]?.(index);
  return { look, end, count: () => ends.length };
}

Deno.test("who asks during a look shares the next one", async () => {
  const { look, end, count } = makeLooks();
  const shared = shareLook(look);
  const first = shared();
  const others = [shared(), shared(), shared()];
  strictEqual(count(), 1);
  end(0);
  strictEqual(await first, 0);
  await Promise.resolve();
  strictEqual(count(), 2, "the others wait for one look that began later");
  const late = shared();
  end(1);
  deepStrictEqual(await Promise.all(others), [1, 1, 1]);
  await Promise.resolve();
  end(2);
  strictEqual(await late, 2, "it asked while the second was under way");
  strictEqual(count(), 3);
});

Deno.test("a look that fails does not keep the next one", async () => {
  let count = 0;
  const shared = shareLook(() =>
    ++count === 1 ? Promise.reject(new Error("no")) : Promise.resolve(count)
  );
  const first = shared();
  const second = shared();
  await rejects(first, /no/);
  strictEqual(await second, 2);
});

Deno.test("everybody is told of the processes asked for, and no others", async () => {
  const calls: number[][] = [];
  const read = shareReads((pids) => {
    calls.push([...pids]);
    const value = new Map(pids.map((pid) => [pid, makeEntry(pid)]));
    return Promise.resolve({ ok: true, value });
  });
  const looks = await Promise.all([read([1]), read([2]), read([2, 3])]);
  deepStrictEqual(
    looks.map((look) => look.ok && [...look.value.keys()]),
    [[1], [2], [2, 3]],
  );
  deepStrictEqual(calls, [[1], [2, 3]]);
});

Deno.test("one that is hidden hides no others", async () => {
  const read = shareReads((pids) =>
    Promise.resolve(
      pids.includes(13) ? { ok: false, reason: "process 13 is not shown" } : {
        ok: true,
        value: new Map(pids.map((pid) => [pid, makeEntry(pid)])),
      },
    )
  );
  const [, hidden, seen] = await Promise.all([
    read([1]),
    read([13]),
    read([2]),
  ]);
  strictEqual(hidden?.ok, false);
  deepStrictEqual(seen?.ok && [...seen.value.keys()], [2]);
});
