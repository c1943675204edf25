// deno-lint-ignore-file
import fc from "fast-check";
import { runScene } from "./_judge.ts";
import { anyScene } from "./_worlds.ts";
const N = Number(Deno.args[0] ?? 1000),
  seed = Number(Deno.args[1] ?? 20261122),
  blind = Deno.args[2] === "blind";
const t = performance.now();
const kinds = new Map<string, [number, unknown, string[]]>();
const deeds = new Map<string, number>();
let n = 0;
for (const scene of fc.sample(anyScene, { numRuns: N, seed })) {
  n++;
  const v = await runScene(scene, blind);
  for (const d of v.deeds) deeds.set(d, (deeds.get(d) ?? 0) + 1);
  const k = [
    ...new Set(
      v.violations.map((x) => x.replace(/\d+/g, "N").replace(/^[abc] /, "S ")),
    ),
  ].join(" | ");
  if (k) {
    const o = kinds.get(k);
    kinds.set(k, [
      (o?.[0] ?? 0) + 1,
      o?.[1] ?? scene,
      o?.[2] ?? [...v.violations],
    ]);
  }
}
const ms = performance.now() - t;
for (
  const [k, [c, s, v]] of [...kinds].sort((a, b) => b[1][0] - a[1][0]).slice(
    0,
    Number(Deno.args[3] ?? 6),
  )
) console.log(c, k, "\n   ", v.join("; "), "\n   ", JSON.stringify(s));
console.log(
  kinds.size,
  "kinds",
  ms.toFixed(0),
  "ms",
  (ms / n).toFixed(2),
  "ms/world",
);
console.log(JSON.stringify(Object.fromEntries([...deeds].sort())));
