import { deepStrictEqual } from "node:assert/strict";
import { makeEntry, makeRunRecord, NOW } from "../../tests/kit/builders.ts";
import { inheritedSocketHolders, orphansOf } from "./stale_owner.ts";
import type { ProcessDetail, ProcessEntry } from "./model.ts";

const DEAD = 15136;

function tableOf(...rows: readonly ProcessEntry[]) {
  return new Map(rows.map((row) => [row.pid, row]));
}

/** The command line of a worker of Python on Windows. */
function worker(pid: number, parent: number | string): ProcessDetail {
  const code =
    `from multiprocessing.spawn import spawn_main; spawn_main(parent_pid=${parent}, pipe_handle=560)`;
  return { pid, args: ["python.exe", "-c", code, "--multiprocessing-fork"] };
}

function inheritedBy(
  rows: readonly ProcessEntry[],
  details: readonly ProcessDetail[] = [],
): readonly number[] {
  return inheritedSocketHolders(
    DEAD,
    tableOf(...rows),
    new Map(details.map((detail) => [detail.pid, detail])),
  ).map(({ pid }) => pid);
}

Deno.test("heirsOf() finds the children of the dead and all below them", () => {
  const rows = [
    makeEntry(300, { ppid: DEAD }),
    makeEntry(310, { ppid: 300 }),
    makeEntry(320, { ppid: 310 }),
    makeEntry(400, { ppid: 1 }),
  ];
  deepStrictEqual(inheritedBy(rows), [300, 310, 320]);
});

Deno.test("heirsOf() leaves out who only has the number of an inherited-socket holder as parent", () => {
  const rows = [
    makeEntry(300, { ppid: DEAD, order: 50 }),
    makeEntry(310, { ppid: 300, order: 49 }),
  ];
  deepStrictEqual(inheritedBy(rows), [300], "older than its parent");
});

Deno.test("heirsOf() finds workers by the parent that they name", () => {
  const rows = [300, 301, 302, 303].map((pid) => makeEntry(pid));
  const details = [
    worker(300, DEAD),
    worker(301, `${DEAD}0`),
    worker(302, `1${DEAD}`),
    { pid: 303, args: ["app", `--grandparent_pid=${DEAD}`] },
  ];
  deepStrictEqual(inheritedBy(rows, details), [300]);
});

Deno.test("heirsOf() finds nobody while the number lives", () => {
  const child = makeEntry(300, { ppid: DEAD });
  deepStrictEqual(inheritedBy([makeEntry(DEAD), child]), []);
  deepStrictEqual(inheritedBy([makeEntry(DEAD, { zombie: true }), child]), [
    300,
  ]);
  deepStrictEqual(inheritedBy([]), []);
});

Deno.test("heirsOf() ends where processes name each other", () => {
  const rows = [
    makeEntry(300, { ppid: DEAD }),
    makeEntry(310, { ppid: 320, order: 310 }),
    makeEntry(320, { ppid: 310, order: 310 }),
  ];
  deepStrictEqual(
    inheritedBy(rows, [worker(310, DEAD), worker(320, DEAD)]).toSorted(),
    [
      300,
      310,
      320,
    ],
  );
});

const LEADER = makeEntry(100);
const RUN_RECORD = {
  ...makeRunRecord(LEADER),
  startedAt: new Date(NOW).toISOString(),
};

Deno.test("orphansOf() finds what a dead wrapper ran", () => {
  const orphan = makeEntry(110, { ppid: 100, startedAt: NOW + 5 });
  const below = makeEntry(120, { ppid: 110, startedAt: NOW + 9 });
  deepStrictEqual(orphansOf(RUN_RECORD, tableOf(orphan, below)), [110]);
  deepStrictEqual(
    orphansOf(RUN_RECORD, tableOf(LEADER, orphan)),
    [],
    "it lives",
  );
});

Deno.test("orphansOf() leaves out what the number had before and after", () => {
  const before = makeEntry(50, { ppid: 100, startedAt: NOW - 3_600_000 });
  const after = makeEntry(130, { ppid: 100, startedAt: NOW + 3_600_000 });
  deepStrictEqual(orphansOf(RUN_RECORD, tableOf(before, after)), []);
});

Deno.test("orphansOf() tells the children of who has the number now", () => {
  const successor = makeEntry(100, { start: "later", order: 500 });
  const orphan = makeEntry(110, { ppid: 100, startedAt: NOW, order: 400 });
  const child = makeEntry(120, { ppid: 100, startedAt: NOW, order: 600 });
  deepStrictEqual(orphansOf(RUN_RECORD, tableOf(successor, orphan, child)), [
    110,
  ]);
});
