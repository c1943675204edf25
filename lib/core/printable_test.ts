import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { printable } from "./printable.ts";

Deno.test("printable() leaves no character that acts on the screen", () => {
  strictEqual(printable("é データ 🔍 'x'"), "é データ 🔍 'x'");
  strictEqual(printable("\x1b[2J"), "�[2J");
  strictEqual(printable("a\nb"), "a�b");
  strictEqual(printable("exe\u202etxt"), "exe�txt");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = printable(text);
    ok(!/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(shown));
    strictEqual(shown.length, text.length);
  }));
});
