// Where it is unknown what became of a run, devsvc never takes it for ended.

import { deepStrictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeListener,
  makeRunRecord,
  makeScene,
  makeService,
  makeTagged,
  makeWorker,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type { Service, World } from "./model.ts";

const RUN_RECORD = makeRunRecord(makeEntry(100));

function stateOf(service: Service, fields: Partial<World>) {
  const world = makeScene({
    processes: [makeEntry(500)],
    rows: [makeListener(8000, [500])],
    record: RUN_RECORD,
    probe: "free",
  }, fields);
  return diagnose([service], world).map(({ state, reason }) => [state, reason]);
}

Deno.test("diagnose() says unknown where the run ids cannot be read", () => {
  const taggedProcesses = { ok: false, reason: "grep: timeout" } as const;
  for (const service of [makeService(), makeWorker()]) {
    deepStrictEqual(stateOf(service, { taggedProcesses }), [[
      "unknown",
      "grep: timeout",
    ]]);
  }
});

Deno.test("diagnose() says unknown where members are younger than the table", () => {
  const taggedProcesses = {
    ok: true,
    value: makeTagged(new Map([[RUN_RECORD.run, [700]]])),
  } as const;
  deepStrictEqual(stateOf(makeWorker(), { taggedProcesses }), [
    ["unknown", "its processes changed during the check"],
  ]);
});
