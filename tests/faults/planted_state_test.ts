/**
 * Random `.devsvc` that nobody's devsvc made here, and every command run on
 * each: nothing outside of `.devsvc` changes, no process is started but by
 * `start` and `restart`, none is signalled.
 *
 * `DEVSVC_TREES` sets how many there are, `DEVSVC_SEED` which.
 */

import { ok } from "node:assert/strict";
import fc from "fast-check";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  anyPlantedState,
  makePlantingGround,
  runOnPlanted,
} from "../kit/planted_state.ts";
import { rounds } from "../kit/rounds.ts";

const TREES = Number(
  Deno.env.get("DEVSVC_TREES") ?? rounds({ usual: 300, thorough: 2_000 }),
);

const SEED = Number(Deno.env.get("DEVSVC_SEED") ?? 20_261_129);

const OPTIONS = { seed: SEED, numRuns: TREES } as const;

Deno.test(
  `${TREES} planted .devsvc: nothing outside changes, nothing runs`,
  ON_LINUX,
  async () => {
    await using ground = await makePlantingGround();
    await fc.assert(
      fc.asyncProperty(anyPlantedState, async (state) => {
        const violations = await runOnPlanted(state, ground);
        ok(violations.length === 0, violations.join("\n"));
      }),
      OPTIONS,
    );
  },
);

for (const check of ["links", "origin"] as const) {
  Deno.test(
    `the same .devsvc show that the check of ${check} is missing`,
    ON_LINUX,
    async () => {
      await using ground = await makePlantingGround(check);
      const result = await fc.check(
        fc.asyncProperty(anyPlantedState, async (state) => {
          const violations = await runOnPlanted(state, ground);
          return violations.length === 0;
        }),
        { ...OPTIONS, endOnFailure: true },
      );
      ok(result.failed, "a planted file counts");
    },
  );
}
