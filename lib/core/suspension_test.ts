import { deepStrictEqual } from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeRunRecord,
  makeWorker,
} from "../../tests/kit/builders.ts";
import { STATES } from "./model.ts";
import { withSuspension } from "./suspension.ts";

const WRAPPER = makeEntry(100);
const MAIN = makeEntry(110, { ppid: 100 });
const CHILD = makeEntry(120, { ppid: 110 });
const suspended = <T>(process: T) => ({ ...process, suspended: true });

const BASE = makeDiagnosis({
  state: "running",
  record: makeRunRecord(WRAPPER),
  tree: [WRAPPER, MAIN, CHILD],
  holders: [makeHolder(120)],
});

function stateOf(change: Partial<typeof BASE>) {
  return withSuspension({ ...BASE, ...change }).state;
}

Deno.test("withSuspension() looks at the main process and the holders of the port", () => {
  deepStrictEqual(
    [
      stateOf({}),
      stateOf({ tree: [WRAPPER, suspended(MAIN), CHILD] }),
      stateOf({ holders: [suspended(makeHolder(120))] }),
      stateOf({ tree: [suspended(WRAPPER), MAIN, CHILD] }),
      stateOf({ tree: [WRAPPER, MAIN, suspended(CHILD)] }),
    ],
    ["running", "suspended", "suspended", "running", "running"],
  );
});

Deno.test("withSuspension() looks at every process of a service without a port", () => {
  const service = makeWorker();
  const tree = [WRAPPER, MAIN, suspended(CHILD)];
  deepStrictEqual(stateOf({ service, holders: [], tree }), "suspended");
});

Deno.test("withSuspension() leaves states alone that say more", () => {
  const tree = [WRAPPER, suspended(MAIN)];
  deepStrictEqual(
    STATES.filter((state) => stateOf({ state, tree }) === "suspended"),
    ["running", "started", "starting", "unhealthy", "suspended"],
  );
});
