import {
  deepStrictEqual,
  notStrictEqual,
  strictEqual,
} from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeRunRecord,
  makeService,
} from "../../tests/kit/builders.ts";
import { type Diagnosis, type State, STATES } from "./model.ts";
import {
  CONFLICT_POLICIES,
  type ConflictPolicy,
  fingerprint,
  needsAnswer,
  type Plan,
  planStart,
  planStop,
  type Step,
} from "./plan.ts";

type Kind = Step["kind"];

function held(
  state: State,
  options: { readonly shielded?: boolean; readonly healthy?: boolean } = {},
): Diagnosis {
  return makeDiagnosis({
    state,
    holders: [makeHolder(500, { protected: options.shielded ?? false })],
    health: options.healthy ? "healthy" : "unhealthy",
  });
}

function startKind(
  diagnosis: Diagnosis,
  policy: ConflictPolicy,
  options: { readonly requested: boolean; readonly restart?: boolean },
): Kind | undefined {
  const requested = new Set(options.requested ? ["api"] : []);
  const restart = options.restart ?? false;
  const plan = planStart([diagnosis], { requested, policy, restart });
  return plan.steps[0]?.kind;
}

/** By policy: `fail`, `restart`, `keep`. */
type Row = readonly [Kind, Kind, Kind];

/** What `start` does to a service asked for, and to a dependency. */
const START: Readonly<Record<State, readonly [asked: Row, needed: Row]>> = {
  free: same("start"),
  stopped: same("start"),
  crashed: same("start"),
  running: [["keep", "restart", "keep"], ["keep", "keep", "keep"]],
  started: [["keep", "restart", "keep"], ["keep", "keep", "keep"]],
  starting: [["await", "restart", "await"], ["await", "await", "await"]],
  unhealthy: twice(["conflict", "restart", "restart"]),
  suspended: twice(["conflict", "restart", "restart"]),
  orphan: twice(["conflict", "restart", "restart"]),
  duplicate: twice(["conflict", "restart", "restart"]),
  untracked: twice(["conflict", "restart", "conflict"]),
  foreign: twice(["conflict", "restart", "conflict"]),
  container: same("blocked"),
  hidden: same("blocked"),
  connected: same("blocked"),
  closing: same("start"),
  restarting: same("blocked"),
  stopping: same("blocked"),
  reserved: same("blocked"),
  "stale-owner": same("blocked"),
  unknown: same("blocked"),
};

/** What `restart` does differently to a service asked for. */
const RESTART: Readonly<Partial<Record<State, Row>>> = {
  running: ["restart", "restart", "restart"],
  started: ["restart", "restart", "restart"],
  starting: ["restart", "restart", "restart"],
  unhealthy: ["restart", "restart", "restart"],
  suspended: ["restart", "restart", "restart"],
  orphan: ["restart", "restart", "restart"],
  duplicate: ["restart", "restart", "restart"],
  untracked: ["conflict", "restart", "conflict"],
};

function twice(row: Row): readonly [Row, Row] {
  return [row, row];
}

function same(kind: Kind): readonly [Row, Row] {
  return twice([kind, kind, kind]);
}

for (const state of STATES) {
  Deno.test(`planStart() of a service that is ${state} does what the policy says`, () => {
    for (const [index, policy] of CONFLICT_POLICIES.entries()) {
      const [asked, needed] = START[state];
      for (
        const [requested, row] of [[true, asked], [false, needed]] as const
      ) {
        const found = startKind(held(state), policy, { requested });
        strictEqual(found, row[index], `${policy}, requested ${requested}`);
      }
    }
  });

  Deno.test(`planStart() of a service that is ${state} restarts it when asked to`, () => {
    for (const [index, policy] of CONFLICT_POLICIES.entries()) {
      const [asked, needed] = START[state];
      const options = { restart: true };
      strictEqual(
        startKind(held(state), policy, { ...options, requested: true }),
        (RESTART[state] ?? asked)[index],
        `${policy}, requested`,
      );
      strictEqual(
        startKind(held(state), policy, { ...options, requested: false }),
        needed[index],
        `${policy}, dependency`,
      );
    }
  });
}

Deno.test("stop and restart end an untracked service that is known by its command", () => {
  const known = { ...held("untracked"), isKnownByCommand: true };
  const restart = { requested: true, restart: true };
  strictEqual(startKind(known, "fail", restart), "restart");
  strictEqual(startKind(known, "fail", { requested: true }), "conflict");
  strictEqual(
    startKind(known, "fail", { ...restart, requested: false }),
    "conflict",
  );
  strictEqual(planStop([known], { force: false }).steps[0]?.kind, "stop");
});

Deno.test("what the devsvc of another project runs is left to it to stop", () => {
  const holders = [makeHolder(500, { project: "/x", isRunElsewhere: true })];
  const elsewhere = makeDiagnosis({ state: "foreign", holders });
  for (const policy of CONFLICT_POLICIES) {
    for (const restart of [true, false]) {
      const options = { requested: true, restart };
      const is = policy === "restart" ? "stop-elsewhere" : "conflict";
      strictEqual(startKind(elsewhere, policy, options), is);
    }
  }
  for (const force of [true, false]) {
    const { steps: [step], stops } = planStop([elsewhere], { force });
    strictEqual(step?.kind, force ? "stop-elsewhere" : "conflict");
    deepStrictEqual(stops, []);
  }
});

Deno.test("planStart() keeps an untracked service only when asked to and healthy", () => {
  const healthy = held("untracked", { healthy: true });
  const options = { requested: true };
  strictEqual(startKind(healthy, "keep", options), "keep");
  strictEqual(startKind(healthy, "fail", options), "conflict");
  strictEqual(startKind(held("untracked"), "keep", options), "conflict");
});

Deno.test("planStart() restarts an unhealthy service under the policy keep", () => {
  const options = { requested: false };
  strictEqual(startKind(held("unhealthy"), "keep", options), "restart");
});

const SHIELDED: readonly State[] = [
  "running",
  "starting",
  "unhealthy",
  "orphan",
  "untracked",
  "foreign",
  "container",
  "hidden",
];

Deno.test("planStart() never plans to stop a protected holder", () => {
  for (const state of SHIELDED) {
    for (const policy of CONFLICT_POLICIES) {
      for (const requested of [true, false]) {
        for (const restart of [true, false]) {
          const kind = startKind(held(state, { shielded: true }), policy, {
            requested,
            restart,
          });
          notStrictEqual(kind, "restart", `${state} under ${policy}`);
        }
      }
    }
  }
});

Deno.test("planStart() is blocked by a protected holder of another project", () => {
  for (const policy of CONFLICT_POLICIES) {
    const diagnosis = held("foreign", { shielded: true });
    strictEqual(startKind(diagnosis, policy, { requested: true }), "blocked");
  }
});

/** What `stop` does, without and with `--force`. */
const STOP: Readonly<Record<State, readonly [Kind, Kind]>> = {
  free: ["none", "none"],
  stopped: ["none", "none"],
  crashed: ["none", "none"],
  reserved: ["none", "none"],
  running: ["stop", "stop"],
  started: ["stop", "stop"],
  starting: ["stop", "stop"],
  unhealthy: ["stop", "stop"],
  suspended: ["stop", "stop"],
  orphan: ["stop", "stop"],
  duplicate: ["stop", "stop"],
  untracked: ["conflict", "stop"],
  foreign: ["conflict", "stop"],
  container: ["blocked", "blocked"],
  hidden: ["blocked", "blocked"],
  connected: ["none", "none"],
  closing: ["none", "none"],
  restarting: ["blocked", "blocked"],
  stopping: ["blocked", "blocked"],
  "stale-owner": ["blocked", "blocked"],
  unknown: ["blocked", "blocked"],
};

for (const state of STATES) {
  Deno.test(`planStop() of a service that is ${state} stops what it may`, () => {
    for (const [index, force] of [false, true].entries()) {
      const [step] = planStop([held(state)], { force }).steps;
      strictEqual(step?.kind, STOP[state][index], `force ${force}`);
    }
  });
}

Deno.test("planStop() never plans to stop a protected holder, whatever is asked", () => {
  for (const state of SHIELDED) {
    for (const force of [false, true]) {
      const plan = planStop([held(state, { shielded: true })], { force });
      strictEqual(plan.steps[0]?.kind, "blocked", `${state}, force ${force}`);
      deepStrictEqual(plan.stops, []);
    }
  }
});

function named(levels: Plan["stops"]): readonly string[] {
  return levels.map((level) =>
    level.map(({ service }) => service.name).join(",")
  );
}

/** `web` needs `api` and `mail`, `api` needs `db`. */
function stack(states: Readonly<Record<string, State>>): readonly Diagnosis[] {
  const needs = { web: ["api", "mail"], api: ["db"], mail: [], db: [] };
  return Object.entries(needs).map(([name, dependsOn]) =>
    makeDiagnosis({
      service: makeService({ name, dependsOn }),
      state: states[name] ?? "free",
    })
  );
}

const ALL = new Set(["web", "api", "mail", "db"]);

Deno.test("planStart() starts dependencies first", () => {
  const plan = planStart(stack({}), {
    requested: ALL,
    policy: "fail",
    restart: false,
  });
  deepStrictEqual(named(plan.starts), ["mail,db", "api", "web"]);
  deepStrictEqual(plan.stops, []);
});

Deno.test("planStart() waits for what is on its way, in the same order", () => {
  const plan = planStart(stack({ mail: "running", db: "starting" }), {
    requested: ALL,
    policy: "fail",
    restart: false,
  });
  deepStrictEqual(named(plan.starts), ["db", "api", "web"]);
});

Deno.test("planStart() stops dependents before what they need, then starts the other way round", () => {
  const states = { web: "running", api: "running", db: "running" } as const;
  const plan = planStart(stack(states), {
    requested: ALL,
    policy: "restart",
    restart: false,
  });
  deepStrictEqual(named(plan.stops), ["web", "api", "db"]);
  deepStrictEqual(named(plan.starts), ["mail,db", "api", "web"]);
});

Deno.test("planStart() keeps the order of a chain whose middle is left alone", () => {
  const states = { web: "running", api: "free", db: "unhealthy" } as const;
  const plan = planStart(stack(states), {
    requested: ALL,
    policy: "restart",
    restart: false,
  });
  deepStrictEqual(named(plan.stops), ["web", "db"]);
});

Deno.test("planStop() stops dependents first and goes on beside an obstacle", () => {
  const states = { web: "running", api: "foreign", db: "orphan" } as const;
  const plan = planStop(stack(states), { force: false });
  deepStrictEqual(named(plan.stops), ["web", "db"]);
  deepStrictEqual(
    plan.obstacles.map(({ diagnosis }) => diagnosis.service.name),
    ["api"],
  );
  deepStrictEqual(plan.starts, []);
});

Deno.test("needsAnswer() is true where an answer can settle something", () => {
  const cases: readonly (readonly [string, Diagnosis, boolean, boolean])[] = [
    ["free", held("free"), true, false],
    ["running", held("running"), true, true],
    ["running, only needed", held("running"), false, false],
    ["on its way", held("starting"), true, false],
    ["foreign", held("foreign"), true, true],
    ["foreign, only needed", held("foreign"), false, true],
    ["unhealthy", held("unhealthy"), true, true],
    ["protected", held("foreign", { shielded: true }), true, false],
    ["a container", held("container"), true, false],
  ];
  for (const [name, diagnosis, isRequested, expected] of cases) {
    const requested = new Set(isRequested ? ["api"] : []);
    const plan = planStart([diagnosis], {
      requested,
      policy: "fail",
      restart: false,
    });
    strictEqual(needsAnswer(plan, requested), expected, name);
  }
});

function fingerprintOf(fields: Partial<Diagnosis>): string {
  return fingerprint(planStop([makeDiagnosis(fields)], { force: false }));
}

Deno.test("fingerprint() changes with what an answer was given about", () => {
  const record = makeRunRecord(makeEntry(100));
  const asked: Partial<Diagnosis> = {
    state: "foreign",
    holders: [makeHolder(500)],
    tree: [makeEntry(100)],
    record,
  };
  const others: Readonly<Record<string, Partial<Diagnosis>>> = {
    "another process with the same number": {
      holders: [makeHolder(500, { start: "later" })],
    },
    "another process": { holders: [makeHolder(501)] },
    "one more holder": { holders: [makeHolder(500), makeHolder(501)] },
    "nobody any more": { holders: [] },
    "another state": { state: "untracked" },
    "another run": { record: { ...record, run: "f0f0-2" } },
  };
  for (const [name, other] of Object.entries(others)) {
    notStrictEqual(
      fingerprintOf({ ...asked, ...other }),
      fingerprintOf(asked),
      name,
    );
  }
});

Deno.test("fingerprint() does not change with what nobody was asked about", () => {
  const asked: Partial<Diagnosis> = {
    state: "foreign",
    holders: [makeHolder(500)],
  };
  const same: readonly Partial<Diagnosis>[] = [
    { health: "healthy" },
    { holders: [makeHolder(500, { args: ["x"] })] },
    { record: makeRunRecord(makeEntry(100)), tree: [] },
  ];
  for (const other of same) {
    strictEqual(fingerprintOf({ ...asked, ...other }), fingerprintOf(asked));
  }
});

Deno.test("what another service of the project runs ends with that service only", () => {
  const other = makeDiagnosis({
    service: makeService({ name: "api" }),
    state: "running",
    holders: [makeHolder(100)],
    tree: [makeEntry(100)],
  });
  const held = makeDiagnosis({
    service: makeService({ name: "web", port: 8001 }),
    state: "untracked",
    holders: [makeHolder(100, { runOf: "api" })],
  });
  const kindsOf = ({ steps }: Plan) => steps.map(({ kind }) => kind);
  for (const force of [false, true]) {
    deepStrictEqual(kindsOf(planStop([held], { force })), ["blocked"]);
    deepStrictEqual(kindsOf(planStop([other, held], { force })), [
      "stop",
      "none",
    ]);
  }
  for (const policy of ["fail", "restart"] as const) {
    const requested = new Set(["api", "web"]);
    const options = { requested, policy, restart: true };
    deepStrictEqual(kindsOf(planStart([held], options)), ["blocked"]);
    deepStrictEqual(kindsOf(planStart([other, held], options)), [
      "restart",
      "start",
    ]);
  }
});
