import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { skippingClock, steppedClock } from "../../tests/kit/stepped_clock.ts";
import { systemClock } from "../platform/clock.ts";
import { pause, waitFor } from "./poll.ts";

const QUICK = { first: 1, last: 4, factor: 2 };
/** No test waits as long as this. */
const NEVER = { first: 60_000, last: 60_000, factor: 1 };

Deno.test("waitFor() checks at least once, even without any time", async () => {
  let checks = 0;
  const check = () => Promise.resolve(++checks);
  deepStrictEqual(
    await waitFor(systemClock, check, { timeout: 0, backoff: NEVER }),
    {
      kind: "done",
      value: 1,
    },
  );
});

Deno.test("waitFor() accepts false and 0 as values", async () => {
  for (const value of [false, 0, "", null]) {
    const check = () => Promise.resolve(value);
    deepStrictEqual(
      await waitFor(systemClock, check, { timeout: 0, backoff: NEVER }),
      {
        kind: "done",
        value,
      },
    );
  }
});

Deno.test("waitFor() checks again until the condition holds", async () => {
  let checks = 0;
  const check = () => Promise.resolve(++checks === 5 ? "yes" : undefined);
  const waited = await waitFor(systemClock, check, {
    timeout: 60_000,
    backoff: QUICK,
  });
  deepStrictEqual(waited, { kind: "done", value: "yes" });
});

Deno.test("waitFor() times out after a last check", async () => {
  const clock = steppedClock();
  const checks: number[] = [];
  const waiting = waitFor(clock, () => {
    checks.push(clock.elapsed());
    // The time is up within the pause after the first check.
    if (checks.length === 1) setTimeout(() => clock.step(5_000));
    return Promise.resolve(undefined);
  }, { timeout: 5_000, backoff: QUICK });
  const end = clock.elapsed() + 5_000;
  deepStrictEqual(await waiting, { kind: "timeout" });
  strictEqual(checks.at(-1), end);
});

Deno.test("waitFor() never pauses longer than there is time left", async () => {
  const clock = steppedClock();
  const check = () => Promise.resolve(undefined);
  const waiting = waitFor(clock, check, { timeout: 5, backoff: NEVER });
  setTimeout(() => clock.step(5));
  deepStrictEqual(await waiting, { kind: "timeout" });
});

Deno.test("waitFor() ends at once when it is aborted", async () => {
  const before = AbortSignal.abort();
  const none = () => Promise.resolve(undefined);
  const options = { timeout: 60_000, backoff: NEVER };
  deepStrictEqual(
    await waitFor(systemClock, none, { ...options, signal: before }),
    {
      kind: "aborted",
    },
  );

  const during = new AbortController();
  const waiting = waitFor(systemClock, none, {
    ...options,
    signal: during.signal,
  });
  during.abort();
  deepStrictEqual(await waiting, { kind: "aborted" });
});

Deno.test("waitFor() returns a value although it is aborted", async () => {
  const check = () => Promise.resolve("yes");
  const signal = AbortSignal.abort();
  deepStrictEqual(
    await waitFor(systemClock, check, {
      timeout: 60_000,
      backoff: NEVER,
      signal,
    }),
    { kind: "done", value: "yes" },
  );
});

Deno.test("waitFor() checks again at once when it is woken", async () => {
  const wake = new AbortController();
  let isSo = false;
  const waiting = waitFor(
    systemClock,
    () => Promise.resolve(isSo ? "yes" : undefined),
    {
      timeout: 60_000,
      backoff: NEVER,
      signal: new AbortController().signal,
      wakes: [wake.signal],
    },
  );
  isSo = true;
  wake.abort();
  deepStrictEqual(await waiting, { kind: "done", value: "yes" });
});

Deno.test("waitFor() does not check in a loop once it was woken", async () => {
  let checks = 0;
  const check = () => {
    checks++;
    return Promise.resolve(undefined);
  };
  const waited = await waitFor(skippingClock(), check, {
    timeout: 100,
    backoff: QUICK,
    wakes: [AbortSignal.abort()],
  });
  strictEqual(waited.kind, "timeout");
  ok(checks < 30, `${checks} checks`);
});

Deno.test("pause() ends early, or at once, when it is aborted", async () => {
  await pause(systemClock, 60_000, AbortSignal.abort());
  const controller = new AbortController();
  const paused = pause(systemClock, 60_000, controller.signal);
  controller.abort();
  await paused;
  await pause(systemClock, 1);
});
