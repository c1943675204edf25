import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeListener,
  makeRunRecord,
  makeScene,
  makeService,
  type Scene,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type { Diagnosis, RunRecord } from "./model.ts";

const NPM = makeEntry(100, { name: "npm" });
const VITE = makeEntry(110, { ppid: 100, group: 100, session: 100 });
const OTHER = makeEntry(500, { name: "python3" });
const RUN_RECORD = makeRunRecord(NPM);

function diagnoseScene(scene: Scene): Diagnosis | undefined {
  return diagnose([makeService()], makeScene(scene))[0];
}

function unready(record: RunRecord): RunRecord {
  const { readyAt: _, ...rest } = record;
  return rest;
}

const CASES: readonly (readonly [
  string,
  Scene,
  Diagnosis["state"],
  readonly number[] | undefined,
])[] = [
  [
    "lives without its socket and listens elsewhere",
    {
      rows: [makeListener(8001, [110])],
      processes: [NPM, VITE],
      record: RUN_RECORD,
    },
    "unhealthy",
    [8001],
  ],
  [
    "another has its port meanwhile",
    {
      rows: [makeListener(8000, [500]), makeListener(8001, [110])],
      processes: [NPM, VITE, OTHER],
      record: RUN_RECORD,
    },
    "foreign",
    [8001],
  ],
  [
    "lives and listens nowhere",
    { processes: [NPM, VITE], record: RUN_RECORD },
    "unhealthy",
    undefined,
  ],
  [
    "listens on its own port and on another",
    {
      rows: [makeListener(8000, [110]), makeListener(9229, [100])],
      processes: [NPM, VITE],
      record: RUN_RECORD,
      health: "healthy",
    },
    "running",
    undefined,
  ],
  [
    "is on its way and has opened its debugger",
    {
      rows: [makeListener(9229, [110])],
      processes: [NPM, VITE],
      record: unready(makeRunRecord(NPM, {
        startedAt: new Date(Date.parse(RUN_RECORD.startedAt) + 55_000)
          .toISOString(),
      })),
    },
    "starting",
    undefined,
  ],
  [
    "is overdue on another port",
    {
      rows: [makeListener(8001, [110])],
      processes: [NPM, VITE],
      record: unready(makeRunRecord(NPM, {
        startedAt: new Date(Date.parse(RUN_RECORD.startedAt) - 5_000)
          .toISOString(),
      })),
    },
    "unhealthy",
    [8001],
  ],
];

for (const [what, scene, state, mismatchedPorts] of CASES) {
  Deno.test(`diagnose() reports a port mismatch: a service that ${what}`, () => {
    const diagnosis = diagnoseScene(scene);
    strictEqual(diagnosis?.state, state);
    deepStrictEqual(diagnosis?.mismatchedPorts, mismatchedPorts);
  });
}
