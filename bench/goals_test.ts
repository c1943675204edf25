import assert from "node:assert/strict";
import { ROWS, type Table } from "./_model.ts";
import { renderGoals } from "./_page.ts";
import { GOALS, type Verdict } from "./goals.ts";

function evaluate(
  text: RegExp,
  ...tables: readonly Table[]
): Verdict | undefined {
  const goal = GOALS.find((one) => text.test(one.text));
  assert.ok(goal, `no goal is about ${text}`);
  return goal.evaluate(new Map(tables.map((table) => [table.id, table])));
}

function table(
  id: string,
  values: Readonly<Record<string, number>>,
  notes: Readonly<Record<string, string>> = {},
): Table {
  const rows = Object.entries(values).map(([name, value]) => ({
    name,
    values: [value],
    notes,
  }));
  return { id, title: id, unit: "ms", text: "", rows };
}

Deno.test("a ratio is met up to its bound", () => {
  const at = (own: number) =>
    evaluate(
      /3 free ports: at most 2.0/,
      table("a-3-free", { [ROWS.empty]: 10, [ROWS.source]: own }),
    );
  assert.deepStrictEqual(at(20), { isMet: true, figures: "2.00 ×" });
  assert.deepStrictEqual(at(25), { isMet: false, figures: "2.50 ×" });
});

Deno.test("1,000 ports are compared with 3 of the same run", () => {
  const verdict = evaluate(
    /1,000 free ports/,
    table("a-3-free", { [ROWS.source]: 10 }),
    table("a-1000-free", { [ROWS.source]: 31 }),
  );
  assert.deepStrictEqual(verdict, { isMet: false, figures: "3.10 ×" });
});

Deno.test("what is over the services alone counts, not the whole", () => {
  const verdict = evaluate(
    /at most 100 ms over 3 services/,
    table("d-3", { [ROWS.alone]: 300, [ROWS.source]: 390 }),
  );
  assert.deepStrictEqual(verdict, { isMet: true, figures: "90 ms over" });
});

Deno.test("who is ahead is named", () => {
  const verdict = evaluate(
    /Start of 3: ahead/,
    table("d-3", { [ROWS.source]: 400, pitchfork: 300, pm2: 900 }),
  );
  assert.strictEqual(verdict?.isMet, false);
  assert.match(verdict.figures, /ahead of it: pitchfork 300$/);
});

Deno.test("only who proves nothing is compared where it is about proof", () => {
  const values = { [ROWS.source]: 50, pitchfork: 30 };
  const proves = { "proves stopped": "process group gone" };
  assert.strictEqual(
    evaluate(/Stop of 3: ahead/, table("e-3", values, proves)),
    undefined,
  );
  const none = { "proves stopped": "no" };
  assert.strictEqual(
    evaluate(/Stop of 3: ahead/, table("e-3", values, none))?.isMet,
    false,
  );
});

Deno.test("nothing resident means nothing at all", () => {
  const at = (value: number) =>
    evaluate(/when nothing runs/, table("h-after", { [ROWS.source]: value }));
  assert.strictEqual(at(0)?.isMet, true);
  assert.strictEqual(at(0.1)?.isMet, false);
});

Deno.test("every goal has its row, measured or not", () => {
  const rows = renderGoals([]).trimEnd().split("\n").slice(2);
  assert.strictEqual(rows.length, GOALS.length);
  for (const row of rows) assert.match(row, /\| not measured \|/);
});
