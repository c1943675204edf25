import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { findCycle } from "../core/graph.ts";
import { checkServices } from "./cross_checks.ts";
import type { Table } from "./toml.ts";

const NAMES = ["a", "b", "c", "d", "e", "f"];

/** Makes a table as smol-toml does. */
function table(fields: Readonly<Record<string, unknown>>): Table {
  return Object.assign(Object.create(null), fields);
}

const graph = fc.array(
  fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 4 }),
  { minLength: NAMES.length, maxLength: NAMES.length },
).map((all) =>
  all.map((dependsOn, index) => ({ name: NAMES[index] ?? "", dependsOn }))
);

Deno.test("checkServices() finds a cycle wherever there is one, and only real ones", async () => {
  let cyclic = 0;
  await fc.assert(
    fc.asyncProperty(graph, async (nodes) => {
      const services = nodes.map(({ name, dependsOn }) => [
        name,
        table({ depends_on: dependsOn }),
      ]);
      const raw = table({ services: table(Object.fromEntries(services)) });
      const issues = await checkServices(raw, "linux", "/");
      const hasCycle = findCycle(nodes) !== undefined;
      strictEqual(issues.length > 0, hasCycle);
      if (hasCycle) cyclic++;
      for (const issue of issues) {
        ok(issue.code === "cycle");
        const { names, path } = issue;
        for (const [index, name] of names.entries()) {
          const next = names[(index + 1) % names.length] ?? "";
          ok(
            nodes.find((node) => node.name === name)?.dependsOn.includes(next),
          );
        }
        const [first = "", second = first] = names;
        const dependsOn = nodes.find(({ name }) => name === first)?.dependsOn;
        deepStrictEqual(path, [
          "services",
          first,
          "depends_on",
          dependsOn?.indexOf(second),
        ]);
      }
    }),
    { numRuns: 500 },
  );
  ok(cyclic > 50 && cyclic < 500, String(cyclic));
});
