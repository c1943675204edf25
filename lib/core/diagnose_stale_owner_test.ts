// A port whose owner is dead: which processes inherited it, whose they are, and
// what may be done. The tables are made up: Wine names the living holder itself.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeListener,
  makeRunRecord,
  makeScene,
  makeService,
  NOW,
  ROOT,
  type Scene,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type { Diagnosis } from "./model.ts";
import { planStart, planStop } from "./plan.ts";

const DEAD = 15136;
const RUN_RECORD = makeRunRecord(makeEntry(100));
/** A worker that Python started 20 seconds after the service was started. */
const WORKER = makeEntry(300, {
  ppid: DEAD,
  name: "python.exe",
  startedAt: NOW - 40_000,
});

function diagnoseStaleOwner(scene: Scene): Diagnosis {
  const rows = [makeListener(8000, [DEAD])];
  const [diagnosis] = diagnose(
    [makeService()],
    makeScene({ rows, ...scene }),
  );
  if (!diagnosis) throw new Error("Cannot be: a service without a diagnosis");
  return diagnosis;
}

/** What `stop`, `stop --force`, `start` and `start --on-conflict=restart` do. */
function stepsOf(diagnosis: Diagnosis): readonly (string | undefined)[] {
  const requested = new Set(["api"]);
  const start = { requested, restart: false };
  return [
    planStop([diagnosis], { force: false }),
    planStop([diagnosis], { force: true }),
    planStart([diagnosis], { ...start, policy: "fail" }),
    planStart([diagnosis], { ...start, policy: "restart" }),
  ].map(({ steps }) => steps[0]?.kind);
}

Deno.test("a stale owner without inherited-socket holders is blocked", () => {
  const diagnosis = diagnoseStaleOwner({ processes: [makeEntry(300)] });
  strictEqual(diagnosis.state, "stale-owner");
  strictEqual(diagnosis.inheritedBy, undefined);
  deepStrictEqual(diagnosis.holders, []);
  deepStrictEqual(stepsOf(diagnosis), Array(4).fill("blocked"));
});

Deno.test("the holders of sockets inherited from a lost run are this project's", () => {
  const diagnosis = diagnoseStaleOwner({
    processes: [WORKER, makeEntry(310, { ppid: 300 })],
    record: RUN_RECORD,
  });
  strictEqual(diagnosis.state, "stale-owner");
  strictEqual(diagnosis.inheritedBy, "ours");
  deepStrictEqual(diagnosis.holders.map(({ pid }) => pid), [300, 310]);
  deepStrictEqual(diagnosis.holders[0]?.addresses, ["127.0.0.1"]);
  deepStrictEqual(stepsOf(diagnosis), ["stop", "stop", "conflict", "restart"]);
});

Deno.test("inherited-socket holders are this project's by their command", () => {
  const diagnosis = diagnoseStaleOwner({
    processes: [WORKER],
    detail: { pid: 300, args: ["node.exe", "server.js"] },
  });
  strictEqual(diagnosis.inheritedBy, "ours");
  const other = diagnoseStaleOwner({
    processes: [WORKER],
    detail: { pid: 300, args: ["python.exe", `${ROOT}/app.py`] },
  });
  strictEqual(other.inheritedBy, "foreign");
});

Deno.test("inherited-socket holders older than the lost run are foreign", () => {
  const older = { ...WORKER, startedAt: NOW - 3_600_000 };
  const diagnosis = diagnoseStaleOwner({
    processes: [older],
    record: RUN_RECORD,
  });
  strictEqual(diagnosis.inheritedBy, "foreign");
  deepStrictEqual(stepsOf(diagnosis), [
    "conflict",
    "stop",
    "conflict",
    "restart",
  ]);
});

Deno.test("inherited-socket holders are foreign where nothing shows whose they are", () => {
  strictEqual(
    diagnoseStaleOwner({ processes: [WORKER] }).inheritedBy,
    "foreign",
  );
  const record = { ...RUN_RECORD, port: 9000 };
  strictEqual(
    diagnoseStaleOwner({ processes: [WORKER], record }).inheritedBy,
    "foreign",
  );
});

Deno.test("inherited-socket holders that are protected are never stopped", () => {
  const desktop = { ...WORKER, name: "explorer.exe" };
  const diagnosis = diagnoseStaleOwner({
    processes: [desktop],
    record: RUN_RECORD,
  });
  deepStrictEqual(stepsOf(diagnosis), Array(4).fill("blocked"));
});

Deno.test("the program of a dead wrapper is an orphan", () => {
  const startedAt = Date.parse(RUN_RECORD.startedAt) + 100;
  const child = makeEntry(110, { ppid: 100, startedAt });
  const diagnosis = diagnoseStaleOwner({
    rows: [makeListener(8000, [110])],
    processes: [child],
    record: RUN_RECORD,
  });
  strictEqual(diagnosis.state, "orphan");
  deepStrictEqual(diagnosis.tree, [child]);
});
