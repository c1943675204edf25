import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeRunRecord,
  makeScene,
  makeTable,
  makeWorker,
  NOW,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import { lastSignOfLife, leftoversOf } from "./leftovers.ts";
import type { ProcessEntry } from "./model.ts";

const WRAPPER = makeEntry(100);
const RECORD = makeRunRecord(WRAPPER);
const READY = Date.parse(RECORD.readyAt ?? "");

/** A process of the session that has another parent and group now. */
function left(
  pid: number,
  startedAt: number,
  fields: Partial<Omit<ProcessEntry, "pid">> = {},
): ProcessEntry {
  return makeEntry(pid, { session: 100, group: 100, startedAt, ...fields });
}

function leftIn(
  entries: readonly ProcessEntry[],
  { known = [], until = READY }: {
    readonly known?: readonly number[];
    readonly until?: number;
  } = {},
) {
  return leftoversOf(RECORD, known, until, makeTable(...entries));
}

Deno.test("leftoversOf() finds all of a session of which one began with the wrapper", () => {
  const entries = [
    left(110, READY - 5_000),
    left(120, NOW - 1_000, { group: 120 }),
    makeEntry(130),
  ];
  deepStrictEqual(leftIn(entries), { pids: [110, 120], isUnsure: false });
});

Deno.test("leftoversOf() finds a session of which one is known", () => {
  const entries = [left(110, NOW), left(120, NOW)];
  deepStrictEqual(leftIn(entries, { known: [120] }).pids, [110, 120]);
});

Deno.test("leftoversOf() says where nothing tells whose a session is", () => {
  const unsure = { pids: [], isUnsure: true };
  deepStrictEqual(leftIn([left(110, NOW)]), unsure);
  deepStrictEqual(leftIn([left(110, READY - 5_000)], { until: 0 }), unsure);
  // Before the run began, as after a reboot with a wrong clock.
  deepStrictEqual(leftIn([left(110, NOW - 3_600_000)]), unsure);
});

Deno.test("leftoversOf() finds nothing beside another process of the number", () => {
  const none = { pids: [], isUnsure: false };
  const successor = makeEntry(100, { start: "later" });
  const entry = left(110, READY - 5_000);
  deepStrictEqual(leftIn([successor, entry]), none);
  // While the wrapper lives, its session is its tree.
  deepStrictEqual(leftIn([WRAPPER, entry]), none);
  deepStrictEqual(leftIn([{ ...entry, zombie: true }]), none);
  deepStrictEqual(leftIn([makeEntry(110)]), none);
});

Deno.test("leftoversOf() goes by the group where no sessions are shown", () => {
  const entry = left(110, READY - 5_000, { session: 0 });
  deepStrictEqual(leftIn([entry]).pids, [110]);
});

Deno.test("lastSignOfLife() is the later of ready and ended", () => {
  strictEqual(lastSignOfLife(RECORD, undefined), READY);
  strictEqual(lastSignOfLife(RECORD, READY + 5), READY + 5);
  const { readyAt: _, ...unready } = RECORD;
  strictEqual(
    lastSignOfLife(unready, undefined),
    Date.parse(RECORD.startedAt),
  );
});

Deno.test("diagnose() calls what is left of a session an orphan", () => {
  const entry = left(110, READY - 5_000);
  const see = (...processes: readonly ProcessEntry[]) =>
    diagnose(
      [makeWorker()],
      makeScene({ record: RECORD, processes }),
    )[0];
  strictEqual(see(entry)?.state, "orphan");
  deepStrictEqual(see(entry)?.tree, [entry]);
  strictEqual(see(left(110, NOW))?.state, "unknown");
  strictEqual(see(makeEntry(110))?.state, "crashed");
});
