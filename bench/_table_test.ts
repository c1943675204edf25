import assert from "node:assert/strict";
import type { Table } from "./_model.ts";
import { markdownTable, number, renderTable } from "./_table.ts";

const TABLE: Table = {
  id: "x",
  title: "X",
  unit: "ms",
  base: "base",
  columns: ["proves it"],
  text: "",
  rows: [
    { name: "slow", values: [300, 330, 270], notes: { "proves it": "no" } },
    { name: "none", values: [], failure: "exit 1: no | never" },
    { name: "base", values: [100, 110, 90] },
  ],
};

Deno.test("renderTable() shows the best first, with spread and ratio", () => {
  assert.strictEqual(
    renderTable(TABLE),
    `|        | median ms           | min–max  | n   | ratio  | proves it |
| ------ | ------------------- | -------- | --- | ------ | --------- |
| *base* | 100                 | 90.0–110 | 3   | 1.00 × |           |
| slow   | 300                 | 270–330  | 3   | 3.00 × | no        |
| none   | exit 1: no \\| never |          | 0   |        |           |
`,
  );
});

Deno.test("renderTable() shows what is over the base where it is asked to", () => {
  const text = renderTable({ ...TABLE, over: true });
  assert.match(text, /\| slow .*\+200/);
  assert.match(text, /\| \*base\* .*\+0\.00/);
});

Deno.test("renderTable() puts the most first where more is better", () => {
  const text = renderTable({ ...TABLE, moreIsBetter: true });
  assert.ok(text.indexOf("slow") < text.indexOf("base"));
});

Deno.test("renderTable() says what failed later beside what was measured", () => {
  const rows = [{ name: "a", values: [5], failure: "gone" }];
  assert.match(renderTable({ ...TABLE, rows }), /5\.00 \(then: gone\)/);
});

Deno.test("markdownTable() keeps a table a table whatever is in it", () => {
  assert.strictEqual(
    markdownTable([["a", "b"], ["1 | 2\n3", ""]]),
    "| a        | b   |\n| -------- | --- |\n| 1 \\| 2 3 |     |\n",
  );
});

Deno.test("number() has three digits", () => {
  assert.deepStrictEqual([1234.5, 99.96, 12.34, 1.234].map(number), [
    "1235",
    "100.0",
    "12.3",
    "1.23",
  ]);
});
