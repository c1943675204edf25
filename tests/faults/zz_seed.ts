import fc from "fast-check";
import { runScene } from "/tmp/wt/marks/tests/kit/assert_invariants.ts";
import { anyScene } from "/tmp/wt/marks/tests/kit/world_generator.ts";
const n = Number(Deno.args[0] ?? 1500);
const seed = Number(Deno.args[1] ?? 20261122);
let k = 0;
let shown = 0;
const cov = new Map<string, number>();
const bad: Record<string, number> = {};
await fc.check(
  fc.asyncProperty(anyScene, async (scene) => {
    const { violations, coverage } = await runScene(scene);
    k++;
    for (const c of coverage) cov.set(c, (cov.get(c) ?? 0) + 1);
    if (violations.length) {
      const key = violations[0].replace(/\d+/g, "N").replace(/^[abc] /, "S ")
        .slice(0, 60);
      bad[key] = (bad[key] ?? 0) + 1;
      if (shown++ < Number(Deno.args[2] ?? 3)) {
        console.log(JSON.stringify(scene), violations);
      }
    }
  }),
  { seed, numRuns: n },
);
console.log(k, bad);
console.log(
  [...cov].sort((a, b) => b[1] - a[1]).map(([a, b]) => a + ":" + b).join(" "),
);
