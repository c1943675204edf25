/**
 * At least ten thousand random machines on which devsvc is called: it never
 * signals whom it must not, never says what is not so, and always ends.
 *
 * Shows case 9 of the list (a number that is used again between the look and
 * the signal) and, in memory, the supervisors of case 10 and the protected
 * holders of case 11; a third of the machines are like Windows (cases 3 and 4).
 * `DEVSVC_WORLDS` sets how many there are, `DEVSVC_SEED` which.
 */

import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { runScene } from "../kit/assert_invariants.ts";
import { anyScene } from "../kit/world_generator.ts";

const WORLDS = Number(Deno.env.get("DEVSVC_WORLDS") ?? 10_000);
const SEED = Number(Deno.env.get("DEVSVC_SEED") ?? 20_261_122);
const OPTIONS = { seed: SEED, numRuns: WORLDS } as const;

/** What must have happened in so many worlds, or the test shows nothing. */
const DEEDS = [
  "signal",
  "stopped",
  "escalating",
  "not-stopped held",
  "not-stopped survivors",
  "not-stopped denied",
  "not-stopped lookup",
  "spawned",
  "ready",
  "failed exited",
  "failed timeout",
  "running",
  "starting",
  "untracked",
  "foreign",
  "container",
  "hidden",
  "orphan",
  "stale-owner",
  "crashed",
  "free",
  "unknown",
];

Deno.test(`in ${WORLDS} random worlds devsvc harms nobody and tells no lie`, async () => {
  const coverage = new Map(DEEDS.map((deed) => [deed, 0]));
  await fc.assert(
    fc.asyncProperty(anyScene, async (scene) => {
      const verdict = await runScene(scene);
      for (const deed of verdict.coverage) {
        coverage.set(deed, (coverage.get(deed) ?? 0) + 1);
      }
      ok(verdict.violations.length === 0, verdict.violations.join("\n"));
    }),
    OPTIONS,
  );
  if (WORLDS < 10_000) return;
  const rare = DEEDS.filter((deed) => (coverage.get(deed) ?? 0) < WORLDS / 500);
  strictEqual(rare.join(), "", "what happened too seldom");
});

Deno.test("the same worlds find out that the identity check is missing", async () => {
  const found = await fc.check(
    fc.asyncProperty(anyScene, async (scene) => {
      const { violations } = await runScene(scene, true);
      return !violations.some((told) => told.includes("not in the tree"));
    }),
    { ...OPTIONS, endOnFailure: true },
  );
  ok(found.failed, "a signal has reached a stranger");
});
