import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeListener,
  makeRunRecord,
  makeScene,
  makeService,
  makeWorker,
  NOW,
  ROOT,
  type Scene,
  SELF,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type {
  Diagnosis,
  ProcessDetail,
  RunRecordIssue,
  Service,
  State,
  World,
} from "./model.ts";

/** A scene, and what it must be called. */
interface Case extends Scene {
  readonly is: State;
  readonly service?: Service;
  readonly world?: Partial<World>;
  readonly fault?: RunRecordIssue;
  readonly reason?: string;
}

const WRAPPER = makeEntry(100);
const OTHER = makeEntry(500);
const RUN_RECORD = makeRunRecord(WRAPPER);
const OURS = [makeListener(8000, [100])];
const THEIRS = [makeListener(8000, [500])];

function at(cwd: string): ProcessDetail {
  return { pid: 500, args: ["/usr/bin/node", "server.js"], cwd };
}

function running(...args: readonly string[]): ProcessDetail {
  return { pid: 500, args };
}

/** A checkout inside the project. */
const NESTED = new Map([
  [`${ROOT}/.worktrees/feature`, `${ROOT}/.worktrees/feature`],
]);

const CASES: Readonly<Record<string, Case>> = {
  "another process in the folder of the project": {
    is: "untracked",
    rows: THEIRS,
    processes: [OTHER],
    detail: at(ROOT),
  },
  "another process in a folder below it": {
    is: "untracked",
    rows: THEIRS,
    processes: [OTHER],
    detail: at(`${ROOT}/backend`),
  },
  "unknown folder: it runs a file of the project": {
    is: "untracked",
    rows: THEIRS,
    processes: [OTHER],
    detail: running("node", `${ROOT}/server.js`),
  },
  "unknown folder: it runs the command": {
    is: "untracked",
    rows: THEIRS,
    processes: [OTHER],
    detail: running("/usr/bin/node", "server.js"),
  },
  "unknown folder: it runs the command through an interpreter": {
    is: "untracked",
    service: makeService({ command: ["uvicorn", "app:app"] }),
    rows: THEIRS,
    processes: [OTHER],
    detail: running("python.exe", "C:\\venv\\uvicorn.exe", "app:app"),
  },
  "a second process of the project beside ours": {
    is: "untracked",
    rows: [makeListener(8000, [100]), makeListener(8000, [500], "::1")],
    processes: [WRAPPER, OTHER],
    record: RUN_RECORD,
    detail: at(ROOT),
  },
  "another process in a folder with a services.toml of its own": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
    detail: at(`${ROOT}/.worktrees/feature`),
    world: { projects: NESTED },
  },
  "another process in the folder, run by the devsvc of another project": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
    detail: at(ROOT),
    tagged: [{ pid: 500, run: "f0", service: "api", root: "/home/ada/blog" }],
  },
  "another process in another folder": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
    detail: at("/home/ada/blog"),
  },
  "a folder that only begins alike": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
    detail: at(`${ROOT}-old`),
  },
  "the same command in another folder": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
    detail: { pid: 500, args: ["node", "server.js"], cwd: "/srv" },
  },
  "no details of it": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
  },
  "unknown folder: the command with other words": {
    is: "foreign",
    rows: THEIRS,
    processes: [OTHER],
    detail: running("node", "server.js", "--inspect"),
  },
  "one of this project and one not": {
    is: "foreign",
    rows: [makeListener(8000, [500]), makeListener(8000, [600], "::1")],
    processes: [OTHER, makeEntry(600)],
    detail: at(ROOT),
  },
  "one ours and one not": {
    is: "foreign",
    rows: [makeListener(8000, [100]), makeListener(8000, [500], "::1")],
    processes: [WRAPPER, OTHER],
    record: RUN_RECORD,
  },
  "the system, although it works in the folder": {
    is: "foreign",
    rows: THEIRS,
    processes: [makeEntry(500, { name: "sshd" })],
    detail: at(ROOT),
  },
  "ours left its port and another took it": {
    is: "foreign",
    rows: THEIRS,
    processes: [WRAPPER, OTHER],
    record: RUN_RECORD,
  },
  "docker-proxy": {
    is: "container",
    rows: THEIRS,
    processes: [makeEntry(500, { name: "docker-proxy" })],
  },
  "Docker Desktop, started in the folder": {
    is: "container",
    rows: THEIRS,
    processes: [makeEntry(500, { name: "com.docker.backend.exe" })],
    detail: at(ROOT),
  },
  "a container beside ours": {
    is: "container",
    rows: [makeListener(8000, [100]), makeListener(8000, [500], "::1")],
    processes: [WRAPPER, makeEntry(500, { name: "rootlessport" })],
    record: RUN_RECORD,
  },
  "a socket without owner that a container publishes": {
    is: "container",
    rows: [makeListener(8000, [])],
    world: {
      unidentifiedHolders: new Map([[8000, { container: "shop-db-1" }]]),
    },
  },
  "no socket seen, used, and a container publishes it": {
    is: "container",
    probe: "used",
    world: {
      unidentifiedHolders: new Map([[8000, { container: "shop-db-1" }]]),
    },
  },
  "no socket seen, and the port is kept after closed connections": {
    is: "closing",
    probe: "used",
    world: { unidentifiedHolders: new Map([[8000, { closing: {} }]]) },
  },
  "no socket seen, and the port is the end of a connection": {
    is: "connected",
    probe: "used",
    processes: [makeEntry(500)],
    world: { unidentifiedHolders: new Map([[8000, { connected: [500] }]]) },
  },
  "no socket seen, and a process that was connected has ended": {
    is: "hidden",
    probe: "used",
    world: { unidentifiedHolders: new Map([[8000, { connected: [500] }]]) },
  },
  "a socket of which only the user is known": {
    is: "hidden",
    rows: [makeListener(8000, [])],
    world: { unidentifiedHolders: new Map([[8000, { user: "postgres" }]]) },
  },
  "another port that a container publishes": {
    is: "hidden",
    rows: [makeListener(8000, [])],
    world: {
      unidentifiedHolders: new Map([[8001, { container: "shop-db-1" }]]),
    },
  },
  "a socket without owner": {
    is: "hidden",
    rows: [makeListener(8000, [])],
  },
  "a socket without owner beside ours": {
    is: "hidden",
    rows: [makeListener(8000, [100]), makeListener(8000, [], "::")],
    processes: [WRAPPER],
    record: RUN_RECORD,
  },
  "no socket seen, but listening is refused as used": {
    is: "hidden",
    probe: "used",
  },
  "the owner named does not exist": { is: "stale-owner", rows: THEIRS },
  "the owner named is a zombie": {
    is: "stale-owner",
    rows: THEIRS,
    processes: [makeEntry(500, { zombie: true })],
  },
  "reserved by the system": {
    is: "reserved",
    probe: "reserved",
    reason: "reserved",
  },
  "not for this user": {
    is: "reserved",
    probe: "privileged",
    reason: "privileged",
  },
  "another process has its number and its port": {
    is: "foreign",
    rows: OURS,
    processes: [makeEntry(100, { start: "later" })],
    record: RUN_RECORD,
    fault: "recycled",
  },
  "the run record cannot be read, the port is held in the folder": {
    is: "untracked",
    rows: THEIRS,
    processes: [OTHER],
    detail: at(ROOT),
    record: { kind: "corrupt", file: "x" },
    fault: "corrupt",
  },
  "the processes cannot be read": {
    is: "unknown",
    probe: "free",
    world: { processes: { ok: false, reason: "ps: timeout" } },
    reason: "ps: timeout",
  },
  "the sockets cannot be read": {
    is: "unknown",
    probe: "free",
    world: { listeners: { ok: false, reason: "lsof: missing" } },
    reason: "lsof: missing",
  },
  "listening could not be tried": {
    is: "unknown",
    probe: "unknown",
    reason: "probe",
  },
  "listening was not tried": { is: "unknown", reason: "probe" },
  "a lost run whose port could not be probed": {
    is: "unknown",
    record: RUN_RECORD,
    probe: "unknown",
    fault: "dead",
    reason: "probe",
  },
  "without port: the processes cannot be read": {
    is: "unknown",
    service: makeWorker(),
    world: { processes: { ok: false, reason: "ps: timeout" } },
    reason: "ps: timeout",
  },
};

for (const [name, one] of Object.entries(CASES)) {
  Deno.test(`diagnose() says ${one.is}: ${name}`, () => {
    const world = makeScene(one, one.world);
    const [diagnosis] = diagnose([one.service ?? makeService()], world);
    strictEqual(diagnosis?.state, one.is);
    strictEqual(diagnosis.recordIssue, one.fault);
    strictEqual(diagnosis.reason, one.reason);
  });
}

function see(
  scene: Scene,
  fields: Partial<World> = {},
  service = makeService(),
): Diagnosis {
  const [diagnosis] = diagnose([service], makeScene(scene, fields));
  if (!diagnosis) throw new Error("Cannot diagnose: no answer");
  return diagnosis;
}

Deno.test("diagnose() describes the holders of the port", () => {
  const { holders } = see({
    rows: [makeListener(8000, [500]), makeListener(8000, [500], "::1")],
    processes: [
      makeEntry(400, { name: "bash" }),
      makeEntry(500, { name: "python3", ppid: 400 }),
    ],
    detail: { pid: 500, args: ["python3", "x.py"], cwd: "/srv", user: "bob" },
  });
  deepStrictEqual(holders, [{
    pid: 500,
    start: "boot/500",
    name: "python3",
    args: ["python3", "x.py"],
    startedAt: NOW - 60_000,
    addresses: ["127.0.0.1", "::1"],
    parents: [{ pid: 400, name: "bash" }],
    protected: false,
    cwd: "/srv",
    user: "bob",
  }]);
});

Deno.test("diagnose() names the project of a holder of another one", () => {
  const nested = see({
    rows: THEIRS,
    processes: [OTHER],
    detail: at(`${ROOT}/.worktrees/feature`),
  }, { projects: NESTED });
  strictEqual(nested.holders[0]?.project, `${ROOT}/.worktrees/feature`);
  strictEqual(nested.holders[0]?.isRunElsewhere, undefined);
  const run = see({
    rows: THEIRS,
    processes: [OTHER],
    tagged: [{ pid: 500, run: "f0", service: "api", root: "/home/ada/blog" }],
  });
  strictEqual(run.holders[0]?.project, "/home/ada/blog");
  strictEqual(run.holders[0]?.isRunElsewhere, true);
  strictEqual(run.holders[0]?.service, "api");
});

Deno.test("diagnose() knows what was started by hand by its command only", () => {
  const isKnown = (scene: Scene, world: Partial<World> = {}) =>
    see({ rows: THEIRS, processes: [OTHER], ...scene }, world)
      .isKnownByCommand;
  strictEqual(isKnown({ detail: at(ROOT) }), true);
  strictEqual(isKnown({ detail: at(`${ROOT}/backend`) }), false);
  const args = ["postgres", "-D", "data"];
  strictEqual(isKnown({ detail: { pid: 500, args, cwd: ROOT } }), false);
  // A worker of the command.
  const worker = makeEntry(500, { ppid: 400, group: 400 });
  const processes = [makeEntry(400), worker];
  const details = new Map([
    [500, { pid: 500, args: ["node", "worker.js"], cwd: ROOT }],
    [400, { pid: 400, args: ["node", "server.js"], cwd: ROOT }],
  ]);
  strictEqual(isKnown({ processes }, { details }), true);
  // Where no folders are shown, as on Windows.
  const unplaced = new Map(
    [...details].map(([pid, { args }]) => [pid, { pid, args }]),
  );
  strictEqual(isKnown({ processes }, { details: unplaced }), true);
  // A window that was opened for it, and what else runs in that.
  const shell = [makeEntry(400, { name: "cmd.exe" }), worker];
  strictEqual(
    isKnown({ processes: shell }, {
      details: new Map<number, ProcessDetail>([
        ...details,
        [400, { pid: 400, args: ["cmd.exe"] }],
      ]),
    }),
    false,
  );
  // Another service of this project, that devsvc started.
  const tagged = [{ pid: 500, run: "f0", service: "old", root: ROOT }];
  strictEqual(
    isKnown({ tagged, detail: { pid: 500, args, cwd: ROOT } }),
    true,
  );
});

Deno.test("diagnose() calls a parent of devsvc protected", () => {
  const { holders } = see({
    rows: THEIRS,
    processes: [OTHER, makeEntry(SELF, { ppid: 500 })],
    detail: at(ROOT),
  });
  deepStrictEqual(holders.map((holder) => holder.protected), [true]);
});

Deno.test("diagnose() names the holders that are ours first", () => {
  const { holders, tree } = see({
    rows: [makeListener(8000, [500], "::1"), makeListener(8000, [100])],
    processes: [OTHER, WRAPPER],
    record: RUN_RECORD,
  });
  deepStrictEqual(holders.map(({ pid }) => pid), [100, 500]);
  deepStrictEqual(tree.map(({ pid }) => pid), [100]);
});

Deno.test("what another service of the project runs is not known by its run", () => {
  const holder = { rows: THEIRS, processes: [OTHER], detail: at("/srv") };
  const tagged = [{ pid: 500, run: "f0", service: "web", root: ROOT }];
  for (
    const [names, runOf, isKnownByCommand] of [
      [["api", "web"], "web", false],
      // It was renamed or removed meanwhile.
      [["api"], undefined, true],
    ] as const
  ) {
    const world = makeScene({ ...holder, tagged }, {
      configured: new Set(names),
    });
    const [diagnosis] = diagnose([makeService({ name: "api" })], world);
    strictEqual(diagnosis?.state, "untracked");
    strictEqual(diagnosis.isKnownByCommand, isKnownByCommand);
    strictEqual(diagnosis.holders[0]?.runOf, runOf);
  }
});
