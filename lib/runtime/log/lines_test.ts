import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { LINE_MAX, LineSplitter, type Matches, wholeLength } from "./lines.ts";

const encoder = new TextEncoder();

/** Splits a text whose bytes arrive in parts. */
function split(
  bytes: Uint8Array,
  cuts: readonly number[],
  matches?: Matches,
): readonly (readonly [number, string])[] {
  const splitter = new LineSplitter();
  const lines: (readonly [number, string])[] = [];
  let begin = 0;
  for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    const part = bytes.subarray(begin, end);
    if (part.length === 0) continue;
    const found = splitter.push({ begin: begin + 1000, bytes: part }, matches);
    lines.push(...found.map((line) => [line.begin, line.text] as const));
    begin = end;
  }
  const rest = splitter.open();
  if (rest.length === 0) return lines;
  return [...lines, [splitter.begin, new TextDecoder().decode(rest)]];
}

Deno.test("LineSplitter returns the same lines however the bytes arrive", () => {
  const part = fc.constantFrom("a", "é", "デ", "🔍", "\n", "\r\n");
  fc.assert(fc.property(fc.array(part), fc.array(fc.nat(30)), (parts, cuts) => {
    const bytes = encoder.encode(parts.join(""));
    deepStrictEqual(split(bytes, cuts), split(bytes, []));
    const lines = parts.join("").split("\n");
    if (lines.at(-1) === "") lines.pop();
    deepStrictEqual(split(bytes, cuts).map(([, text]) => text), lines);
  }));
});

Deno.test("LineSplitter returns where lines begin", () => {
  deepStrictEqual(split(encoder.encode("é\n\nab\nc"), [2, 4]), [
    [1000, "é"],
    [1003, ""],
    [1004, "ab"],
    [1007, "c"],
  ]);
});

Deno.test("LineSplitter returns the lines around invalid UTF-8 unchanged", () => {
  const bytes = new Uint8Array([
    ...encoder.encode("before\n"),
    ...[0xff, 0xc3, 0x28, 0xe2, 0x82, 0x0a],
    ...encoder.encode("après\n"),
  ]);
  deepStrictEqual(split(bytes, [9, 11]).map(([, text]) => text), [
    "before",
    "��(�",
    "après",
  ]);
});

Deno.test("LineSplitter begins a new line after a gap", () => {
  const splitter = new LineSplitter();
  splitter.push({ begin: 0, bytes: encoder.encode("half a li") });
  deepStrictEqual(
    splitter.push({ begin: 500, bytes: encoder.encode("ne\nnext\n") }),
    [
      { begin: 0, text: "half a li" },
      { begin: 500, text: "ne" },
      { begin: 503, text: "next" },
    ],
  );
});

Deno.test("LineSplitter splits an endless line, and cuts no character", () => {
  const splitter = new LineSplitter();
  const block = encoder.encode("é".repeat(512 * 1024));
  const shifted = encoder.encode("x");
  splitter.push({ begin: 0, bytes: shifted });
  let begin = shifted.length;
  let text = "";
  while (begin < 2 * LINE_MAX) {
    for (const line of splitter.push({ begin, bytes: block })) {
      ok(line.text.length < LINE_MAX + block.length);
      text += line.text;
    }
    begin += block.length;
  }
  ok(text.startsWith("xé") && !text.includes("�"));
});

Deno.test("wholeLength() leaves out a character that is cut", () => {
  const bytes = encoder.encode("aé🔍");
  deepStrictEqual(
    [...bytes.keys(), bytes.length].map((end) =>
      wholeLength(bytes.subarray(0, end))
    ),
    [0, 1, 1, 3, 3, 3, 3, 7],
  );
  strictEqual(wholeLength(new Uint8Array([0x80, 0x80, 0x80, 0x80])), 4);
});

Deno.test("LineSplitter finds the lines that match where they are", () => {
  const part = fc.constantFrom("a", "é", "🔍", "\n", "\n\n", "\r\n", "\xff");
  const cuts = fc.array(fc.nat(30));
  fc.assert(fc.property(fc.array(part), cuts, (parts, cuts) => {
    const bytes = encoder.encode(parts.join("")).map((byte) =>
      byte === 0xc3 ? 0xff : byte
    );
    const [open] = split(bytes, cuts).slice(-1);
    for (const matches of [(text: string) => text === "", /a/.test.bind(/a/)]) {
      const found = split(bytes, cuts, matches);
      const isOpen = bytes.at(-1) !== 0x0a;
      deepStrictEqual(
        found,
        split(bytes, cuts).filter((line) =>
          matches(line[1]) || (isOpen && line[0] === open?.[0])
        ),
      );
    }
  }));
});
