import assert from "node:assert/strict";
import { assertSurvivesDamage } from "../../../tests/kit/damage.ts";
import { parseNetsh } from "./netsh.ts";

const ENGLISH = `
Protocol tcp Port Exclusion Ranges

Start Port    End Port
----------    --------
      1363        1462
      5357        5357
      8000        8000     *
     50000       50059     *

* - Administered port exclusions.

`.replaceAll("\n", "\r\n");

const FRENCH = `
Plages d'exclusion de port du protocole tcp

Port d\ufffdmarrage    Port de fin
----------    --------
      1363        1462
      5357        5357
      8000        8000     *
     50000       50059     *

* - Exclusions de ports administr\ufffds.

`.replaceAll("\n", "\r\n");

for (const [name, text] of Object.entries({ ENGLISH, FRENCH })) {
  Deno.test(`parseNetsh() reads the ranges of Windows in ${name}`, () => {
    assert.deepEqual(parseNetsh(text), {
      ok: true,
      value: [
        { from: 1363, to: 1462 },
        { from: 5357, to: 5357 },
        { from: 8000, to: 8000 },
        { from: 50000, to: 50059 },
      ],
    });
  });
}

Deno.test("parseNetsh() distinguishes no range from no answer", () => {
  const empty = ENGLISH.slice(0, ENGLISH.indexOf("      1363"));
  assert.deepEqual(parseNetsh(empty), { ok: true, value: [] });
  for (const text of ["", "The following command was not found: x"]) {
    assert.equal(parseNetsh(text).ok, false, text);
  }
});

Deno.test("parseNetsh() leaves out what is no range", () => {
  const head = ENGLISH.slice(0, ENGLISH.indexOf("      1363"));
  for (const row of ["1462 1363", "0 80", "80 65536", "80", "1 2 3"]) {
    assert.deepEqual(parseNetsh(`${head}${row}\r\n`), { ok: true, value: [] });
  }
});

Deno.test("parseNetsh() survives damage", () => {
  assertSurvivesDamage([ENGLISH, FRENCH], (text) => {
    const found = parseNetsh(text);
    return found.ok ? found.value.flatMap(({ from, to }) => [from, to]) : [];
  });
});
