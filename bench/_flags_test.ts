import assert from "node:assert/strict";
import { readFlags } from "./_flags.ts";

const LETTERS = ["a", "b", "c"];

Deno.test("readFlags() measures all, ten times, unless told otherwise", () => {
  const flags = readFlags([], LETTERS);
  assert.strictEqual(flags?.runs, 10);
  assert.strictEqual(flags.isQuick, false);
  assert.deepStrictEqual(flags.only, []);
});

Deno.test("readFlags() reads what is asked for", () => {
  const words = ["--only", "a,c", "--quick", "--runs", "3", "--limit", "9"];
  assert.deepStrictEqual(readFlags(words, LETTERS), {
    isQuick: true,
    only: ["a", "c"],
    runs: 3,
    limit: 9,
  });
});

for (
  const words of [
    ["--only", "z"],
    ["--only"],
    ["--runs", "0"],
    ["--runs", "-1"],
    ["--runs"],
    ["30"],
    ["--fast"],
  ]
) {
  Deno.test(`readFlags() refuses ${words.join(" ")}`, () => {
    assert.strictEqual(readFlags(words, LETTERS), undefined);
  });
}
