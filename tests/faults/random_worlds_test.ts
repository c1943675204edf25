/**
 * At least ten thousand random machines on which devsvc is called: it never
 * signals whom it must not, never says what is not so, and always ends.
 *
 * Shows case 9 of the list (a number that is used again between the look and
 * the signal) and, in memory, the supervisors of case 10 and the protected
 * holders of case 11. `DEVSVC_WORLDS` sets how many worlds there are.
 */

import { ok } from "node:assert/strict";
import fc from "fast-check";
import { runScene } from "./_judge.ts";
import { anyScene } from "./_worlds.ts";

const WORLDS = Number(Deno.env.get("DEVSVC_WORLDS") ?? 10_000);

/** One seed for both tests; another one is as good. */
const SEED = Number(Deno.env.get("DEVSVC_SEED") ?? 20_261_122);

const OPTIONS = { seed: SEED, numRuns: WORLDS } as const;

Deno.test(`in ${WORLDS} random worlds devsvc harms nobody and tells no lie`, async () => {
  const deeds = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(anyScene, async (scene) => {
      const verdict = await runScene(scene);
      for (const deed of verdict.deeds) {
        deeds.set(deed, (deeds.get(deed) ?? 0) + 1);
      }
      ok(verdict.violations.length === 0, verdict.violations.join("\n"));
    }),
    OPTIONS,
  );
  console.log(deeds);
});
