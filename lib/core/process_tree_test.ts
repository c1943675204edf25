import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  makeEntry,
  makeRunRecord,
  makeTable,
  NOW,
  ROOT,
  SELF,
} from "../../tests/kit/builders.ts";
import type { ProcessDetail, ProcessEntry, ProcessTable } from "./model.ts";
import {
  findAlive,
  inheritedSocketHolders,
  isContainerProgram,
  isProtected,
  orphansOf,
  parentsOf,
  rootOf,
  serviceChainOf,
  treeOf,
  withDescendants,
} from "./process_tree.ts";

function pids(entries: readonly ProcessEntry[]): readonly number[] {
  return entries.map(({ pid }) => pid);
}

function sorted(entries: readonly ProcessEntry[]): readonly number[] {
  return pids(entries).toSorted((a, b) => a - b);
}

Deno.test("findAlive() finds the process by its identity, only alive", () => {
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

Deno.test("parentsOf() ends before a number that was given again", () => {
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

Deno.test("withDescendants() takes living descendants and no other process", () => {
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

Deno.test("withDescendants() ends where parents form a cycle", () => {
  const one = makeEntry(100, { ppid: 200, order: 1 });
  const two = makeEntry(200, { ppid: 100, order: 1 });
  const self = makeEntry(300, { ppid: 300, order: 1 });
  const table = makeTable(one, two, self);
  deepStrictEqual(pids(withDescendants([one], table)), [100, 200]);
  deepStrictEqual(pids(withDescendants([self], table)), [300]);
});

Deno.test("withDescendants() lists parents before children, whatever their numbers", () => {
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

const WRAPPER = makeEntry(100);

Deno.test("treeOf() holds the session, the group, the descendants and the run id", () => {
  const cases: readonly (readonly [string, ProcessEntry, boolean])[] = [
    ["a child", makeEntry(200, { ppid: 100 }), true],
    ["one of its session", makeEntry(200, { session: 100 }), true],
    ["one of its group", makeEntry(200, { group: 100 }), true],
    ["another process", makeEntry(200), false],
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
    const tree = treeOf(WRAPPER, [], makeTable(entry, WRAPPER));
    deepStrictEqual(pids(tree), isMember ? [100, 200] : [100], name);
  }
});

Deno.test("treeOf() finds by the run id what left the session", () => {
  const escaped = makeEntry(300);
  const its = makeEntry(310, { ppid: 300 });
  const table = makeTable(WRAPPER, escaped, its);
  deepStrictEqual(pids(treeOf(WRAPPER, [300, 999], table)), [100, 300, 310]);
});

Deno.test("treeOf() trusts only the run id once the wrapper is gone", () => {
  const member = makeEntry(200, { ppid: 100, group: 100, session: 100 });
  const wrappers = [
    ["gone", []],
    ["a zombie", [makeEntry(100, { zombie: true })]],
    ["replaced by another", [makeEntry(100, { start: "later" })]],
  ] as const;
  for (const [name, entries] of wrappers) {
    const table = makeTable(...entries, member);
    deepStrictEqual(pids(treeOf(WRAPPER, [], table)), [], name);
    deepStrictEqual(pids(treeOf(WRAPPER, [200], table)), [200], name);
  }
});

Deno.test("treeOf() never counts a zombie as alive", () => {
  const table = makeTable(makeEntry(200, { zombie: true }));
  deepStrictEqual(treeOf(WRAPPER, [200], table), []);
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

const DEAD = 15136;

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
    makeTable(...rows),
    new Map(details.map((detail) => [detail.pid, detail])),
  ).map(({ pid }) => pid);
}

Deno.test("inheritedSocketHolders() finds the children of the dead and their descendants", () => {
  const rows = [
    makeEntry(300, { ppid: DEAD }),
    makeEntry(310, { ppid: 300 }),
    makeEntry(320, { ppid: 310 }),
    makeEntry(400, { ppid: 1 }),
  ];
  deepStrictEqual(inheritedBy(rows), [300, 310, 320]);
});

Deno.test("inheritedSocketHolders() leaves out processes older than their parent", () => {
  const rows = [
    makeEntry(300, { ppid: DEAD, order: 50 }),
    makeEntry(310, { ppid: 300, order: 49 }),
  ];
  deepStrictEqual(inheritedBy(rows), [300], "older than its parent");
});

Deno.test("inheritedSocketHolders() finds workers by the parent in their arguments", () => {
  const rows = [300, 301, 302, 303].map((pid) => makeEntry(pid));
  const details = [
    worker(300, DEAD),
    worker(301, `${DEAD}0`),
    worker(302, `1${DEAD}`),
    { pid: 303, args: ["app", `--grandparent_pid=${DEAD}`] },
  ];
  deepStrictEqual(inheritedBy(rows, details), [300]);
});

Deno.test("inheritedSocketHolders() finds none while the number is alive", () => {
  const child = makeEntry(300, { ppid: DEAD });
  deepStrictEqual(inheritedBy([makeEntry(DEAD), child]), []);
  deepStrictEqual(inheritedBy([makeEntry(DEAD, { zombie: true }), child]), [
    300,
  ]);
  deepStrictEqual(inheritedBy([]), []);
});

Deno.test("inheritedSocketHolders() ends where parents form a cycle", () => {
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

const RUN_RECORD = {
  ...makeRunRecord(WRAPPER),
  startedAt: new Date(NOW).toISOString(),
};

Deno.test("orphansOf() finds the program of a dead wrapper", () => {
  const orphan = makeEntry(110, { ppid: 100, startedAt: NOW + 5 });
  const below = makeEntry(120, { ppid: 110, startedAt: NOW + 9 });
  deepStrictEqual(orphansOf(RUN_RECORD, makeTable(orphan, below)), [110]);
  deepStrictEqual(
    orphansOf(RUN_RECORD, makeTable(WRAPPER, orphan)),
    [],
    "it lives",
  );
});

Deno.test("orphansOf() leaves out children of earlier and later processes of the number", () => {
  const before = makeEntry(50, { ppid: 100, startedAt: NOW - 3_600_000 });
  const after = makeEntry(130, { ppid: 100, startedAt: NOW + 3_600_000 });
  deepStrictEqual(orphansOf(RUN_RECORD, makeTable(before, after)), []);
});

Deno.test("orphansOf() leaves out children of the process that has the number now", () => {
  const successor = makeEntry(100, { start: "later", order: 500 });
  const orphan = makeEntry(110, { ppid: 100, startedAt: NOW, order: 400 });
  const child = makeEntry(120, { ppid: 100, startedAt: NOW, order: 600 });
  deepStrictEqual(orphansOf(RUN_RECORD, makeTable(successor, orphan, child)), [
    110,
  ]);
});

/** A chain of processes, the oldest first: `name`, folder, first argument. */
type Link = readonly [name: string, cwd?: string, firstArgument?: string];

function rootIn(
  holder: ProcessEntry,
  table: ProcessTable,
  details: ReadonlyMap<number, ProcessDetail>,
  projects: ReadonlyMap<string, string> = new Map(),
): ProcessEntry {
  const world = { root: ROOT, self: SELF, projects };
  return rootOf(serviceChainOf(holder, table, details, world), table);
}

function rootOfChain(...links: readonly Link[]): string {
  const details = new Map<number, ProcessDetail>();
  const entries = links.map(([name, cwd, argument], index) => {
    const pid = 100 + index;
    details.set(pid, {
      pid,
      args: [name, ...argument === undefined ? [] : [argument]],
      ...cwd === undefined ? {} : { cwd },
    });
    const ppid = index === 0 ? 1 : pid - 1;
    return makeEntry(pid, { name, ppid, group: 100 });
  });
  const holder = entries.at(-1) ?? makeEntry(99);
  const table = makeTable(...entries, makeEntry(SELF));
  return rootIn(holder, table, details).name;
}

const HERE = `${ROOT}/web`;

Deno.test("rootOf() finds the supervisor, not a shell or an editor", () => {
  const cases: readonly (readonly [string, readonly Link[], string])[] = [
    ["no parent", [["holder", HERE]], "holder"],
    ["a supervisor", [["nodemon", HERE], ["holder", HERE]], "nodemon"],
    [
      "a supervisor of a supervisor",
      [["make", ROOT], ["nodemon", HERE], ["holder", HERE]],
      "make",
    ],
    [
      "a shell that runs one command",
      [["npm", HERE], ["sh", HERE, "-c"], ["holder", HERE]],
      "npm",
    ],
    [
      "cmd that runs one command",
      [["npm", HERE], ["cmd.exe", HERE, "/C"], ["holder", HERE]],
      "npm",
    ],
    ["bash", [["bash", HERE], ["holder", HERE]], "holder"],
    ["a login shell", [["-zsh", HERE], ["holder", HERE]], "holder"],
    [
      "a script in a shell",
      [["sh", HERE, "dev.sh"], ["holder", HERE]],
      "holder",
    ],
    ["PowerShell", [["pwsh.exe", HERE], ["holder", HERE]], "holder"],
    ["VS Code", [["Code.exe", HERE], ["holder", HERE]], "holder"],
    ["PyCharm", [["pycharm64.exe", HERE], ["holder", HERE]], "holder"],
    ["tmux", [["tmux: server", HERE], ["holder", HERE]], "holder"],
    ["the system", [["systemd", HERE], ["holder", HERE]], "holder"],
    [
      "a supervisor below a shell",
      [["fish", HERE], ["nodemon", HERE], ["holder", HERE]],
      "nodemon",
    ],
    [
      "a supervisor of another project",
      [["pm2", "/srv"], ["holder", HERE]],
      "holder",
    ],
    [
      "a folder that only begins alike",
      [["pm2", `${ROOT}-old`], ["holder", HERE]],
      "holder",
    ],
    [
      "a parent whose folder is unknown",
      [["nodemon"], ["holder", HERE]],
      "holder",
    ],
    [
      "nothing beyond one that does not belong",
      [["make", ROOT], ["bash", HERE], ["holder", HERE]],
      "holder",
    ],
  ];
  for (const [name, links, expected] of cases) {
    strictEqual(rootOfChain(...links), expected, name);
  }
});

Deno.test("rootOf() stays in the process group, for an editor starts jobs in their own", () => {
  const editor = makeEntry(100, { name: "emacs" });
  const npm = makeEntry(110, { name: "npm", ppid: 100 });
  const holder = makeEntry(120, { ppid: 110, group: 110 });
  const details = new Map([100, 110].map((pid) => [
    pid,
    { pid, args: ["x"], cwd: ROOT },
  ]));
  const table = makeTable(editor, npm, holder, makeEntry(SELF));
  const root = rootIn(holder, table, details);
  strictEqual(root.pid, 110);
});

Deno.test("rootOf() leaves out a parent of another project inside this one", () => {
  const table = makeTable(
    makeEntry(100, { name: "make" }),
    makeEntry(110, { ppid: 100, group: 100 }),
  );
  const nested = `${ROOT}/.worktrees/feature`;
  const details = new Map([[100, { pid: 100, args: ["make"], cwd: nested }]]);
  const root = rootIn(
    makeEntry(110, { ppid: 100, group: 100 }),
    table,
    details,
    new Map([[nested, nested]]),
  );
  strictEqual(root.pid, 110);
});

Deno.test("serviceChainOf() goes up to the command of the service without folders", () => {
  const table = makeTable(
    makeEntry(100, { name: "cmd.exe", group: 0 }),
    makeEntry(110, { ppid: 100, group: 0, name: "python.exe" }),
    makeEntry(120, { ppid: 110, group: 0, name: "python.exe" }),
    makeEntry(130, { ppid: 120, group: 0, name: "python.exe" }),
  );
  const details = new Map(
    [100, 110, 120].map((pid) => [pid, { pid, args: ["x"] }]),
  );
  const world = { root: ROOT, self: SELF, projects: new Map() };
  const holder = table.get(130) ?? makeEntry(130);
  const isService = ({ pid }: ProcessEntry) => pid === 110;
  deepStrictEqual(
    pids(serviceChainOf(holder, table, details, world, isService)),
    [130, 120, 110],
  );
  deepStrictEqual(pids(serviceChainOf(holder, table, details, world)), [130]);
});

Deno.test("rootOf() leaves out a parent that runs other programs, too", () => {
  const chain = [
    makeEntry(130, { ppid: 120 }),
    makeEntry(120, { ppid: 110, name: "npm" }),
    makeEntry(110, { name: "concurrently" }),
  ] as const;
  const database = makeEntry(125, { ppid: 110, name: "postgres" });
  const alone = makeTable(...chain);
  const table = makeTable(...chain, database);
  strictEqual(rootOf([...chain], alone).pid, 110);
  strictEqual(rootOf([...chain], table).pid, 120);
  // Unless it is the command of the service.
  strictEqual(rootOf([...chain], table, ({ pid }) => pid === 110).pid, 110);
});

Deno.test("rootOf() never returns a parent of devsvc itself", () => {
  const runner = makeEntry(100, { name: "runner" });
  const holder = makeEntry(110, { ppid: 100, group: 100 });
  const table = makeTable(runner, holder, makeEntry(SELF, { ppid: 100 }));
  const details = new Map([
    [100, { pid: 100, args: ["runner"], cwd: ROOT }],
  ]);
  const root = rootIn(holder, table, details);
  strictEqual(root.pid, 110);
});

Deno.test("isContainerProgram() knows the programs that publish ports of containers", () => {
  const names = [
    "docker-proxy",
    "com.docker.backend.exe",
    "com.docker.backe",
    "com.docke",
    "vpnkit.exe",
    "OrbStack Helper",
    "rootlessport",
    "conmon",
  ];
  deepStrictEqual(names.filter((name) => !isContainerProgram(name)), []);
  for (const name of ["node", "dockerize", "my-docker-proxy", ""]) {
    strictEqual(isContainerProgram(name), false, name);
  }
});

const PROTECTED: readonly (readonly [string, ProcessEntry])[] = [
  ["the idle process of Windows", makeEntry(0, { name: "System Idle" })],
  ["init", makeEntry(1, { name: "my-init" })],
  ["System", makeEntry(4, { name: "System" })],
  ["devsvc", makeEntry(SELF, { name: "deno" })],
  ["its parent", makeEntry(800, { name: "bash" })],
  ["the parent of its parent", makeEntry(700, { name: "alacritty" })],
  ["a service host of Windows", makeEntry(50, { name: "svchost.exe" })],
  ["the desktop of Windows", makeEntry(50, { name: "Explorer.EXE" })],
  ["the relay of WSL", makeEntry(50, { name: "wslrelay.exe" })],
  ["AirPlay", makeEntry(50, { name: "ControlCenter" })],
  ["AirPlay as lsof shortens it", makeEntry(50, { name: "ControlCe" })],
  ["rapportd", makeEntry(50, { name: "rapportd" })],
  ["sshd", makeEntry(50, { name: "sshd" })],
  ["docker-proxy", makeEntry(50, { name: "docker-proxy" })],
  ["Docker Desktop", makeEntry(50, { name: "com.docker.backend.exe" })],
  ["OrbStack", makeEntry(50, { name: "OrbStack Helper" })],
];

const FAMILY = [
  makeEntry(700, { name: "alacritty" }),
  makeEntry(800, { name: "bash", ppid: 700 }),
  makeEntry(SELF, { name: "deno", ppid: 800 }),
];

Deno.test("isProtected() protects the system, containers, devsvc and its parents", () => {
  for (const [name, entry] of PROTECTED) {
    const table = makeTable(entry, ...FAMILY);
    strictEqual(isProtected(entry, SELF, table), true, name);
  }
});

Deno.test("isProtected() does not protect ordinary programs", () => {
  const ordinary: readonly (readonly [string, ProcessEntry])[] = [
    ["a server", makeEntry(50, { name: "uvicorn" })],
    ["a child of devsvc", makeEntry(950, { ppid: SELF })],
    ["a sibling of devsvc", makeEntry(850, { ppid: 800 })],
    ["a registry of the project", makeEntry(50, { name: "registry" })],
    ["a program named services", makeEntry(50, { name: "services" })],
    ["a name that only begins alike", makeEntry(50, { name: "systematic" })],
  ];
  for (const [name, entry] of ordinary) {
    const table = makeTable(entry, ...FAMILY);
    strictEqual(isProtected(entry, SELF, table), false, name);
  }
});

Deno.test("isProtected() does not take a younger process for a parent of devsvc", () => {
  const younger = makeEntry(800, { order: SELF + 1 });
  const table = makeTable(younger, makeEntry(SELF, { ppid: 800 }));
  strictEqual(isProtected(younger, SELF, table), false);
});
