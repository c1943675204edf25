import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeLease,
  makeListener,
  makeService,
  makeTable,
  makeWorker,
  makeWorld,
  makeYoungLease,
  NOW,
  ROOT,
  SELF,
} from "./_testing.ts";
import { diagnose } from "./diagnose.ts";
import {
  type Diagnosis,
  type Lease,
  type LeaseFault,
  type LeaseReading,
  type Listener,
  type Probe,
  type ProcessDetail,
  type ProcessEntry,
  type Service,
  type State,
  STATES,
  type World,
} from "./model.ts";

/** One situation, and what it must be called. */
interface Case {
  readonly is: State;
  readonly service?: Service;
  readonly rows?: readonly Listener[];
  readonly processes?: readonly ProcessEntry[];
  readonly lease?: Lease;
  readonly reading?: LeaseReading;
  readonly detail?: ProcessDetail;
  readonly probe?: Probe;
  readonly carriers?: World["carriers"];
  readonly health?: "healthy" | "unhealthy";
  readonly world?: Partial<World>;
  readonly fault?: LeaseFault;
  readonly reason?: string;
}

function diagnoseCase(situation: Case): Diagnosis {
  const { lease, detail, probe, health } = situation;
  const service = situation.service ?? makeService();
  const reading = situation.reading ??
    (lease ? { kind: "valid" as const, lease } : undefined);
  const world = makeWorld({
    listeners: { ok: true, value: situation.rows ?? [] },
    processes: { ok: true, value: makeTable(...situation.processes ?? []) },
    carriers: situation.carriers ?? new Map(),
    details: new Map(detail ? [[detail.pid, detail]] : []),
    probes: new Map(probe ? [[8000, probe]] : []),
    leases: new Map(reading ? [[service.name, reading]] : []),
    configHashes: new Map([[service.name, "hash"]]),
    health: new Map(health ? [[service.name, health]] : []),
    ...situation.world,
  });
  const [diagnosis] = diagnose([service], world);
  if (!diagnosis) throw new Error("Cannot diagnose: no answer");
  return diagnosis;
}

const LEADER = makeEntry(100);
const MEMBER = makeEntry(110, { ppid: 100, group: 100, session: 100 });
const STRANGER = makeEntry(500);
const LEASE = makeLease(LEADER);
const YOUNG = makeYoungLease(LEADER, 30_000);
const OVERDUE = makeYoungLease(LEADER, 61_000);
const OURS = [makeListener(8000, [100])];
const THEIRS = [makeListener(8000, [500])];
const MARKED = new Map([[LEASE.run, [110]]]);

function at(cwd: string): ProcessDetail {
  return { pid: 500, args: ["/usr/bin/node", "server.js"], cwd };
}

function running(...args: readonly string[]): ProcessDetail {
  return { pid: 500, args };
}

const CASES: Readonly<Record<string, Case>> = {
  "nobody, and listening works": { is: "free", probe: "free" },
  "another port is held": {
    is: "free",
    rows: [makeListener(8001, [500]), makeListener(80, [500])],
    processes: [STRANGER],
    probe: "free",
  },
  "the leader owns the port": {
    is: "running",
    rows: OURS,
    processes: [LEADER],
    lease: LEASE,
    health: "healthy",
  },
  "a member owns the port": {
    is: "running",
    rows: [makeListener(8000, [110])],
    processes: [LEADER, MEMBER],
    lease: LEASE,
  },
  "a worker that left the session owns the port, known by its mark": {
    is: "running",
    rows: [makeListener(8000, [110])],
    processes: [LEADER, makeEntry(110)],
    lease: LEASE,
    carriers: MARKED,
  },
  "the leader and its worker share the socket": {
    is: "running",
    rows: [makeListener(8000, [100, 110])],
    processes: [LEADER, MEMBER],
    lease: LEASE,
  },
  "a zombie is named beside the living owner": {
    is: "running",
    rows: [makeListener(8000, [100, 110])],
    processes: [LEADER, makeEntry(110, { ppid: 100, zombie: true })],
    lease: LEASE,
  },
  "without port: the leader lives": {
    is: "running",
    service: makeWorker(),
    processes: [LEADER],
    lease: LEASE,
  },
  "on its way, with the port": {
    is: "starting",
    rows: OURS,
    processes: [LEADER],
    lease: YOUNG,
    health: "unhealthy",
  },
  "on its way, without the port yet": {
    is: "starting",
    processes: [LEADER],
    lease: YOUNG,
    probe: "free",
  },
  "without port: on its way": {
    is: "starting",
    service: makeWorker(),
    processes: [LEADER],
    lease: YOUNG,
  },
  "its checks fail": {
    is: "unhealthy",
    rows: OURS,
    processes: [LEADER],
    lease: LEASE,
    health: "unhealthy",
  },
  "it was ready and lost its port": {
    is: "unhealthy",
    processes: [LEADER],
    lease: LEASE,
    probe: "free",
  },
  "longer on its way than it may be, with the port": {
    is: "unhealthy",
    rows: OURS,
    processes: [LEADER],
    lease: OVERDUE,
  },
  "longer on its way than it may be, without the port": {
    is: "unhealthy",
    processes: [LEADER],
    lease: OVERDUE,
    probe: "free",
  },
  "without port: its checks fail": {
    is: "unhealthy",
    service: makeWorker(),
    processes: [LEADER],
    lease: LEASE,
    health: "unhealthy",
  },
  "without port: longer on its way than it may be": {
    is: "unhealthy",
    service: makeWorker(),
    processes: [LEADER],
    lease: OVERDUE,
  },
  "a stranger in the folder of the project": {
    is: "untracked",
    rows: THEIRS,
    processes: [STRANGER],
    detail: at(ROOT),
  },
  "a stranger in a folder below it": {
    is: "untracked",
    rows: THEIRS,
    processes: [STRANGER],
    detail: at(`${ROOT}/backend`),
  },
  "no folder told: it runs a file of the project": {
    is: "untracked",
    rows: THEIRS,
    processes: [STRANGER],
    detail: running("node", `${ROOT}/server.js`),
  },
  "no folder told: it runs the command": {
    is: "untracked",
    rows: THEIRS,
    processes: [STRANGER],
    detail: running("/usr/bin/node", "server.js"),
  },
  "no folder told: it runs the command through an interpreter": {
    is: "untracked",
    service: makeService({ command: ["uvicorn", "app:app"] }),
    rows: THEIRS,
    processes: [STRANGER],
    detail: running("python.exe", "C:\\venv\\uvicorn.exe", "app:app"),
  },
  "the port passed to a second one by hand, beside ours": {
    is: "untracked",
    rows: [makeListener(8000, [100]), makeListener(8000, [500], "::1")],
    processes: [LEADER, STRANGER],
    lease: LEASE,
    detail: at(ROOT),
  },
  "a stranger in another folder": {
    is: "foreign",
    rows: THEIRS,
    processes: [STRANGER],
    detail: at("/home/ada/blog"),
  },
  "a folder that only begins alike": {
    is: "foreign",
    rows: THEIRS,
    processes: [STRANGER],
    detail: at(`${ROOT}-old`),
  },
  "the same command in another folder": {
    is: "foreign",
    rows: THEIRS,
    processes: [STRANGER],
    detail: { pid: 500, args: ["node", "server.js"], cwd: "/srv" },
  },
  "nothing is told about it": {
    is: "foreign",
    rows: THEIRS,
    processes: [STRANGER],
  },
  "no folder told: the command with other words": {
    is: "foreign",
    rows: THEIRS,
    processes: [STRANGER],
    detail: running("node", "server.js", "--inspect"),
  },
  "one of this project and one not": {
    is: "foreign",
    rows: [makeListener(8000, [500]), makeListener(8000, [600], "::1")],
    processes: [STRANGER, makeEntry(600)],
    detail: at(ROOT),
  },
  "one ours and one not": {
    is: "foreign",
    rows: [makeListener(8000, [100]), makeListener(8000, [500], "::1")],
    processes: [LEADER, STRANGER],
    lease: LEASE,
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
    processes: [LEADER, STRANGER],
    lease: LEASE,
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
    processes: [LEADER, makeEntry(500, { name: "rootlessport" })],
    lease: LEASE,
  },
  "a socket without owner": {
    is: "hidden",
    rows: [makeListener(8000, [])],
  },
  "a socket without owner beside ours": {
    is: "hidden",
    rows: [makeListener(8000, [100]), makeListener(8000, [], "::")],
    processes: [LEADER],
    lease: LEASE,
  },
  "no socket seen, but listening is refused as used": {
    is: "hidden",
    probe: "used",
  },
  "the owner named does not exist": { is: "ghost", rows: THEIRS },
  "the owner named is a zombie": {
    is: "ghost",
    rows: THEIRS,
    processes: [makeEntry(500, { zombie: true })],
  },
  "set aside by the system": {
    is: "reserved",
    probe: "reserved",
    reason: "reserved",
  },
  "not for this user": {
    is: "reserved",
    probe: "privileged",
    reason: "privileged",
  },
  "the leader is gone, its worker holds the port": {
    is: "orphan",
    rows: [makeListener(8000, [110])],
    processes: [MEMBER],
    lease: LEASE,
    carriers: MARKED,
  },
  "the leader is gone, its worker holds nothing": {
    is: "orphan",
    processes: [MEMBER],
    lease: LEASE,
    carriers: MARKED,
    probe: "free",
  },
  "without port: the leader is gone, a member lives": {
    is: "orphan",
    service: makeWorker(),
    processes: [MEMBER],
    lease: LEASE,
    carriers: MARKED,
  },
  "all of it is gone": {
    is: "crashed",
    lease: LEASE,
    probe: "free",
    fault: "dead",
  },
  "only its zombie is left": {
    is: "crashed",
    processes: [makeEntry(100, { zombie: true })],
    lease: LEASE,
    probe: "free",
    fault: "dead",
  },
  "its number is another's now": {
    is: "crashed",
    processes: [makeEntry(100, { start: "later" })],
    lease: LEASE,
    probe: "free",
    fault: "recycled",
  },
  "its number and its port are another's now": {
    is: "foreign",
    rows: OURS,
    processes: [makeEntry(100, { start: "later" })],
    lease: LEASE,
    fault: "recycled",
  },
  "without port: all of it is gone": {
    is: "crashed",
    service: makeWorker(),
    lease: LEASE,
    fault: "dead",
  },
  "without port: never started": { is: "stopped", service: makeWorker() },
  "without port: the lease cannot be read": {
    is: "stopped",
    service: makeWorker(),
    reading: { kind: "corrupt", file: "x" },
    fault: "corrupt",
  },
  "the lease cannot be read, the port is free": {
    is: "free",
    reading: { kind: "corrupt", file: "x" },
    probe: "free",
    fault: "corrupt",
  },
  "the lease cannot be read, the port is held in the folder": {
    is: "untracked",
    rows: THEIRS,
    processes: [STRANGER],
    detail: at(ROOT),
    reading: { kind: "corrupt", file: "x" },
    fault: "corrupt",
  },
  "the lease is of another version": {
    is: "free",
    reading: { kind: "version", file: "x", found: "9" },
    probe: "free",
    fault: "version",
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
    lease: LEASE,
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

for (const [name, situation] of Object.entries(CASES)) {
  Deno.test(`diagnose() says ${situation.is}: ${name}`, () => {
    const { state, leaseFault, reason } = diagnoseCase(situation);
    deepStrictEqual(
      { state, leaseFault, reason },
      {
        state: situation.is,
        leaseFault: situation.fault,
        reason: situation.reason,
      },
    );
  });
}

Deno.test("diagnose() can reach every state", () => {
  const reached = new Set(
    Object.values(CASES).map((situation) => situation.is),
  );
  deepStrictEqual(STATES.filter((state) => !reached.has(state)), []);
});

Deno.test("diagnose() does not need the sockets for a service without port", () => {
  const { state } = diagnoseCase({
    is: "running",
    service: makeWorker(),
    processes: [LEADER],
    lease: LEASE,
    world: { listeners: { ok: false, reason: "lsof: missing" } },
  });
  strictEqual(state, "running");
});

Deno.test("diagnose() tells who holds the port", () => {
  const { holders } = diagnoseCase({
    is: "foreign",
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

Deno.test("diagnose() marks a parent of devsvc as protected", () => {
  const { holders } = diagnoseCase({
    is: "foreign",
    rows: THEIRS,
    processes: [STRANGER, makeEntry(SELF, { ppid: 500 })],
    detail: at(ROOT),
  });
  deepStrictEqual(holders.map((holder) => holder.protected), [true]);
});

Deno.test("diagnose() names the holders that are ours first", () => {
  const { holders, tree } = diagnoseCase({
    is: "foreign",
    rows: [makeListener(8000, [500], "::1"), makeListener(8000, [100])],
    processes: [STRANGER, LEADER],
    lease: LEASE,
  });
  deepStrictEqual(holders.map(({ pid }) => pid), [100, 500]);
  deepStrictEqual(tree.map(({ pid }) => pid), [100]);
});

Deno.test("diagnose() remembers the run that was lost, and only that", () => {
  const lost = diagnoseCase({ is: "crashed", lease: LEASE, probe: "free" });
  strictEqual(lost.lost?.run, LEASE.run);
  strictEqual(lost.lease, undefined);
  const kept = diagnoseCase({
    is: "running",
    processes: [LEADER],
    lease: LEASE,
  });
  strictEqual(kept.lost, undefined);
  strictEqual(kept.lease?.run, LEASE.run);
});

Deno.test("diagnose() says when a running service is configured differently now", () => {
  const hashes = [["hash", false], ["other", true]] as const;
  for (const [hash, expected] of hashes) {
    const { configChanged } = diagnoseCase({
      is: "running",
      rows: OURS,
      processes: [LEADER],
      lease: LEASE,
      world: { configHashes: new Map([["api", hash]]) },
    });
    strictEqual(configChanged, expected, hash);
  }
  const { configChanged } = diagnoseCase({
    is: "crashed",
    lease: makeLease(LEADER, { configHash: "other" }),
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
