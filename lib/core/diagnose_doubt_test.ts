// What cannot be told of a run whose leader is gone is never taken for its end.

import { deepStrictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeLease,
  makeListener,
  makeScene,
  makeService,
  makeWorker,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import type { Service, World } from "./model.ts";

const LEASE = makeLease(makeEntry(100));

function tell(service: Service, fields: Partial<World>) {
  const world = makeScene({
    processes: [makeEntry(500)],
    rows: [makeListener(8000, [500])],
    lease: LEASE,
    probe: "free",
  }, fields);
  return diagnose([service], world).map(({ state, reason }) => [state, reason]);
}

Deno.test("diagnose() cannot tell what became of a run whose marks cannot be read", () => {
  const carriers = { ok: false, reason: "grep: timeout" } as const;
  for (const service of [makeService(), makeWorker()]) {
    deepStrictEqual(tell(service, { carriers }), [[
      "unknown",
      "grep: timeout",
    ]]);
  }
});

Deno.test("diagnose() cannot tell of members that are younger than the table", () => {
  const carriers = { ok: true, value: new Map([[LEASE.run, [700]]]) } as const;
  deepStrictEqual(tell(makeWorker(), { carriers }), [
    ["unknown", "its processes changed during the look"],
  ]);
});
