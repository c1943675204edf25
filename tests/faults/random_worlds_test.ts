/**
 * Thousands of random machines on which devsvc is run: it never signals a
 * process that it must not, never reports what is not true, and always ends.
 *
 * Among them: pids that are reused between the check and the signal,
 * supervisors and protected holders; a third of the machines are like Windows.
 * `DEVSVC_WORLDS` sets how many there are, `DEVSVC_SEED` which.
 */

import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { runScene } from "../kit/assert_invariants.ts";
import { type LeftOut, RULES } from "../kit/fake_platform.ts";
import { rounds } from "../kit/rounds.ts";
import { anyScene } from "../kit/world_generator.ts";

const WORLDS = Number(
  Deno.env.get("DEVSVC_WORLDS") ?? rounds({ usual: 3_000, thorough: 10_000 }),
);
const SEED = Number(Deno.env.get("DEVSVC_SEED") ?? 20_261_122);
const OPTIONS = { seed: SEED, numRuns: WORLDS } as const;

/** What must have happened often enough, or the test shows nothing. */
const EXPECTED = [
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
  "duplicate",
  "removed started",
  "removed orphan",
  "stale-owner",
  "crashed",
  "free",
  "unknown",
  "started",
  "suspended",
  "closing",
];

Deno.test(`in ${WORLDS} random worlds devsvc breaks no invariant`, async () => {
  const coverage = new Map(EXPECTED.map((name) => [name, 0]));
  await fc.assert(
    fc.asyncProperty(anyScene, async (scene) => {
      const { violations, coverage: names } = await runScene(scene);
      for (const name of names) {
        coverage.set(name, (coverage.get(name) ?? 0) + 1);
      }
      ok(violations.length === 0, violations.join("\n"));
    }),
    OPTIONS,
  );
  if (WORLDS < 3_000) return;
  const rare = EXPECTED.filter((name) =>
    (coverage.get(name) ?? 0) < WORLDS / 1_000
  );
  strictEqual(rare.join(), "", "what happened too rarely");
});

/** What is broken where a rule is left out. */
const BROKEN: Readonly<Record<LeftOut, RegExp>> = {
  "identity check": /not in the tree/,
  "runs without a record": /members of it live|started beside itself/,
  "other projects": /it is foreign/,
  "runs without a root": /members of it live|started beside itself/,
  "failed search": /members of it live|started beside itself/,
  "removed services": /was removed, but members of it live/,
  "nearest project": /is another project's/,
  "command of a service": /it is foreign/,
  "other checkouts": /the devsvc of \S+ runs it/,
  "session of a run": /members of it live|started beside itself/,
  "pid namespaces": /it is foreign|not in the tree|beside another namespace/,
  "suspension": /would have ended in time/,
  "closing ports": /while its port is closing/,
};

for (const rule of RULES) {
  Deno.test(`the same worlds show that a rule is missing: ${rule}`, async () => {
    const found = await fc.check(
      fc.asyncProperty(anyScene, async (scene) => {
        const { violations } = await runScene(scene, rule);
        return !violations.some((text) => BROKEN[rule].test(text));
      }),
      { ...OPTIONS, endOnFailure: true },
    );
    ok(found.failed, "without it an invariant is broken");
  });
}
