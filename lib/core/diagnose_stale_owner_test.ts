// A port whose owner is dead: who lives on with it, whose they are, and what
// may be done. From made-up tables: Wine names the living heir itself.

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeLease,
  makeListener,
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
const LEASE = makeLease(makeEntry(100));
/** A worker that Python started 20 seconds after the service was started. */
const WORKER = makeEntry(300, {
  ppid: DEAD,
  name: "python.exe",
  startedAt: NOW - 40_000,
});

function diagnoseGhost(scene: Scene): Diagnosis {
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

Deno.test("a ghost without heirs is blocked", () => {
  const diagnosis = diagnoseGhost({ processes: [makeEntry(300)] });
  strictEqual(diagnosis.state, "ghost");
  strictEqual(diagnosis.heirs, undefined);
  deepStrictEqual(diagnosis.holders, []);
  deepStrictEqual(stepsOf(diagnosis), Array(4).fill("blocked"));
});

Deno.test("the heirs of a lost run are this project's", () => {
  const diagnosis = diagnoseGhost({
    processes: [WORKER, makeEntry(310, { ppid: 300 })],
    lease: LEASE,
  });
  strictEqual(diagnosis.state, "ghost");
  strictEqual(diagnosis.heirs, "ours");
  deepStrictEqual(diagnosis.holders.map(({ pid }) => pid), [300, 310]);
  deepStrictEqual(diagnosis.holders[0]?.addresses, ["127.0.0.1"]);
  deepStrictEqual(stepsOf(diagnosis), ["stop", "stop", "conflict", "restart"]);
});

Deno.test("heirs are this project's by their command", () => {
  const diagnosis = diagnoseGhost({
    processes: [WORKER],
    detail: { pid: 300, args: ["python.exe", `${ROOT}/app.py`] },
  });
  strictEqual(diagnosis.heirs, "ours");
});

Deno.test("heirs older than the lost run are foreign", () => {
  const older = { ...WORKER, startedAt: NOW - 3_600_000 };
  const diagnosis = diagnoseGhost({ processes: [older], lease: LEASE });
  strictEqual(diagnosis.heirs, "foreign");
  deepStrictEqual(stepsOf(diagnosis), [
    "conflict",
    "stop",
    "conflict",
    "restart",
  ]);
});

Deno.test("heirs are foreign where nothing tells whose they are", () => {
  strictEqual(diagnoseGhost({ processes: [WORKER] }).heirs, "foreign");
  const lease = { ...LEASE, port: 9000 };
  strictEqual(diagnoseGhost({ processes: [WORKER], lease }).heirs, "foreign");
});

Deno.test("heirs that are protected are never stopped", () => {
  const desktop = { ...WORKER, name: "explorer.exe" };
  const diagnosis = diagnoseGhost({ processes: [desktop], lease: LEASE });
  deepStrictEqual(stepsOf(diagnosis), Array(4).fill("blocked"));
});

Deno.test("what a dead leader left is an orphan", () => {
  const startedAt = Date.parse(LEASE.startedAt) + 100;
  const child = makeEntry(110, { ppid: 100, startedAt });
  const diagnosis = diagnoseGhost({
    rows: [makeListener(8000, [110])],
    processes: [child],
    lease: LEASE,
  });
  strictEqual(diagnosis.state, "orphan");
  deepStrictEqual(diagnosis.tree, [child]);
});
