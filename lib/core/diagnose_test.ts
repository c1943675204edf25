import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeListener,
  makeRunRecord,
  makeScene,
  makeService,
  makeWorker,
  makeWorld,
  NOW,
  type Scene,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type {
  Diagnosis,
  RunRecord,
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
const MEMBER = makeEntry(110, { ppid: 100, group: 100, session: 100 });
const OTHER = makeEntry(500);
const RUN_RECORD = makeRunRecord(WRAPPER);
const YOUNG = makeYoungRunRecord(30_000);
const OVERDUE = makeYoungRunRecord(61_000);
const OURS = [makeListener(8000, [100])];
const MARKED = new Map([[RUN_RECORD.run, [110]]]);

/** Of a service that was not proven ready yet. */
function makeYoungRunRecord(age: number): RunRecord {
  const startedAt = new Date(NOW - age).toISOString();
  const { readyAt: _, ...record } = makeRunRecord(WRAPPER, { startedAt });
  return record;
}

const CASES: Readonly<Record<string, Case>> = {
  "nobody, and listening works": { is: "free", probe: "free" },
  "another port is held": {
    is: "free",
    rows: [makeListener(8001, [500]), makeListener(80, [500])],
    processes: [OTHER],
    probe: "free",
  },
  "the wrapper owns the port": {
    is: "running",
    rows: OURS,
    processes: [WRAPPER],
    record: RUN_RECORD,
    health: "healthy",
  },
  "a member owns the port": {
    is: "running",
    rows: [makeListener(8000, [110])],
    processes: [WRAPPER, MEMBER],
    record: RUN_RECORD,
  },
  "a worker that left the session owns the port, known by its run id": {
    is: "running",
    rows: [makeListener(8000, [110])],
    processes: [WRAPPER, makeEntry(110)],
    record: RUN_RECORD,
    processesByRunId: MARKED,
  },
  "the wrapper and its worker share the socket": {
    is: "running",
    rows: [makeListener(8000, [100, 110])],
    processes: [WRAPPER, MEMBER],
    record: RUN_RECORD,
  },
  "a zombie is named beside the living owner": {
    is: "running",
    rows: [makeListener(8000, [100, 110])],
    processes: [WRAPPER, makeEntry(110, { ppid: 100, zombie: true })],
    record: RUN_RECORD,
  },
  "with neither port nor check: the wrapper lives": {
    is: "started",
    service: makeWorker(),
    processes: [WRAPPER],
    record: RUN_RECORD,
  },
  "without port, its check passed": {
    is: "running",
    service: makeWorker({ ready: [{ kind: "log", pattern: "up" }] }),
    processes: [WRAPPER],
    record: RUN_RECORD,
  },
  "starting, with the port": {
    is: "starting",
    rows: OURS,
    processes: [WRAPPER],
    record: YOUNG,
    health: "unhealthy",
  },
  "starting, without the port yet": {
    is: "starting",
    processes: [WRAPPER],
    record: YOUNG,
    probe: "free",
  },
  "without port: starting": {
    is: "starting",
    service: makeWorker(),
    processes: [WRAPPER],
    record: YOUNG,
  },
  "its checks fail": {
    is: "unhealthy",
    rows: OURS,
    processes: [WRAPPER],
    record: RUN_RECORD,
    health: "unhealthy",
  },
  "it was ready and lost its port": {
    is: "unhealthy",
    processes: [WRAPPER],
    record: RUN_RECORD,
    probe: "free",
  },
  "overdue, with the port": {
    is: "unhealthy",
    rows: OURS,
    processes: [WRAPPER],
    record: OVERDUE,
  },
  "overdue, without the port": {
    is: "unhealthy",
    processes: [WRAPPER],
    record: OVERDUE,
    probe: "free",
  },
  "without port: its checks fail": {
    is: "unhealthy",
    service: makeWorker(),
    processes: [WRAPPER],
    record: RUN_RECORD,
    health: "unhealthy",
  },
  "without port: overdue": {
    is: "unhealthy",
    service: makeWorker(),
    processes: [WRAPPER],
    record: OVERDUE,
  },
  "the wrapper is gone, its worker holds the port": {
    is: "orphan",
    rows: [makeListener(8000, [110])],
    processes: [MEMBER],
    record: RUN_RECORD,
    processesByRunId: MARKED,
  },
  "the wrapper is gone, its worker holds nothing": {
    is: "orphan",
    processes: [MEMBER],
    record: RUN_RECORD,
    processesByRunId: MARKED,
    probe: "free",
  },
  "without port: the wrapper is gone, a member lives": {
    is: "orphan",
    service: makeWorker(),
    processes: [MEMBER],
    record: RUN_RECORD,
    processesByRunId: MARKED,
  },
  "all of it is gone": {
    is: "crashed",
    record: RUN_RECORD,
    probe: "free",
    fault: "dead",
  },
  "only its zombie is left": {
    is: "crashed",
    processes: [makeEntry(100, { zombie: true })],
    record: RUN_RECORD,
    probe: "free",
    fault: "dead",
  },
  "another process has its number": {
    is: "crashed",
    processes: [makeEntry(100, { start: "later" })],
    record: RUN_RECORD,
    probe: "free",
    fault: "recycled",
  },
  "without port: all of it is gone": {
    is: "crashed",
    service: makeWorker(),
    record: RUN_RECORD,
    fault: "dead",
  },
  "without port: never started": { is: "stopped", service: makeWorker() },
  "without port: the run record cannot be read": {
    is: "stopped",
    service: makeWorker(),
    record: { kind: "corrupt", file: "x" },
    fault: "corrupt",
  },
  "the run record cannot be read, the port is free": {
    is: "free",
    record: { kind: "corrupt", file: "x" },
    probe: "free",
    fault: "corrupt",
  },
  "the run record is of another version": {
    is: "free",
    record: { kind: "version", file: "x", found: "9" },
    probe: "free",
    fault: "version",
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

Deno.test("diagnose() does not need the sockets for a service without port", () => {
  const { state } = see(
    {
      processes: [WRAPPER],
      record: RUN_RECORD,
    },
    { listeners: { ok: false, reason: "lsof: missing" } },
    makeWorker(),
  );
  strictEqual(state, "started");
});

Deno.test("diagnose() remembers the run that was lost, and only that", () => {
  const lost = see({ record: RUN_RECORD, probe: "free" });
  strictEqual(lost.lost?.run, RUN_RECORD.run);
  strictEqual(lost.record, undefined);
  const kept = see({
    processes: [WRAPPER],
    record: RUN_RECORD,
  });
  strictEqual(kept.lost, undefined);
  strictEqual(kept.record?.run, RUN_RECORD.run);
});

Deno.test("diagnose() says when a running service is configured differently now", () => {
  const hashes = [["hash", false], ["other", true]] as const;
  for (const [hash, expected] of hashes) {
    const { configChanged } = see({
      rows: OURS,
      processes: [WRAPPER],
      record: RUN_RECORD,
    }, { configHashes: new Map([["api", hash]]) });
    strictEqual(configChanged, expected, hash);
  }
  const { configChanged } = see({
    record: makeRunRecord(WRAPPER, { configHash: "other" }),
    probe: "free",
  });
  strictEqual(configChanged, false, "nothing runs");
});

Deno.test("diagnose() answers for each service in the order asked for", () => {
  const services = ["web", "api", "db"].map((name, index) =>
    makeService({ name, port: 8000 + index })
  );
  const world = makeWorld({
    probes: new Map([[8000, "free"], [8002, "used"]]),
  });
  deepStrictEqual(
    diagnose(services, world).map((one) => [one.service.name, one.state]),
    [["web", "free"], ["api", "unknown"], ["db", "hidden"]],
  );
});
