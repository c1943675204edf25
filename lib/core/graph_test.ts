import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { findCycle, levels, type Node, withDependencies } from "./graph.ts";

function graph(text: string): readonly Node[] {
  return text.split(" ").map((part) => {
    const [name = "", needs = ""] = part.split(":");
    return { name, dependsOn: needs === "" ? [] : needs.split(",") };
  });
}

function names(nodes: readonly Node[]): string {
  return nodes.map((node) => node.name).join(",");
}

Deno.test("findCycle() names the services in order", () => {
  strictEqual(findCycle(graph("a:b b:c c")), undefined);
  strictEqual(findCycle(graph("a:b,c b:d c:d d")), undefined);
  strictEqual(findCycle(graph("a:nobody")), undefined);
  deepStrictEqual(findCycle(graph("a:a")), ["a"]);
  deepStrictEqual(findCycle(graph("a:b b:c c:a")), ["a", "b", "c"]);
  deepStrictEqual(findCycle(graph("web:api api:db db:api")), ["api", "db"]);
  deepStrictEqual(findCycle(graph("a b:c c:b")), ["b", "c"]);
});

Deno.test("findCycle() survives a very long chain", () => {
  const chain = Array.from({ length: 20_000 }, (_, i) => ({
    name: `s${i}`,
    dependsOn: [`s${i + 1}`],
  }));
  strictEqual(findCycle(chain), undefined);
});

Deno.test("levels() starts together what can start together", () => {
  deepStrictEqual(levels(graph("web:api api:db,cache cache db")).map(names), [
    "cache,db",
    "api",
    "web",
  ]);
  deepStrictEqual(levels(graph("b a")).map(names), ["b,a"]);
  deepStrictEqual(levels(graph("a:elsewhere")).map(names), ["a"]);
  deepStrictEqual(levels([]), []);
});

Deno.test("levels() refuses a cycle by its names", () => {
  throws(() => levels(graph("x a:b b:a")), {
    name: "RangeError",
    message: "Cannot order services: a → b → a",
  });
});

Deno.test("withDependencies() adds all that is needed, in file order", () => {
  const services = graph("web:api api:db worker:db db");
  strictEqual(names(withDependencies(["web"], services)), "web,api,db");
  strictEqual(names(withDependencies(["db", "worker"], services)), "worker,db");
  strictEqual(names(withDependencies([], services)), "");
  throws(() => withDependencies(["wbe"], services), {
    message: "Cannot select services: wbe is no service",
  });
});

const anyGraph = fc.array(fc.array(fc.nat(8), { maxLength: 3 }), {
  maxLength: 9,
}).map((edges) =>
  edges.map((to, index) => ({
    name: `s${index}`,
    dependsOn: to.map((target) => `s${target}`),
  }))
);

Deno.test("levels() puts every service after what it needs", () => {
  fc.assert(fc.property(anyGraph, (services) => {
    const cycle = findCycle(services);
    if (cycle !== undefined) {
      for (const [index, name] of cycle.entries()) {
        const next = cycle[(index + 1) % cycle.length] ?? "";
        const node = services.find((service) => service.name === name);
        ok(node?.dependsOn.includes(next), `${name} does not need ${next}`);
      }
      throws(() => levels(services), RangeError);
      return;
    }
    const known = new Set(services.map((service) => service.name));
    const started = new Set<string>();
    for (const level of levels(services)) {
      for (const service of level) {
        for (const need of service.dependsOn) {
          ok(!known.has(need) || started.has(need));
        }
      }
      for (const service of level) started.add(service.name);
    }
    strictEqual(started.size, services.length);
  }));
});
