import { ok, strictEqual } from "node:assert/strict";
import { nextTurn, systemClock } from "./clock.ts";

Deno.test("a timer fires after its time", async () => {
  const begun = performance.now();
  using timer = systemClock.timer(20);
  await timer.passed;
  ok(performance.now() - begun >= 19);
});

Deno.test("a timer that was disposed of keeps no program alive", async () => {
  const url = import.meta.resolve("./clock.ts");
  const code = `import { systemClock } from "${url}";
    using _ = systemClock.timer(60_000);`;
  const begun = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
  }).output();
  ok(success);
  ok(performance.now() - begun < 50_000);
});

Deno.test("nextTurn() lets everything run that is due", async () => {
  let isDone = false;
  const stat = Deno.stat(".").then(() => isDone = true);
  while (!isDone) await nextTurn();
  strictEqual(await stat, true);
});
