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
    without: [],
    runs: 3,
    limit: 9,
  });
});

Deno.test("readFlags() leaves out the tools that are named", () => {
  const flags = readFlags(["--without", "overmind,pm2"], LETTERS);
  assert.deepStrictEqual(flags?.without, ["overmind", "pm2"]);
});

Deno.test("readFlags() takes another checkout in the quick mode", () => {
  const flags = readFlags(["--vs", "../before", "--quick"], LETTERS);
  assert.strictEqual(flags?.vs, "../before");
  assert.strictEqual(flags.isQuick, true);
});

for (
  const words of [
    ["--vs", "../before"],
    ["--quick", "--vs"],
    ["--without"],
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
