import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  hiddenCharacter,
  printable,
  printableCommand,
  printableName,
} from "./printable.ts";

/** What is left alone, for people write it. */
const FINE = [
  "é データ 🔍 'x'",
  "👩\u200d💻 l'équipe",
  "👨🏻\u200d🚒 et ❤\ufe0f\u200d🔥",
  "می\u200cخواهم",
  "क्\u200dष",
];

/** What is replaced, and the name of the character. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ["\x1b[2J", "�[2J", "U+001B"],
  ["a\nb", "a�b", "U+000A"],
  ["a\tb", "a�b", "U+0009"],
  ["a\x7fb", "a�b", "U+007F"],
  ["\x9b31m", "�31m", "U+009B"],
  ["exe\u202etxt", "exe�txt", "U+202E"],
  ["a\u2066b\u2069", "a�b�", "U+2066"],
  ["a\u200eb\u200fc\u061cd", "a�b�c�d", "U+200E"],
  ["a\u2028b\u2029c", "a�b�c", "U+2028"],
  ["pay\u200bpal", "pay�pal", "U+200B"],
  ["pay\u200dpal", "pay�pal", "U+200D"],
  ["pay\u200c", "pay�", "U+200C"],
  ["\u200dx", "�x", "U+200D"],
  ["a\u2060b\ufeffc\u00add", "a�b�c�d", "U+2060"],
  ["a\u3164b", "a�b", "U+3164"],
  ["a\u{e0041}b", "a�b", "U+E0041"],
];

Deno.test("printable() leaves what people write", () => {
  for (const text of FINE) {
    strictEqual(printable(text), text);
    strictEqual(hiddenCharacter(text), undefined);
  }
});

Deno.test("printable() leaves no character that acts on the screen or hides", () => {
  for (const [text, shown, name] of HOSTILE) {
    strictEqual(printable(text), shown);
    strictEqual(hiddenCharacter(text), name);
  }
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = printable(text);
    ok(!/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(shown));
    strictEqual(Array.from(shown).length, Array.from(text).length);
    strictEqual(hiddenCharacter(shown), undefined);
  }));
});

Deno.test("printableCommand() is one line, whatever its arguments hold", () => {
  strictEqual(
    printableCommand("python -c import x\n\tx.run()\r\n"),
    "python -c import x x.run() ",
  );
  strictEqual(printableCommand("node \x1b[2J"), "node �[2J");
});

Deno.test("printableName() ends before a bracket that Linux cut", () => {
  for (
    const [name, shown] of [
      ["next-server (v1", "next-server"],
      ["tmux: server (x)", "tmux: server (x)"],
      ["(sd-pam)", "(sd-pam)"],
      ["(half", "(half"],
      ["a (b) (c", "a (b)"],
      ["\x1b[2J", "�[2J"],
    ] as const
  ) strictEqual(printableName(name), shown, name);
});
