import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makeMachine, makeService } from "../../tests/kit/builders.ts";
import { steppedClock } from "../../tests/kit/stepped_clock.ts";
import type { ServiceEvent } from "../core/events.ts";
import type { UnidentifiedHolder } from "../core/model.ts";
import type { Clock } from "../platform/clock.ts";
import { isUnlistened, untilPortClosed } from "./port_closing.ts";

const SERVICE = makeService();
const PORT = SERVICE.port ?? 0;

/** Waits for a port that is used for some time, and is held by somebody. */
async function waitFor(
  holder: UnidentifiedHolder,
  usedFor: number,
): Promise<
  { readonly events: readonly ServiceEvent[]; readonly waited: number }
> {
  const stepped = steppedClock();
  const clock: Clock = {
    ...stepped,
    timer: (milliseconds) => {
      stepped.step(milliseconds);
      return { passed: Promise.resolve(undefined), [Symbol.dispose]() {} };
    },
  };
  const begun = clock.elapsed();
  const { platform } = makeMachine({
    unidentifiedHolders: () => Promise.resolve(new Map([[PORT, holder]])),
    probe: () =>
      Promise.resolve(clock.elapsed() - begun < usedFor ? "used" : "free"),
  });
  const events: ServiceEvent[] = [];
  await untilPortClosed(SERVICE, {
    platform,
    clock,
    emit: (event) => events.push(event),
    signal: new AbortController().signal,
  });
  return { events, waited: clock.elapsed() - begun };
}

Deno.test("untilPortClosed() waits until the OS gives the port back", async () => {
  const { events, waited } = await waitFor(
    { closing: { left: 40_000 } },
    30_000,
  );
  deepStrictEqual(events[0], {
    kind: "closing",
    service: SERVICE.name,
    port: PORT,
    left: 40_000,
  });
  ok(waited >= 30_000 && waited < 31_000, String(waited));
});

Deno.test("untilPortClosed() waits no longer than the OS may take", async () => {
  const { waited, events } = await waitFor({ closing: {} }, Infinity);
  const first = events.filter((event) =>
    event.kind === "closing" && !event.isRepeated
  );
  strictEqual(first.length, 3, "each time it is used again");
  ok(waited >= 180_000 && waited < 210_000, String(waited));
});

Deno.test("untilPortClosed() says about every 15 s how long it still waits", async () => {
  const { events } = await waitFor({ closing: { left: 60_000 } }, 64_000);
  // It is said at the next poll.
  const left = events.map((event) =>
    event.kind === "closing" ? Math.ceil(event.left / 1_000) : NaN
  );
  strictEqual(left.length, 4, left.join());
  for (const [index, seconds] of left.entries()) {
    const expected = 60 - 15 * index;
    ok(seconds <= expected && seconds >= expected - index, left.join());
  }
});

for (
  const [name, holder] of [
    ["a holder that is not known", {}],
    ["a connection", { connected: [500] }],
    ["a container", { container: "db", closing: {} }],
  ] as const
) {
  Deno.test(`untilPortClosed() does not wait for ${name}`, async () => {
    const { events, waited } = await waitFor(holder, Infinity);
    deepStrictEqual(events, []);
    ok(waited < 60_000, String(waited));
  });
}

Deno.test("untilPortClosed() does not wait for a port that can be had", async () => {
  const { events } = await waitFor({ closing: {} }, 0);
  deepStrictEqual(events, []);
});

Deno.test("isUnlistened() counts closed connections and ends of others", async () => {
  for (
    const [holder, expected] of [
      [{ closing: {} }, true],
      [{ connected: [500] }, true],
      [{ container: "db", closing: {} }, false],
      [{ user: "bob" }, false],
    ] as const
  ) {
    const { platform } = makeMachine({
      unidentifiedHolders: () => Promise.resolve(new Map([[PORT, holder]])),
    });
    strictEqual(await isUnlistened(PORT, platform), expected);
  }
  strictEqual(await isUnlistened(PORT, makeMachine().platform), false);
});
