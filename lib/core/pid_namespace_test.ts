import { deepStrictEqual, strictEqual } from "node:assert/strict";
import {
  makeEntry,
  makeRunRecord,
  makeScene,
  makeTable,
  makeWorker,
  ROOT,
} from "../../tests/kit/builders.ts";
import { diagnose } from "./diagnose.ts";
import { isOfOtherNamespace, OTHER_NAMESPACE } from "./pid_namespace.ts";
import { planStart, planStop } from "./plan.ts";

const HERE = "20@0f0f0f0f";
const THERE = "9000@0f0f0f0f";
const INIT = makeEntry(1, { start: HERE });
const KTHREADD = makeEntry(2, { name: "kthreadd" });

for (
  const [name, entries, pidNamespace, is] of [
    ["the same", [INIT], HERE, false],
    ["another, seen from a container", [INIT], THERE, true],
    ["none recorded", [INIT], undefined, false],
    ["the first process is hidden", [], THERE, false],
    ["of an earlier boot", [INIT], "9000@0e0e0e0e", false],
    ["the boot is hidden", [INIT], "9000@-", false],
    [
      "another that is gone, seen from the host",
      [INIT, KTHREADD],
      THERE,
      false,
    ],
    [
      "another that lives, seen from the host",
      [INIT, KTHREADD, makeEntry(700, { start: THERE })],
      THERE,
      true,
    ],
  ] as const
) {
  Deno.test(`isOfOtherNamespace() is ${is}: ${name}`, () => {
    const record = pidNamespace === undefined ? {} : { pidNamespace };
    strictEqual(isOfOtherNamespace(record, makeTable(...entries)), is);
  });
}

Deno.test("a run of another pid namespace is unknown, and nothing is done about it", () => {
  // A process with the very identity of the record is somebody else.
  const stranger = makeEntry(100);
  const record = makeRunRecord(stranger, { pidNamespace: THERE });
  const [diagnosis] = diagnose(
    [makeWorker()],
    makeScene({
      record,
      processes: [INIT, stranger, makeEntry(110)],
      tagged: [{ pid: 110, run: record.run, service: "api", root: ROOT }],
    }),
  );
  strictEqual(diagnosis?.state, "unknown");
  strictEqual(diagnosis.reason, OTHER_NAMESPACE);
  deepStrictEqual(diagnosis.tree, []);
  for (const force of [true, false]) {
    const { stops, steps: [step] } = planStop([diagnosis], { force });
    strictEqual(step?.kind, "blocked");
    deepStrictEqual(stops, []);
  }
  for (const policy of ["fail", "restart", "keep"] as const) {
    const options = { requested: new Set(["api"]), policy, restart: true };
    strictEqual(planStart([diagnosis], options).steps[0]?.kind, "blocked");
  }
});
