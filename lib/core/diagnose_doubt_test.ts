// What cannot be told of a run whose leader is gone is never taken for its end.

import { deepStrictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeListener,
  makeRunRecord,
  makeScene,
  makeService,
  makeWorker,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type { Service, World } from "./model.ts";

const RUN_RECORD = makeRunRecord(makeEntry(100));

function tell(service: Service, fields: Partial<World>) {
  const world = makeScene({
    processes: [makeEntry(500)],
    rows: [makeListener(8000, [500])],
    record: RUN_RECORD,
    probe: "free",
  }, fields);
  return diagnose([service], world).map(({ state, reason }) => [state, reason]);
}

Deno.test("diagnose() cannot tell what became of a run whose marks cannot be read", () => {
  const processesByRunId = { ok: false, reason: "grep: timeout" } as const;
  for (const service of [makeService(), makeWorker()]) {
    deepStrictEqual(tell(service, { processesByRunId }), [[
      "unknown",
      "grep: timeout",
    ]]);
  }
});

Deno.test("diagnose() cannot tell of members that are younger than the table", () => {
  const processesByRunId = {
    ok: true,
    value: new Map([[RUN_RECORD.run, [700]]]),
  } as const;
  deepStrictEqual(tell(makeWorker(), { processesByRunId }), [
    ["unknown", "its processes changed during the look"],
  ]);
});
