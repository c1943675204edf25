import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { timeLapse } from "../../tests/kit/builders.ts";
import { stopTime } from "../../tests/kit/stopped_time.ts";
import { pause, waitFor } from "./poll.ts";

const QUICK = { first: 1, last: 4, factor: 2 };
/** No test is to wait for this. */
const NEVER = { first: 60_000, last: 60_000, factor: 1 };

Deno.test("waitFor() looks at least once, even without any time", async () => {
  let looks = 0;
  const look = () => Promise.resolve(++looks);
  deepStrictEqual(await waitFor(look, { timeout: 0, backoff: NEVER }), {
    kind: "done",
    value: 1,
  });
});

Deno.test("waitFor() takes false and 0 for answers", async () => {
  for (const value of [false, 0, "", null]) {
    const look = () => Promise.resolve(value);
    deepStrictEqual(await waitFor(look, { timeout: 0, backoff: NEVER }), {
      kind: "done",
      value,
    });
  }
});

Deno.test("waitFor() looks again until the condition holds", async () => {
  let looks = 0;
  const look = () => Promise.resolve(++looks === 5 ? "yes" : undefined);
  const waited = await waitFor(look, { timeout: 60_000, backoff: QUICK });
  deepStrictEqual(waited, { kind: "done", value: "yes" });
});

Deno.test("waitFor() gives up when the time is up, after a last look", async () => {
  using time = stopTime();
  const end = time.now + 5_000;
  const looks: number[] = [];
  const look = () => {
    looks.push(time.now);
    // The time is up within the pause after the first look.
    if (looks.length === 1) setTimeout(() => time.now = end);
    return Promise.resolve(undefined);
  };
  deepStrictEqual(await waitFor(look, { timeout: 5_000, backoff: QUICK }), {
    kind: "timeout",
  });
  strictEqual(looks.at(-1), end);
});

Deno.test("waitFor() never pauses longer than there is time left", async () => {
  const look = () => Promise.resolve(undefined);
  deepStrictEqual(await waitFor(look, { timeout: 5, backoff: NEVER }), {
    kind: "timeout",
  });
});

Deno.test("waitFor() ends at once when it is aborted", async () => {
  const before = AbortSignal.abort();
  const none = () => Promise.resolve(undefined);
  const options = { timeout: 60_000, backoff: NEVER };
  deepStrictEqual(await waitFor(none, { ...options, signal: before }), {
    kind: "aborted",
  });

  const during = new AbortController();
  const waiting = waitFor(none, { ...options, signal: during.signal });
  during.abort();
  deepStrictEqual(await waiting, { kind: "aborted" });
});

Deno.test("waitFor() prefers an answer to giving up", async () => {
  const look = () => Promise.resolve("yes");
  const signal = AbortSignal.abort();
  deepStrictEqual(
    await waitFor(look, { timeout: 60_000, backoff: NEVER, signal }),
    { kind: "done", value: "yes" },
  );
});

Deno.test("waitFor() looks again at once when it is woken", async () => {
  const wake = new AbortController();
  let isSo = false;
  const waiting = waitFor(() => Promise.resolve(isSo ? "yes" : undefined), {
    timeout: 60_000,
    backoff: NEVER,
    signal: new AbortController().signal,
    wakes: [wake.signal],
  });
  isSo = true;
  wake.abort();
  deepStrictEqual(await waiting, { kind: "done", value: "yes" });
});

Deno.test("waitFor() does not spin once it was woken", async () => {
  using _ = timeLapse(1000);
  let looks = 0;
  const look = () => {
    looks++;
    return Promise.resolve(undefined);
  };
  const waited = await waitFor(look, {
    timeout: 20_000,
    backoff: QUICK,
    wakes: [AbortSignal.abort()],
  });
  strictEqual(waited.kind, "timeout");
  ok(looks < 30, `${looks} looks`);
});

Deno.test("pause() ends early, or at once, when it is aborted", async () => {
  await pause(60_000, AbortSignal.abort());
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort();
  await paused;
  await pause(1);
});
