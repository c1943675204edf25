import { ok, strictEqual } from "node:assert/strict";
import { nextTurn, startTimer } from "./timer.ts";

Deno.test("startTimer() settles when the time has passed", async () => {
  const begun = performance.now();
  using timer = startTimer(20);
  await timer.passed;
  ok(performance.now() - begun >= 19);
});

Deno.test("startTimer() keeps no program alive once it is cancelled", async () => {
  const url = import.meta.resolve("./timer.ts");
  const code =
    `import { startTimer } from "${url}"; using _ = startTimer(60_000);`;
  const begun = performance.now();
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
  }).output();
  ok(success);
  ok(performance.now() - begun < 50_000);
});

Deno.test("nextTurn() lets what is due by now happen first", async () => {
  let isDone = false;
  const stat = Deno.stat(".").then(() => isDone = true);
  while (!isDone) await nextTurn();
  strictEqual(await stat, true);
});
