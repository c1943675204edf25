import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  type FakeMachine,
  makeEntry,
  makeListener,
  makeMachine,
  makeRunRecord,
  makeService,
  makeWorker,
} from "../../../tests/kit/builders.ts";
import { stopTime } from "../../../tests/kit/stopped_time.ts";
import { MISMATCH_PAUSE, watchPortMismatch } from "./watch_port_mismatch.ts";

const LEADER = makeEntry(100);
const SERVICE = makeService();

function makeDrifted(): FakeMachine {
  const machine = makeMachine();
  machine.processes.set(100, LEADER);
  machine.listeners.push(makeListener(8001, [100]));
  return machine;
}

/** How often the machine was asked who listens. */
function looksAt({ calls }: FakeMachine): number {
  return calls.filter((call) => call === "listeners").length;
}

Deno.test("watchDrift() asks no tool about a service that is quick", async () => {
  using time = stopTime();
  const machine = makeDrifted();
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    machine.platform,
  );
  for (let poll = 0; poll < 10; poll++) {
    deepStrictEqual(await look(), []);
    time.now += MISMATCH_PAUSE / 10 - 1;
  }
  strictEqual(looksAt(machine), 0);
});

Deno.test("watchDrift() looks now and then, and tells in between what it saw", async () => {
  using time = stopTime();
  const machine = makeDrifted();
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    machine.platform,
  );
  const polls = 100;
  const told: (readonly number[] | "gone")[] = [];
  for (let poll = 0; poll < polls; poll++) {
    told.push(await look());
    time.now += 25;
  }
  const [first = []] = told.filter((ports) => ports.length > 0);
  deepStrictEqual(first, [8001]);
  const since = told.indexOf(first);
  ok(told.slice(since).every((ports) => ports.length === 1), String(since));
  strictEqual(looksAt(machine), Math.floor(polls * 25 / MISMATCH_PAUSE) - 1);
});

Deno.test("watchDrift() spares a machine whose tools are slow", async () => {
  using time = stopTime();
  const machine = makeMachine({
    listeners: () => {
      time.now += 1_000;
      return Promise.resolve({ ok: true, value: [] });
    },
  });
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    machine.platform,
  );
  const begun = time.now;
  while (time.now - begun < 20_000) {
    await look();
    time.now += 25;
  }
  ok(looksAt(machine) <= 4, String(looksAt(machine)));
});

Deno.test("watchDrift() tells nothing that it cannot tell", async () => {
  using time = stopTime();
  const blind = { ok: false, reason: "ss: timeout" } as const;
  const machine = makeMachine({ listeners: () => Promise.resolve(blind) });
  const look = watchPortMismatch(
    SERVICE,
    makeRunRecord(LEADER),
    machine.platform,
  );
  for (let poll = 0; poll < 3; poll++) {
    deepStrictEqual(await look(), []);
    time.now += MISMATCH_PAUSE;
  }
  const worker = watchPortMismatch(
    makeWorker(),
    makeRunRecord(LEADER),
    machine.platform,
  );
  deepStrictEqual(await worker(), []);
});

Deno.test("watchDrift() tells that the wrapper is gone, whoever has its number now", async () => {
  const machine = makeDrifted();
  machine.processes.set(100, makeEntry(100, { start: "later" }));
  const quick = makeService({ readyTimeout: 0 });
  const look = watchPortMismatch(
    quick,
    makeRunRecord(LEADER),
    machine.platform,
  );
  strictEqual(await look(), "gone");
});
