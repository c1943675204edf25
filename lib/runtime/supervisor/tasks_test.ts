import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Tasks } from "./tasks.ts";

Deno.test("Tasks: one task at a time for each service", async () => {
  const done: string[] = [];
  const tasks = new Tasks(() => done.push("ended"));
  const first = Promise.withResolvers<void>();
  tasks.begin("a", async () => {
    await first.promise;
    done.push("a");
  });
  tasks.begin("a", () => Promise.resolve(void done.push("a twice")));
  tasks.begin("b", () => Promise.resolve(void done.push("b")));
  strictEqual(tasks.size, 2);
  strictEqual(tasks.isBusy("a"), true);
  strictEqual(tasks.isBusy("c"), false);
  first.resolve();
  await tasks.settled();
  strictEqual(tasks.size, 0);
  deepStrictEqual(done.toSorted(), ["a", "b", "ended", "ended"]);
});

Deno.test("Tasks: a task that fails has ended, and another may begin", async () => {
  let ends = 0;
  const tasks = new Tasks(() => ends++);
  tasks.begin("a", () => Promise.reject(new Error("no disk")));
  await tasks.settled();
  strictEqual(tasks.isBusy("a"), false);
  tasks.begin("a", () => Promise.resolve());
  await tasks.settled();
  strictEqual(ends, 2);
});
