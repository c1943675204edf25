import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeHost,
  makeListener,
  makeMachine,
  makeRunRecord,
  makeService,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";
import { MISMATCH_PAUSE, watchPortMismatch } from "./watch_port_mismatch.ts";

const LEADER = makeEntry(100);
const SERVICE = makeService();

function makeMismatched(): FakeMachine {
  const machine = makeMachine();
  machine.processes.set(100, LEADER);
  machine.listeners.push(makeListener(8001, [100]));
  return machine;
}

/** How often the machine was asked who listens. */
function looksAt({ calls }: FakeMachine): number {
  return calls.filter((call) => call === "listeners").length;
}

Deno.test("watchPortMismatch() asks no tool about a service that is quick", async () => {
  const clock = steppedClock();
  const machine = makeMismatched();
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    makeHost(machine.platform, { clock }),
  );
  for (let poll = 0; poll < 10; poll++) {
    deepStrictEqual(await look(), []);
    clock.step(MISMATCH_PAUSE / 10 - 1);
  }
  strictEqual(looksAt(machine), 0);
});

Deno.test("watchPortMismatch() looks now and then, and tells in between what it saw", async () => {
  const clock = steppedClock();
  const machine = makeMismatched();
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    makeHost(machine.platform, { clock }),
  );
  const polls = 100;
  const told: (readonly number[] | "gone")[] = [];
  for (let poll = 0; poll < polls; poll++) {
    told.push(await look());
    clock.step(25);
  }
  const [first = []] = told.filter((ports) => ports.length > 0);
  deepStrictEqual(first, [8001]);
  const since = told.indexOf(first);
  ok(told.slice(since).every((ports) => ports.length === 1), String(since));
  strictEqual(looksAt(machine), Math.floor(polls * 25 / MISMATCH_PAUSE) - 1);
});

Deno.test("watchPortMismatch() spares a machine whose tools are slow", async () => {
  const clock = steppedClock();
  const machine = makeMachine({
    listeners: () => {
      clock.step(1_000);
      return Promise.resolve({ ok: true, value: [] });
    },
  });
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    makeHost(machine.platform, { clock }),
  );
  const begun = clock.elapsed();
  while (clock.elapsed() - begun < 20_000) {
    await look();
    clock.step(25);
  }
  ok(looksAt(machine) <= 4, String(looksAt(machine)));
});

Deno.test("watchPortMismatch() tells nothing that it cannot tell", async () => {
  const clock = steppedClock();
  const blind = { ok: false, reason: "ss: timeout" } as const;
  const machine = makeMachine({ listeners: () => Promise.resolve(blind) });
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    makeHost(machine.platform, { clock }),
  );
  for (let poll = 0; poll < 3; poll++) {
    deepStrictEqual(await look(), []);
    clock.step(MISMATCH_PAUSE);
  }
  const worker = watchPortMismatch(
    makeWorker(),
    makeRunRecord(LEADER),
    makeHost(machine.platform, { clock }),
  );
  deepStrictEqual(await worker(), []);
});

Deno.test("watchPortMismatch() tells that the wrapper is gone, whoever has its number now", async () => {
  const machine = makeMismatched();
  machine.processes.set(100, makeEntry(100, { start: "later" }));
  const quick = makeService({ readyTimeout: 0 });
  const look = watchPortMismatch(
    quick,
    makeRunRecord(LEADER),
    makeHost(machine.platform),
  );
  strictEqual(await look(), "gone");
});
