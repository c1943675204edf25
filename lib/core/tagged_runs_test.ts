// What runs is known by its processes, whatever became of its run record.

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
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type {
  Diagnosis,
  RunRecordReading,
  Service,
  State,
  TaggedProcess,
  World,
} from "./model.ts";
import { planStart, planStop } from "./plan.ts";
import { diagnoseRemoved } from "./removed_services.ts";

const RUN = "f0f0f0f0-0000-4000-8000-000000000001";

function tag(pid: number, fields: Partial<TaggedProcess> = {}): TaggedProcess {
  return { pid, run: RUN, service: "api", root: ROOT, ...fields };
}

/** A wrapper and what it runs. */
const WRAPPER = makeEntry(100, { startedAt: NOW - 120_000 });
const MEMBER = makeEntry(110, { ppid: 100, group: 100, session: 100 });
const PAIR = [WRAPPER, MEMBER];
const TAGS = [tag(100), tag(110)];
const OTHER_RUN = makeEntry(200, { startedAt: NOW - 10_000 });

function one(service: Service, scene: Scene, fields: Partial<World> = {}) {
  const [diagnosis] = diagnose([service], makeScene(scene, fields));
  if (!diagnosis) throw new Error("no diagnosis");
  return diagnosis;
}

/** What becomes of a run record. */
const LOST: readonly (RunRecordReading)[] = [
  { kind: "none" },
  { kind: "corrupt", file: "api.json" },
  { kind: "version", file: "api.json", found: "999" },
];

interface Case extends Scene {
  readonly is: State;
  readonly service?: Service;
  readonly tree: readonly number[];
}

const CASES: Readonly<Record<string, Case>> = {
  "a worker": {
    is: "started",
    service: makeWorker(),
    processes: PAIR,
    tagged: TAGS,
    tree: [100, 110],
  },
  "a worker whose member cleared its environment": {
    is: "started",
    service: makeWorker(),
    processes: PAIR,
    tagged: [tag(100)],
    tree: [100, 110],
  },
  "a worker whose wrapper is gone": {
    is: "orphan",
    service: makeWorker(),
    processes: [MEMBER],
    tagged: [tag(110)],
    tree: [110],
  },
  "a server that holds its port": {
    is: "running",
    rows: [makeListener(8000, [110])],
    processes: PAIR,
    tagged: TAGS,
    tree: [100, 110],
  },
  "a server whose checks fail": {
    is: "unhealthy",
    rows: [makeListener(8000, [110])],
    processes: PAIR,
    tagged: TAGS,
    health: "unhealthy",
    tree: [100, 110],
  },
  "a server that lost its port": {
    is: "unhealthy",
    processes: PAIR,
    tagged: TAGS,
    probe: "free",
    tree: [100, 110],
  },
  "a server that was started just now": {
    is: "starting",
    processes: [OTHER_RUN],
    tagged: [tag(200)],
    probe: "free",
    tree: [200],
  },
  "a worker that runs twice": {
    is: "duplicate",
    service: makeWorker(),
    processes: [...PAIR, OTHER_RUN],
    tagged: [...TAGS, tag(200, { run: "f0f0-2" })],
    tree: [200, 100, 110],
  },
  "a server of another project": {
    is: "foreign",
    rows: [makeListener(8000, [110])],
    processes: PAIR,
    tagged: [tag(110, { root: `${ROOT}/nested` })],
    detail: { pid: 110, args: [], cwd: ROOT },
    tree: [],
  },
  "a child of another project's process": {
    is: "foreign",
    rows: [makeListener(8000, [110])],
    processes: PAIR,
    tagged: [tag(100, { root: `${ROOT}/nested` })],
    detail: { pid: 110, args: [], cwd: ROOT },
    tree: [],
  },
  "a process of another service of this project": {
    is: "untracked",
    rows: [makeListener(8000, [110])],
    processes: PAIR,
    tagged: [tag(110, { service: "other" })],
    detail: { pid: 110, args: [], cwd: "/elsewhere" },
    tree: [],
  },
  "nothing": { is: "free", probe: "free", tree: [] },
  "a worker of another project": {
    is: "stopped",
    service: makeWorker(),
    processes: PAIR,
    tagged: TAGS.map((process) => ({ ...process, root: "/home/ada/copy" })),
    tree: [],
  },
  "a worker of an unknown project": {
    is: "unknown",
    service: makeWorker(),
    processes: PAIR,
    tagged: [{ pid: 100, run: RUN, service: "api" }],
    tree: [],
  },
  "a worker of which only a zombie is left": {
    is: "stopped",
    service: makeWorker(),
    processes: [makeEntry(100, { zombie: true })],
    tagged: [tag(100)],
    tree: [],
  },
};

for (const [name, { is, service, tree, ...scene }] of Object.entries(CASES)) {
  Deno.test(`diagnose() without a run record: ${name} is ${is}`, () => {
    for (const record of LOST) {
      const found = one(service ?? makeService(), { ...scene, record });
      strictEqual(found.state, is, record.kind);
      deepStrictEqual(found.tree.map(({ pid }) => pid), tree, record.kind);
      const isKnown = tree.length > 0;
      const issue = record.kind === "none"
        ? isKnown ? "missing" : undefined
        : record.kind;
      strictEqual(found.recordIssue, issue);
      strictEqual(found.record !== undefined, isKnown);
      strictEqual(found.configChanged, false);
    }
  });
}

Deno.test("diagnose() takes what it does not know of a run from its processes", () => {
  const { record } = one(makeWorker(), { processes: PAIR, tagged: TAGS });
  deepStrictEqual(record, {
    version: 1,
    service: "api",
    run: RUN,
    pid: 100,
    start: WRAPPER.start,
    command: "node server.js",
    configHash: "",
    startedAt: new Date(WRAPPER.startedAt).toISOString(),
    logOffset: 0,
  });
});

Deno.test("without a run record nothing is stopped where the environments cannot be read", () => {
  const taggedProcesses = { ok: false, reason: "grep: timeout" } as const;
  for (const record of LOST) {
    for (const service of [makeWorker(), makeService()]) {
      const scene = { record, probe: "free", processes: PAIR } as const;
      const { state, reason } = one(service, scene, { taggedProcesses });
      deepStrictEqual([state, reason], ["unknown", "grep: timeout"]);
    }
  }
});

Deno.test("without a run record nothing is stopped where processes are younger than the table", () => {
  const { state } = one(makeWorker(), { processes: [], tagged: TAGS });
  strictEqual(state, "unknown");
});

Deno.test("a run record that was copied with its project is of the other project", () => {
  const record = makeRunRecord(WRAPPER);
  const tagged = TAGS.map((process) => ({ ...process, root: "/home/ada/a" }));
  const scene = { record, processes: PAIR, tagged };
  strictEqual(one(makeWorker(), scene).state, "stopped");
  const held = { ...scene, rows: [makeListener(8000, [110])] };
  const { state, tree } = one(makeService(), held);
  deepStrictEqual([state, tree], ["foreign", []]);
});

Deno.test("a second run beside that of the run record makes a duplicate", () => {
  const found = one(makeWorker(), {
    record: makeRunRecord(WRAPPER),
    processes: [...PAIR, OTHER_RUN],
    tagged: [...TAGS, tag(200, { run: "f0f0-2" })],
  });
  strictEqual(found.state, "duplicate");
  deepStrictEqual(found.otherRuns?.map(({ run }) => run), ["f0f0-2"]);
  deepStrictEqual(found.tree.map(({ pid }) => pid), [100, 110, 200]);
});

function kinds(diagnosis: Diagnosis) {
  const options = { requested: new Set(["api"]), policy: "fail" } as const;
  return [
    planStart([diagnosis], { ...options, restart: false }),
    planStart([diagnosis], { ...options, restart: true }),
    planStop([diagnosis], { force: false }),
  ].map(({ steps }) => steps[0]?.kind);
}

Deno.test("what runs without a run record is kept by start, and stopped by stop", () => {
  const scene = { processes: PAIR, tagged: TAGS };
  deepStrictEqual(kinds(one(makeWorker(), scene)), ["keep", "restart", "stop"]);
  const twice = one(makeWorker(), {
    processes: [...PAIR, OTHER_RUN],
    tagged: [...TAGS, tag(200, { run: "f0f0-2" })],
  });
  deepStrictEqual(kinds(twice), ["conflict", "restart", "stop"]);
});

Deno.test("diagnoseRemoved() finds what the file does not name any more", () => {
  const world = makeScene({
    processes: [...PAIR, OTHER_RUN, makeEntry(300), makeEntry(400)],
    tagged: [
      ...TAGS,
      tag(200, { run: "f0f0-2", service: "old" }),
      tag(300, { run: "f0f0-3", service: "copy", root: "/home/ada/copy" }),
      tag(400, { run: "f0f0-4", service: "../../evil" }),
      tag(999, { run: "f0f0-5", service: "dead" }),
    ],
  }, {
    records: new Map([
      ["gone", {
        kind: "valid",
        record: makeRunRecord(makeEntry(77), { service: "gone", run: "9-9" }),
      }],
      ["kept", {
        kind: "valid",
        record: makeRunRecord(makeEntry(300), { service: "kept", run: "9-8" }),
      }],
    ]),
  });
  deepStrictEqual(
    diagnoseRemoved({ services: [makeWorker()] }, world)
      .map(({ service, state, tree }) =>
        [service.name, state, tree.map(({ pid }) => pid)] as const
      ),
    [
      ["dead", "unknown", []],
      ["kept", "started", [300]],
      ["old", "started", [200]],
    ],
  );
});
