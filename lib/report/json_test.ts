import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ConfigError } from "../config/errors/config_error.ts";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeRunRecord,
  makeService,
  makeWorker,
  NOW,
  ROOT,
} from "../../tests/kit/builders.ts";
import { STATES } from "../core/model.ts";
import { CONFLICT_POLICIES, planStart, planStop } from "../core/plan.ts";
import { errorJson, type Report, reportJson } from "./json.ts";
import { JSON_SCHEMA } from "../../scripts/json_schema.ts";
import { schemaErrors } from "../../tests/kit/schema_errors.ts";

// deno-lint-ignore no-explicit-any
function parse(text: string): any {
  ok(text.endsWith("}\n"));
  const value = JSON.parse(text);
  deepStrictEqual(schemaErrors(JSON_SCHEMA, value), []);
  return value;
}

function report(fields: Partial<Report>): Report {
  return { command: "status", code: 0, diagnoses: [], ...fields };
}

Deno.test("reportJson() has all that is known of a service", () => {
  const wrapper = makeEntry(100);
  const diagnosis = makeDiagnosis({
    state: "running",
    health: "healthy",
    record: makeRunRecord(wrapper),
    tree: [wrapper, makeEntry(110, { name: "worker", cpuSeconds: 2.5 })],
    holders: [makeHolder(100, { cwd: ROOT })],
    configChanged: true,
    environmentChanges: ["DEBUG"],
    restarts: 2,
    ending: { code: 3, signal: null, at: NOW - 1000 },
    supervision: { restarts: 2, dueAt: NOW + 1000, gaveUp: true },
  });
  deepStrictEqual(parse(reportJson(report({ diagnoses: [diagnosis] }))), {
    version: 1,
    command: "status",
    exitCode: 0,
    services: [{
      name: "api",
      label: "API",
      state: "running",
      health: "healthy",
      port: 8000,
      url: "http://localhost:8000",
      pid: 100,
      startedAt: new Date(NOW - 60_000).toISOString(),
      readyAt: new Date(NOW - 50_000).toISOString(),
      cpuSeconds: 3.5,
      memoryBytes: 2 * 1024 * 1024,
      processes: [{ pid: 100, name: "node" }, { pid: 110, name: "worker" }],
      holders: [{
        pid: 100,
        name: "node",
        args: ["/usr/bin/node", "server.js"],
        cwd: ROOT,
        user: null,
        startedAt: new Date(NOW - 60_000).toISOString(),
        addresses: ["127.0.0.1"],
        parents: [],
        protected: false,
        project: null,
      }],
      container: null,
      holderUser: null,
      mismatchedPorts: [],
      configChanged: true,
      environmentChanges: ["DEBUG"],
      restarts: 2,
      lastExit: {
        code: 3,
        signal: null,
        at: new Date(NOW - 1000).toISOString(),
      },
      restartAt: new Date(NOW + 1000).toISOString(),
      gaveUp: true,
      outdated: false,
      recordIssue: null,
      otherRuns: [],
      reason: null,
    }],
  });
});

Deno.test("reportJson() says null where there is nothing, and why", () => {
  const { services: [worker, unknown] } = parse(reportJson(report({
    diagnoses: [
      makeDiagnosis({ service: makeWorker(), state: "stopped" }),
      makeDiagnosis({
        state: "unknown",
        reason: "ss: timeout",
        recordIssue: "corrupt",
      }),
    ],
  })));
  for (const key of ["port", "url", "pid", "startedAt", "readyAt"]) {
    strictEqual(worker[key], null, key);
  }
  strictEqual(unknown.reason, "ss: timeout");
  strictEqual(unknown.recordIssue, "corrupt");
});

Deno.test("reportJson() has the ports that a service took instead of its own", () => {
  const { services: [service] } = parse(reportJson(report({
    diagnoses: [makeDiagnosis({ state: "unhealthy", mismatchedPorts: [8001] })],
  })));
  deepStrictEqual(service.mismatchedPorts, [8001]);
});

Deno.test("reportJson() names the plan and what failed", () => {
  const diagnoses = [
    makeDiagnosis(),
    makeDiagnosis({ service: makeService({ name: "web" }), state: "foreign" }),
  ];
  const plan = planStart(diagnoses, {
    requested: new Set(["api", "web"]),
    policy: "fail",
    restart: false,
  });
  const value = parse(reportJson(report({
    command: "start",
    code: 3,
    dryRun: true,
    plan,
    failures: new Map([["web", { kind: "not-stopped" }]]),
    diagnoses,
  })));
  strictEqual(value.exitCode, 3);
  strictEqual(value.dryRun, true);
  deepStrictEqual(value.plan, [
    { service: "api", action: "start" },
    { service: "web", action: "conflict" },
  ]);
  strictEqual(value.services[0].failure, undefined);
  deepStrictEqual(value.services[1].failure, { kind: "not-stopped" });
});

Deno.test("reportJson() gives the reasons of why", () => {
  const lost = makeRunRecord(makeEntry(100));
  const diagnosis = makeDiagnosis({ state: "crashed", lost });
  const db = makeDiagnosis({
    service: makeService({ name: "db" }),
    state: "foreign",
  });
  const value = parse(reportJson(report({
    command: "why",
    diagnoses: [diagnosis],
    why: {
      diagnosis,
      pending: { kind: "port", port: 8000 },
      dependencies: [db],
      blockers: new Set(["db"]),
      recordFile: "api.json",
      log: { file: "api.log", lines: ["fatal"] },
    },
  })));
  deepStrictEqual(value.services[0].why, {
    pending: { kind: "port", port: 8000 },
    dependencies: [{ name: "db", state: "foreign", blocks: true }],
    lastRun: {
      pid: 100,
      startedAt: new Date(NOW - 60_000).toISOString(),
      readyAt: new Date(NOW - 50_000).toISOString(),
    },
    log: { file: "api.log", lines: ["fatal"] },
  });
  const alone = { diagnosis, dependencies: [], blockers: new Set<string>() };
  const empty = parse(reportJson(report({
    command: "why",
    diagnoses: [makeDiagnosis()],
    why: { ...alone, diagnosis: makeDiagnosis(), recordFile: "api.json" },
  })));
  deepStrictEqual(empty.services[0].why, {
    pending: null,
    dependencies: [],
    lastRun: null,
    log: null,
  });
});

Deno.test("reportJson() fits its schema in every state and under every plan", () => {
  fc.assert(fc.property(
    fc.array(fc.constantFrom(...STATES), { maxLength: 4 }),
    fc.constantFrom(...CONFLICT_POLICIES),
    fc.boolean(),
    fc.string({ unit: "binary" }),
    (states, policy, isStop, name) => {
      const diagnoses = states.map((state, index) =>
        makeDiagnosis({
          service: makeService({ name: `s${index}` }),
          state,
          holders: [makeHolder(500, { name, args: [name] })],
        })
      );
      const requested = new Set(["s0", "s1"]);
      const plan = isStop
        ? planStop(diagnoses, { force: policy === "restart" })
        : planStart(diagnoses, { requested, policy, restart: false });
      parse(reportJson(report({ diagnoses, plan })));
    },
  ));
});

Deno.test("errorJson() carries the text, and the places in services.toml", () => {
  deepStrictEqual(parse(errorJson("usage", "No such service", undefined)), {
    version: 1,
    error: { kind: "usage", message: "No such service" },
  });
  const file = `${ROOT}/services.toml`;
  const issue = {
    code: "cycle",
    line: 3,
    column: 5,
    length: 1,
    text: "depends_on = []",
    names: ["a", "b"],
  } as const;
  const error = Object.assign(new ConfigError(file, []), { issues: [issue] });
  const value = parse(errorJson("config", "A circle", error));
  strictEqual(value.error.file, file);
  strictEqual(value.error.issues[0].line, 3);
});
