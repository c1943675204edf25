/** Damaged text for the tests of parsers. */

import assert from "node:assert/strict";
import * as fc from "fast-check";

/** How many damaged texts each parser has to survive. */
const RUNS = Number(Deno.env.get("DEVSVC_FUZZ_RUNS") ?? 1000);

/** What is put where it does not belong. */
const ODD: readonly string[] = [
  "",
  " ",
  "\n",
  "\r\n",
  "\0",
  ":",
  ")",
  '"',
  "-1",
  "0",
  "65536",
  "99999999999999999999",
  "1e3",
  "[",
  "%",
  "\ufffd",
  "é",
  'users:(("x",pid=7,fd=1))',
  "LISTEN",
  "=",
];

/**
 * Damages real text in many ways and checks the process ids that a parser
 * finds: it must not throw, and every id must be a number above 0 that is in the
 * text.
 */
export function assertSurvivesDamage(
  samples: readonly string[],
  pidsOf: (text: string) => Iterable<number>,
): void {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const damage = fc.record({
    kind: fc.constantFrom("cut", "put", "move", "double", "change"),
    from: place,
    to: place,
    text: fc.oneof(
      fc.constantFrom(...ODD),
      fc.string({ unit: "binary-ascii", maxLength: 8 }),
    ),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...samples),
      fc.array(damage, { minLength: 1, maxLength: 8 }),
      (sample, damages) => {
        const text = damages.reduce(applyDamage, sample);
        const numbers = new Set(
          [...text.matchAll(/\d+(?:\.\d+)?(?:[eE]\+?\d+)?|\d+/g)]
            .flatMap(([run]) => [Number(run), ...digits(run)]),
        );
        for (const pid of pidsOf(text)) {
          assert.ok(Number.isSafeInteger(pid) && pid > 0, `${pid} is no id`);
          assert.ok(numbers.has(pid), `${pid} is not in the text`);
        }
      },
    ),
    { numRuns: RUNS },
  );
}

interface Damage {
  readonly kind: "cut" | "put" | "move" | "double" | "change";
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function applyDamage(text: string, damage: Damage): string {
  const { kind, text: odd } = damage;
  const [from = 0, to = 0] = [damage.from, damage.to]
    .map((part) => Math.floor(part * text.length)).sort((a, b) => a - b);
  const lines = text.split("\n");
  const line = Math.floor(damage.from * (lines.length - 1));
  switch (kind) {
    case "cut":
      // Mostly short, or several cuts leave nothing.
      return text.slice(0, from) + text.slice(Math.min(to, from + 40));
    case "put":
      return text.slice(0, from) + odd + text.slice(from);
    case "change":
      return text.slice(0, from) + odd + text.slice(from + odd.length);
    case "double":
      return lines.toSpliced(line, 0, lines[line] ?? "").join("\n");
    case "move": {
      const [moved = ""] = lines.splice(line, 1);
      const at = Math.floor(damage.to * lines.length);
      return lines.toSpliced(at, 0, moved).join("\n");
    }
  }
}

function digits(run: string): number[] {
  return run.split(/\D+/).map(Number);
}
