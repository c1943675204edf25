import assert from "node:assert/strict";
import type { Table } from "./_model.ts";
import { renderSvg } from "./_svg.ts";

const TABLE: Table = {
  id: "x",
  title: "Start < stop & go",
  unit: "ms",
  base: "base",
  text: "",
  rows: [
    { name: "devsvc (source)", values: [200, 210, 190] },
    { name: "base", values: [100] },
    { name: "missing", values: [] },
  ],
};

Deno.test("renderSvg() draws a bar a tool, as long as its median", () => {
  const svg = renderSvg([TABLE]);
  const widths = [...svg.matchAll(/<rect class="([^"]*)" .*width="([\d.]+)"/g)]
    .map(([, kind, width]) => [kind, Number(width)]);
  assert.deepStrictEqual(widths, [["bar base", 260], ["bar own", 520]]);
  assert.ok(!svg.includes("missing"));
});

Deno.test("renderSvg() is well-formed whatever a title says", () => {
  const svg = renderSvg([TABLE]);
  assert.ok(svg.includes("Start &lt; stop &amp; go (ms)"));
  assert.ok(svg.startsWith("<svg ") && svg.endsWith("</svg>\n"));
});

Deno.test("renderSvg() leaves out a table without figures", () => {
  const empty = renderSvg([]);
  const rows = [{ name: "a", values: [], failure: "no" }];
  assert.strictEqual(renderSvg([{ ...TABLE, rows }]), empty);
});
