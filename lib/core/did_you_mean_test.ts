import { ok, strictEqual } from "node:assert/strict";
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
    strictEqual(suggest(word, KEYS), expected, word);
  }
});

Deno.test("suggest() prefers the nearest candidate, then the first", () => {
  strictEqual(suggest("apo", ["api", "app"]), "api");
  strictEqual(suggest("appi", ["api2", "api"]), "api");
});

const letter = fc.constantFrom(..."abcABC -_é漢😀\0", "\ud800");

Deno.test("suggest() answers a candidate or nothing, whatever the words", () => {
  fc.assert(fc.property(
    fc.string({ unit: letter }),
    fc.array(fc.string({ unit: letter })),
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
      strictEqual(suggest(slip, [word]), word);
    },
  ));
});
