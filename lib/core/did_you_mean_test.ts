import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { suggest } from "./did_you_mean.ts";

const KEYS = [
  "label",
  "command",
  "cwd",
  "port",
  "ready",
  "depends_on",
  "env",
  "env_file",
  "stop",
];

const MEANT: readonly (readonly [string, string | undefined])[] = [
  ["prot", "port"],
  ["Port", "port"],
  ["ports", "port"],
  ["comand", "command"],
  ["commnad", "command"],
  ["dependsOn", "depends_on"],
  ["depend-on", "depends_on"],
  ["envFile", "env_file"],
  ["dep", "depends_on"],
  ["colour", undefined],
  ["x", undefined],
  ["", undefined],
  ["restart", undefined],
];

Deno.test("suggest() finds what was meant and no more", () => {
  for (const [word, expected] of MEANT) {
    equal(suggest(word, KEYS), expected, word);
  }
});

Deno.test("suggest() prefers the nearest candidate, then the first", () => {
  equal(suggest("apo", ["api", "app"]), "api");
  equal(suggest("appi", ["api2", "api"]), "api");
});

Deno.test("suggest() answers a candidate or nothing, whatever the words", () => {
  fc.assert(fc.property(
    fc.string({ unit: "binary" }),
    fc.array(fc.string({ unit: "binary" })),
    (word, candidates) => {
      const found = suggest(word, candidates);
      ok(found === undefined || candidates.includes(found));
    },
  ));
});

Deno.test("suggest() finds a word of four letters after one slip", () => {
  fc.assert(fc.property(
    fc.stringMatching(/^[a-z]{4,12}$/),
    fc.nat(),
    (word, at) => {
      const index = at % word.length;
      const slip = word.slice(0, index) + word.slice(index + 1);
      equal(suggest(slip, [word]), word);
    },
  ));
});
