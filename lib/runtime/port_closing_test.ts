import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makeMachine, makeService } from "../../tests/kit/builders.ts";
import { skippingClock } from "../../tests/kit/stepped_clock.ts";
import type { ServiceEvent } from "../core/events.ts";
import type { UnidentifiedHolder } from "../core/model.ts";
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
  const clock = skippingClock();
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
  deepStrictEqual(events, [
    { kind: "closing", service: SERVICE.name, port: PORT, left: 40_000 },
  ]);
  ok(waited >= 30_000 && waited < 31_000, String(waited));
});

Deno.test("untilPortClosed() waits no longer than the OS may take", async () => {
  const { waited, events } = await waitFor({ closing: {} }, Infinity);
  strictEqual(events.length, 3, "each time it is used again");
  ok(waited >= 180_000 && waited < 210_000, String(waited));
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
