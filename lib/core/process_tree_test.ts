import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { makeEntry, makeTable } from "../../tests/kit/builders.ts";
import type { ProcessEntry } from "./model.ts";
import {
  findAlive,
  parentsOf,
  treeOf,
  withDescendants,
} from "./process_tree.ts";

function pids(entries: readonly ProcessEntry[]): readonly number[] {
  return entries.map(({ pid }) => pid);
}

function sorted(entries: readonly ProcessEntry[]): readonly number[] {
  return pids(entries).toSorted((a, b) => a - b);
}

Deno.test("findAlive() takes only the living process that was meant", () => {
  const table = makeTable(
    makeEntry(100),
    makeEntry(101, { zombie: true }),
  );
  const cases = [
    ["the same", { pid: 100, start: "boot/100" }, 100],
    ["another that has its number", { pid: 100, start: "old" }, undefined],
    ["a zombie", { pid: 101, start: "boot/101" }, undefined],
    ["nobody", { pid: 102, start: "boot/102" }, undefined],
  ] as const;
  for (const [name, identity, expected] of cases) {
    strictEqual(findAlive(identity, table)?.pid, expected, name);
  }
});

Deno.test("parentsOf() climbs as far as the parents are real", () => {
  const cases: readonly (readonly [
    string,
    readonly ProcessEntry[],
    readonly number[],
  ])[] = [
    [
      "to the top, nearest first",
      [makeEntry(10, { ppid: 0 }), makeEntry(20, { ppid: 10 }), child(20)],
      [20, 10],
    ],
    ["not to a parent that is gone", [child(20)], []],
    [
      "not to a younger one that has the number of the real parent",
      [makeEntry(20, { order: 500 }), child(20)],
      [],
    ],
    [
      "to one that began in the same instant",
      [makeEntry(20, { ppid: 0, order: 100 }), child(20)],
      [20],
    ],
    [
      "once around a cycle",
      [makeEntry(20, { ppid: 100, order: 100 }), child(20)],
      [20],
    ],
    ["not to itself", [child(100)], []],
  ];
  for (const [name, entries, expected] of cases) {
    deepStrictEqual(
      pids(parentsOf(100, makeTable(...entries))),
      expected,
      name,
    );
  }
  deepStrictEqual(parentsOf(7, makeTable(child(20))), [], "a process unknown");
});

function child(ppid: number): ProcessEntry {
  return makeEntry(100, { ppid, order: 100 });
}

Deno.test("withDescendants() takes living descendants and no strangers", () => {
  const root = makeEntry(100);
  const table = makeTable(
    root,
    makeEntry(110, { ppid: 100 }),
    makeEntry(120, { ppid: 110 }),
    makeEntry(130, { ppid: 100, zombie: true }),
    makeEntry(140, { ppid: 130 }),
    makeEntry(150, { ppid: 100, order: 50 }),
    makeEntry(160, { ppid: 150 }),
    makeEntry(170),
  );
  deepStrictEqual(pids(withDescendants([root], table)), [100, 110, 120, 140]);
});

Deno.test("withDescendants() ends where parents go round in a circle", () => {
  const one = makeEntry(100, { ppid: 200, order: 1 });
  const two = makeEntry(200, { ppid: 100, order: 1 });
  const self = makeEntry(300, { ppid: 300, order: 1 });
  const table = makeTable(one, two, self);
  deepStrictEqual(pids(withDescendants([one], table)), [100, 200]);
  deepStrictEqual(pids(withDescendants([self], table)), [300]);
});

Deno.test("withDescendants() names parents before children, whatever their numbers", () => {
  const root = makeEntry(500);
  const low = makeEntry(20, { ppid: 600, order: 700 });
  const high = makeEntry(600, { ppid: 500, order: 600 });
  const table = makeTable(low, root, high);
  deepStrictEqual(pids(withDescendants([root, low, high], table)), [
    500,
    600,
    20,
  ]);
});

const LEADER = makeEntry(100);

Deno.test("treeOf() holds the session, the group, the descendants and the marked", () => {
  const cases: readonly (readonly [string, ProcessEntry, boolean])[] = [
    ["a child", makeEntry(200, { ppid: 100 }), true],
    ["one of its session", makeEntry(200, { session: 100 }), true],
    ["one of its group", makeEntry(200, { group: 100 }), true],
    ["a stranger", makeEntry(200), false],
    [
      "one of a session that had the number before",
      makeEntry(200, { session: 100, order: 99 }),
      false,
    ],
    [
      "one of a group that had the number before",
      makeEntry(200, { group: 100, order: 99 }),
      false,
    ],
    [
      "an older process that names it as parent",
      makeEntry(200, { ppid: 100, order: 99 }),
      false,
    ],
    [
      "a child that is a zombie",
      makeEntry(200, { ppid: 100, zombie: true }),
      false,
    ],
  ];
  for (const [name, entry, isMember] of cases) {
    const tree = treeOf(LEADER, [], makeTable(entry, LEADER));
    deepStrictEqual(pids(tree), isMember ? [100, 200] : [100], name);
  }
});

Deno.test("treeOf() follows what left the session by its mark", () => {
  const escaped = makeEntry(300);
  const its = makeEntry(310, { ppid: 300 });
  const table = makeTable(LEADER, escaped, its);
  deepStrictEqual(pids(treeOf(LEADER, [300, 999], table)), [100, 300, 310]);
});

Deno.test("treeOf() trusts only the mark once the wrapper is gone", () => {
  const member = makeEntry(200, { ppid: 100, group: 100, session: 100 });
  const wrappers = [
    ["gone", []],
    ["a zombie", [makeEntry(100, { zombie: true })]],
    ["replaced by another", [makeEntry(100, { start: "later" })]],
  ] as const;
  for (const [name, entries] of wrappers) {
    const table = makeTable(...entries, member);
    deepStrictEqual(pids(treeOf(LEADER, [], table)), [], name);
    deepStrictEqual(pids(treeOf(LEADER, [200], table)), [200], name);
  }
});

Deno.test("treeOf() never counts a zombie as left over", () => {
  const table = makeTable(makeEntry(200, { zombie: true }));
  deepStrictEqual(treeOf(LEADER, [200], table), []);
});

const anyTable = fc.uniqueArray(
  fc.record({
    pid: fc.integer({ min: 1, max: 30 }),
    ppid: fc.integer({ min: 0, max: 30 }),
    order: fc.nat(5),
    zombie: fc.boolean(),
  }),
  { selector: ({ pid }) => pid, maxLength: 30 },
).map((list) =>
  makeTable(...list.map(({ pid, ...fields }) => makeEntry(pid, fields)))
);

Deno.test("withDescendants() and parentsOf() agree on who descends from whom", () => {
  fc.assert(
    fc.property(anyTable, fc.integer({ min: 1, max: 30 }), (table, pid) => {
      const root = table.get(pid);
      if (!root) return;
      const expected = [...table.values()].filter((entry) =>
        !entry.zombie &&
        (entry.pid === pid ||
          parentsOf(entry.pid, table).some((parent) => parent.pid === pid))
      );
      deepStrictEqual(sorted(withDescendants([root], table)), sorted(expected));
    }),
  );
});
