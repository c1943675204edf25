import { deepStrictEqual } from "node:assert/strict";
import { makeEntry, makeService } from "../../../tests/kit/builders.ts";
import type { ServiceEvent } from "../../core/events.ts";
import { NO_IGNORED_HOLDERS } from "./stop_target.ts";
import { LONG_WAIT, reportStillRunning } from "./terminate.ts";
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";

const SERVER = makeEntry(100);
const CHILD = makeEntry(110, { name: "sh" });

function linesOf(
  checks: readonly (readonly [
    at: number,
    members: readonly (typeof SERVER)[],
  ])[],
): readonly string[] {
  const lines: string[] = [];
  const emit = (event: ServiceEvent) => {
    if (event.kind !== "still-running") throw new Error(event.kind);
    const pids = event.processes.map(({ pid, name }) => `${name} ${pid}`);
    lines.push(`${event.isLong ? "long" : "short"}: ${pids.join(", ")}`);
  };
  const clock = steppedClock();
  const target = {
    service: makeService(),
    roots: [],
    known: new Map(),
    ignoredHolders: NO_IGNORED_HOLDERS,
  };
  const host = { emit, clock };
  const report = reportStillRunning(target, [SERVER, CHILD], host);
  let now = 0;
  for (const [at, members] of checks) {
    clock.step(at - now);
    now = at;
    report(members);
  }
  return lines;
}

Deno.test("reportStillRunning() says nothing while the same processes run", () => {
  deepStrictEqual(linesOf([[5, [SERVER, CHILD]], [50, [CHILD, SERVER]]]), []);
});

Deno.test("reportStillRunning() names those that are left, once for each change", () => {
  deepStrictEqual(
    linesOf([[5, [CHILD]], [50, [CHILD]], [60, [SERVER, CHILD]]]),
    ["short: sh 110", "short: node 100, sh 110"],
  );
});

Deno.test("reportStillRunning() says once that the wait is long, and what is left", () => {
  deepStrictEqual(
    linesOf([
      [5, [SERVER, CHILD]],
      [LONG_WAIT, [SERVER, CHILD]],
      [LONG_WAIT + 60, [SERVER, CHILD]],
      [LONG_WAIT + 120, [CHILD]],
      [LONG_WAIT * 3, [CHILD]],
    ]),
    ["long: node 100, sh 110", "short: sh 110"],
  );
});
