import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  makeDiagnosis,
  makeHolder,
  makeService,
} from "../../tests/kit/builders.ts";
import { type Diagnosis, STATES } from "./model.ts";
import { isOwn } from "./ownership.ts";
import {
  CONFLICT_POLICIES,
  fingerprint,
  type Plan,
  planStart,
  planStop,
} from "./plan.ts";
import { isDown } from "./ownership.ts";

/** Services that only depend on earlier ones, so that there is no cycle. */
const anyDiagnoses = fc.array(
  fc.record({
    state: fc.constantFrom(...STATES),
    needs: fc.array(fc.nat(7), { maxLength: 3 }),
    shields: fc.array(fc.boolean(), { maxLength: 2 }),
    health: fc.constantFrom("healthy", "unhealthy", "unknown"),
  }),
  { maxLength: 8 },
).map((list) =>
  list.map(({ state, needs, shields, health }, index) => {
    const dependsOn = needs.filter((need) => need < index)
      .map((need) => `s${need}`);
    return makeDiagnosis({
      service: makeService({ name: `s${index}`, dependsOn }),
      state,
      health,
      holders: shields.map((protectedHolder, at) =>
        makeHolder(100 * index + at, { protected: protectedHolder })
      ),
    });
  })
);

const anyStart = fc.record({
  policy: fc.constantFrom(...CONFLICT_POLICIES),
  restart: fc.boolean(),
  requested: fc.array(fc.nat(7)).map((list) =>
    new Set(list.map((index) => `s${index}`))
  ),
});

const anyStop = fc.record({ force: fc.boolean() });

function stopped(plan: Plan): readonly Diagnosis[] {
  return plan.stops.flat();
}

function hasShield({ holders }: Diagnosis): boolean {
  return holders.some((holder) => holder.protected);
}

/** What must hold of every plan. */
function checkPlan(plan: Plan, diagnoses: readonly Diagnosis[]): void {
  deepStrictEqual(
    plan.steps.map(({ diagnosis }) => diagnosis),
    diagnoses,
    "one step a service, in the same order",
  );
  const of = (...kinds: readonly string[]) =>
    plan.steps.filter(({ kind }) => kinds.includes(kind))
      .map(({ diagnosis }) => diagnosis.service.name).toSorted();
  const names = (list: readonly Diagnosis[]) =>
    list.map(({ service }) => service.name).toSorted();
  deepStrictEqual(names(stopped(plan)), of("stop", "restart"));
  deepStrictEqual(names(plan.starts.flat()), of("start", "restart", "await"));
  deepStrictEqual(
    names(plan.obstacles.map(({ diagnosis }) => diagnosis)),
    of("conflict", "blocked"),
  );
  deepStrictEqual(stopped(plan).filter(hasShield), [], "nobody protected");
  deepStrictEqual(stopped(plan).filter(isDown), [], "nothing that is down");
  for (const [index, level] of plan.starts.entries()) {
    const later = new Set(names(plan.starts.slice(index).flat()));
    for (const { service } of level) {
      ok(!service.dependsOn.some((name) => later.has(name)), service.name);
    }
  }
  for (const [index, level] of plan.stops.entries()) {
    const sooner = new Set(names(plan.stops.slice(0, index + 1).flat()));
    for (const { service } of level) {
      ok(!service.dependsOn.some((name) => sooner.has(name)), service.name);
    }
  }
  strictEqual(fingerprint(plan), fingerprint(plan));
}

Deno.test("planStart() is sound for any diagnoses", () => {
  fc.assert(fc.property(anyDiagnoses, anyStart, (diagnoses, options) => {
    const plan = planStart(diagnoses, options);
    checkPlan(plan, diagnoses);
    ok(plan.steps.every(({ kind }) => kind !== "stop" && kind !== "none"));
  }));
});

Deno.test("planStart() stops nothing that devsvc did not start unless asked to", () => {
  fc.assert(fc.property(anyDiagnoses, anyStart, (diagnoses, options) => {
    const plan = planStart(diagnoses, options);
    for (const diagnosis of stopped(plan).filter((one) => !isOwn(one))) {
      const isAsked = options.requested.has(diagnosis.service.name);
      const isAllowed = options.policy === "restart" ||
        (options.restart && isAsked && diagnosis.state === "untracked");
      ok(isAllowed, `${diagnosis.state} under ${options.policy}`);
    }
  }));
});

Deno.test("planStart() leaves a healthy dependency alone", () => {
  fc.assert(fc.property(anyDiagnoses, anyStart, (diagnoses, options) => {
    for (const { kind, diagnosis } of planStart(diagnoses, options).steps) {
      const isAsked = options.requested.has(diagnosis.service.name);
      if (diagnosis.state === "running" && !isAsked) strictEqual(kind, "keep");
    }
  }));
});

Deno.test("planStart() never starts on a port that is not known to become free", () => {
  fc.assert(fc.property(anyDiagnoses, anyStart, (diagnoses, options) => {
    const plan = planStart(diagnoses, options);
    const halted = new Set(stopped(plan));
    for (const { kind, diagnosis } of plan.steps) {
      if (kind === "start") ok(isDown(diagnosis), diagnosis.state);
      if (kind === "restart") ok(halted.has(diagnosis), diagnosis.state);
    }
  }));
});

Deno.test("planStop() is sound for any diagnoses", () => {
  fc.assert(fc.property(anyDiagnoses, anyStop, (diagnoses, options) => {
    const plan = planStop(diagnoses, options);
    checkPlan(plan, diagnoses);
    deepStrictEqual(plan.starts, []);
    const foreign = stopped(plan).filter(({ state }) => state === "foreign");
    if (!options.force) deepStrictEqual(foreign, []);
  }));
});
