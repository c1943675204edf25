import { deepStrictEqual, ok } from "node:assert/strict";
import { patternCost } from "./pattern_cost.ts";

/** How long a line may be. */
const LONGEST: readonly (readonly [string, number])[] = [
  ["ERROR", Infinity],
  ["[*+]\\+\\(", Infinity],
  ["\\d{4}-\\d{2}", Infinity],
  ["GET|POST", Infinity],
  ["colou?r", Infinity],
  ["ERROR.*timeout", 1000],
  ["failed after \\d+ms", 1000],
  ["a.*b.*c", 100],
  ["(a|b)c{1,9}d+?", 79],
  // A repetition of what matches in several ways: exponential.
  ["(a+)+$", 0],
  ["(a*)*", 0],
  ["(a|a)+", 0],
  ["(a|a){30}b", 0],
  ["(?:x(?:a?)){2,}", 0],
  ["(.*a){20}", 0],
  // All in a row it is the same.
  ["a?".repeat(30) + "a".repeat(30), 0],
  ["(?:a|a)".repeat(30), 0],
  [".*".repeat(20), 2],
];

const REFUSED: readonly (readonly [string, string])[] = [
  ["a(?=b)", "(?="],
  ["(?!b)a", "(?!"],
  ["(?<=b)a", "(?<="],
  ["(?<!b)a", "(?<!"],
  ["(a*)\\1", "\\1"],
  ["(?<n>a)\\k<n>", "\\k"],
  ["a{2000}", "{2000}"],
  ["[^]*", "[^]"],
];

Deno.test("patternCost() bounds the lines by the ways in which they may match", () => {
  for (const [source, longest] of LONGEST) {
    deepStrictEqual(patternCost(source), { longest }, source);
  }
  for (const [source, refused] of REFUSED) {
    deepStrictEqual(patternCost(source), { refused }, source);
  }
});

Deno.test("patternCost() lets no line take the engine long", () => {
  for (const [source, longest] of LONGEST) {
    // It is not used at 0: V8 may take long to compile it.
    if (longest === 0 || longest === Infinity) continue;
    const pattern = new RegExp(source);
    for (const text of ["a", "ERROR", "failed after 1", "b", "0"]) {
      const line = text.repeat(longest).slice(0, longest) + "!";
      const before = performance.now();
      pattern.test(line);
      ok(performance.now() - before < 1000, `${source} on ${text}`);
    }
  }
});
