/** Files that mean harm, drawn from a seed: the same seed draws the same files. */

/** Draws a whole number from 0 up to, not including, a bound. */
export type Draw = (bound: number) => number;

/** Makes a source of numbers (mulberry32). */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

function pick<T>(draw: Draw, all: readonly [T, ...T[]]): T {
  return all[draw(all.length)] ?? all[0];
}

/** A right file of every key. */
const TOML = `language = "fr"
[services.api]
label = "L'API"
command = ["serve", "--name", "x"]
cwd = "app"
port = 8000
ready = { log = 'ready in \\d+', http = "/health?x=1", timeout = "1m30s" }
depends_on = ["db"]
env = { A = "1", "B.C" = "" }
env_file = "good.env"
stop = { signal = "SIGINT", timeout = "500ms" }
restart = { when = "always", limit = 3 }
live = { every = "10s", failures = 2 }
log = { size = "10MB", keep = 5 }
windows.command = "serve.exe"
[services.db]
command = """
db \\
  run"""
`;

/** A right env file. */
const ENV = `# comment
A=1
export B = two words # three
C='single'
D="double \\n \\" \\\\" # four
E.F-G=
`;

/** What a file is made of, and what does not belong there. */
const PIECES = [
  "\n",
  "\r\n",
  "\r",
  " ",
  "\t",
  "=",
  ".",
  ",",
  "#",
  "[",
  "]",
  "[[",
  "{",
  "}",
  '"',
  "'",
  '"""',
  "'''",
  "\\",
  "\\u202e",
  "\\U0010ffff",
  "\0",
  "\x1b",
  "\ufeff",
  "\u2028",
  "\u202e",
  "é😀",
  "[services.a]\n",
  "[services]\n",
  "a = 1\n",
  "__proto__",
  "constructor",
  "services.a.",
  "port = ",
  "ready.log = '(a+)+$'\n",
  "depends_on = ['a', 'b']\n",
  "export ",
  "A=",
  "1979-05-27T07:32:00Z",
  "0x7fffffffffffffff",
  "-nan",
  "1_000",
  "1e999",
  "true",
] as const;

/** What is repeated: it nests, it backtracks, or it is just long. */
const REPEATED = [
  "[",
  "{a=",
  "[[",
  "a.",
  "'a'.",
  "[a.",
  "a=[",
  " ",
  "\t",
  "\n",
  "\r",
  '"',
  "'",
  '""',
  "\\",
  '\\"',
  "#",
  " #",
  "=",
  "9",
  "1_",
  "0x",
  "a",
  "é",
  "\0",
  "\ufeff",
  "A=1\n",
  "[services.a]\n",
  "[[services]]\n",
  "(",
  "(a|",
  "a=1,",
  "export ",
] as const;

/** Draws a file. */
export function hostileFile(draw: Draw, kind: "toml" | "env"): Uint8Array {
  const sample = kind === "toml" ? TOML : ENV;
  let text = pick(draw, [sample, sample, "", "[services.a]\ncommand = 'x'\n"]);
  for (let left = 1 + draw(6); left > 0; left--) {
    const at = draw(text.length + 1);
    const length = draw(4) === 0 ? draw(40) : 0;
    text = text.slice(0, at) + damage(draw) + text.slice(at + length);
  }
  const bytes = new TextEncoder().encode(text);
  for (let left = draw(3) === 0 ? draw(4) : 0; left > 0; left--) {
    bytes[draw(bytes.length)] = draw(256);
  }
  return bytes;
}

function damage(draw: Draw): string {
  switch (draw(6)) {
    case 0:
      return pick(draw, REPEATED).repeat(1 + draw(pick(draw, [10, 100, 5000])));
    case 1:
      return Array.from(
        { length: draw(300) },
        (_, index) => `k${index} = ${draw(9)}\n`,
      ).join("");
    case 2:
      return Array.from(
        { length: draw(60) },
        (_, index) =>
          `[services.s${index}]\ncommand = "x"\ndepends_on = ["s${
            draw(60)
          }"]\n`,
      ).join("");
    default:
      return Array.from({ length: 1 + draw(8) }, () => pick(draw, PIECES))
        .join("");
  }
}

/** Stands where another value belongs. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  "",
  "0",
  -1,
  0,
  1e308,
  2 ** 53,
  [],
  [[]],
  {},
  "\u0000\u001b]0;x\u0007\u202e",
  "x".repeat(10_000),
  "9999-12-31T23:59:59.999Z",
];

/** Damages a file in JSON: its text, one of its values, or all of it. */
export function hostileJson(draw: Draw, text: string): Uint8Array {
  const at = draw(text.length);
  const ways: readonly (() => string)[] = [
    () => text,
    () => text.slice(0, at),
    () => text.slice(0, at) + (text[draw(text.length)] ?? "") + text.slice(at),
    () => text.slice(0, at) + text.slice(at + 1 + draw(8)),
    () => withOddValue(draw, JSON.parse(text)),
    () => withOddValue(draw, JSON.parse(withOddValue(draw, JSON.parse(text)))),
    () => "[".repeat(rarelyLarge(draw, 200_000)),
    () => `{"a":`.repeat(rarelyLarge(draw, 40_000)),
    () => `{${manyKeys(rarelyLarge(draw, 10_000))}}`,
    () => text + text,
    () => " ".repeat(rarelyLarge(draw, 300_000)) + text,
  ];
  const way = ways[draw(ways.length)];
  const bytes = new TextEncoder().encode(way?.() ?? "");
  if (draw(4) === 0 && bytes.length > 0) {
    bytes[draw(bytes.length)] = draw(256);
  }
  return bytes;
}

function rarelyLarge(draw: Draw, max: number): number {
  return draw(draw(50) === 0 ? max : max / 50);
}

function withOddValue(draw: Draw, value: Record<string, unknown>): string {
  const keys = Object.keys(value);
  const key = keys[draw(keys.length)] ?? "x";
  return JSON.stringify({
    ...value,
    [key]: ODD_VALUES[draw(ODD_VALUES.length)],
  });
}

function manyKeys(count: number): string {
  return Array.from({ length: count }, (_, index) => `"k${index}":${index}`)
    .join();
}
