import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeHolder,
  makeMachine,
  makeTable,
} from "../../../tests/kit/builders.ts";
import type { StopFailure } from "../../core/events.ts";
import { detectRespawn } from "./detect_respawn.ts";
import { skippingClock } from "../../../tests/kit/stepped_clock.ts";

const LOOP = makeEntry(400, { name: "sh" });
const STOPPED = {
  holders: [makeHolder(410)],
  before: makeTable(LOOP, makeEntry(410, { ppid: 400 })),
};
const AGAIN = makeEntry(420, { ppid: 400 });
const { args } = makeHolder(410);
const BACK = { kind: "held", holders: [{ pid: 420, name: "node" }] } as const;

async function watch(
  machine: FakeMachine,
  held: readonly (StopFailure | undefined)[] = [],
): Promise<StopFailure | undefined> {
  const answers = [...held];
  return await detectRespawn(
    STOPPED,
    () => Promise.resolve(answers.shift()),
    {
      platform: machine.platform,
      clock: skippingClock(),
      signal: new AbortController().signal,
    },
  );
}

Deno.test("awaitReturn() sees who listens again a moment later", async () => {
  const machine = makeMachine();
  deepStrictEqual(await watch(machine, [undefined, BACK]), BACK);
});

Deno.test("awaitReturn() sees a successor that does not listen yet", async () => {
  const machine = makeMachine();
  machine.processes.set(400, LOOP).set(420, AGAIN);
  machine.details.set(420, { pid: 420, args });
  deepStrictEqual(await watch(machine), BACK);
});

Deno.test("awaitReturn() takes nobody else for a successor", async () => {
  const cases: readonly (readonly [string, (machine: FakeMachine) => void])[] =
    [
      ["nobody", () => {}],
      ["what runs something else", ({ details }) => {
        details.set(420, { pid: 420, args: ["node", "other.js"] });
      }],
      ["what the OS tells nothing of", ({ details }) => details.clear()],
      ["the child of another", ({ processes }) => {
        processes.set(420, makeEntry(420, { ppid: 1 }));
      }],
      ["the parent is gone", ({ processes }) => processes.delete(400)],
    ];
  for (const [name, change] of cases) {
    const machine = makeMachine();
    machine.processes.set(400, LOOP);
    if (name !== "nobody") machine.processes.set(420, AGAIN);
    machine.details.set(420, { pid: 420, args });
    change(machine);
    strictEqual(await watch(machine), undefined, name);
  }
});
