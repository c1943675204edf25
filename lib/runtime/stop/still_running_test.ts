import { deepStrictEqual } from "node:assert/strict";
import { makeEntry } from "../../../tests/kit/builders.ts";
import type { ServiceEvent } from "../../core/events.ts";
import { LONG_WAIT, reportStillRunning } from "./still_running.ts";
import { steppedClock } from "../../../tests/kit/stepped_clock.ts";

const LEADER = makeEntry(100);
const CHILD = makeEntry(110, { name: "sh" });

function told(
  looks: readonly (readonly [
    at: number,
    members: readonly (typeof LEADER)[],
  ])[],
): readonly string[] {
  const lines: string[] = [];
  const emit = (event: ServiceEvent) => {
    if (event.kind !== "still-running") throw new Error(event.kind);
    const pids = event.processes.map(({ pid, name }) => `${name} ${pid}`);
    lines.push(`${event.isLong ? "long" : "short"}: ${pids.join(", ")}`);
  };
  const clock = steppedClock();
  const watch = reportStillRunning("api", [LEADER, CHILD], { emit, clock });
  let now = 0;
  for (const [at, members] of looks) {
    clock.step(at - now);
    now = at;
    watch(members);
  }
  return lines;
}

Deno.test("watchLinger() says nothing while those live who were named already", () => {
  deepStrictEqual(told([[5, [LEADER, CHILD]], [50, [CHILD, LEADER]]]), []);
});

Deno.test("watchLinger() names those who are left, once for each change", () => {
  deepStrictEqual(
    told([[5, [CHILD]], [50, [CHILD]], [60, [LEADER, CHILD]]]),
    ["short: sh 110", "short: node 100, sh 110"],
  );
});

Deno.test("watchLinger() says once that the wait is long, and who is left then", () => {
  deepStrictEqual(
    told([
      [5, [LEADER, CHILD]],
      [LONG_WAIT, [LEADER, CHILD]],
      [LONG_WAIT + 60, [LEADER, CHILD]],
      [LONG_WAIT + 120, [CHILD]],
      [LONG_WAIT * 3, [CHILD]],
    ]),
    ["long: node 100, sh 110", "short: sh 110"],
  );
});
