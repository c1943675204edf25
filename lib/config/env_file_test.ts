import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { EnvFileError, parseEnvFile, readEnvFile } from "./env_file.ts";

const VALUES: readonly (readonly [string, Record<string, string>])[] = [
  ["A=1", { A: "1" }],
  ["A=", { A: "" }],
  ["export A=1", { A: "1" }],
  ["  A = 1  ", { A: "1" }],
  ["exported=1", { exported: "1" }],
  ["# A=1\n\n   # B=2", {}],
  ["A=1 # one", { A: "1" }],
  ["A=1#one", { A: "1#one" }],
  ["A=#one", { A: "#one" }],
  ["A= # none", { A: "" }],
  ["URL=http://x/?a=b&c=d", { URL: "http://x/?a=b&c=d" }],
  ["A='1 # \"2\" \\n' # end", { A: '1 # "2" \\n' }],
  ["A=\"1 # '2'\" # end", { A: "1 # '2'" }],
  ['A="l1\\nl2\\t\\"q\\" \\\\"', { A: 'l1\nl2\t"q" \\' }],
  ['A="C:\\dir\\new"', { A: "C:\\dir\new" }],
  ["A='C:\\dir\\new'", { A: "C:\\dir\\new" }],
  ["A=it's", { A: "it's" }],
  ["A=$HOME/${B}", { A: "$HOME/${B}" }],
  ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
  ["\ufeffA=1", { A: "1" }],
  ["NOM=été 漢字", { NOM: "été 漢字" }],
  ["A=1\nA=2", { A: "2" }],
];

Deno.test("parseEnvFile() reads what people write", () => {
  for (const [text, expected] of VALUES) {
    deepStrictEqual(parseEnvFile(text), { values: expected, issues: [] }, text);
  }
});

Deno.test("parseEnvFile() reports every line that it cannot read", () => {
  const text = [
    "GOOD=1",
    "no equals",
    "1A=x",
    "=x",
    'A="open',
    "A='open",
    'A="closed" more',
    "A=\0",
    'A="open\\"',
  ].join("\n");
  deepStrictEqual(parseEnvFile(text), {
    values: { GOOD: "1" },
    issues: [
      { line: 2, reason: "no-equals" },
      { line: 3, reason: "bad-name" },
      { line: 4, reason: "bad-name" },
      { line: 5, reason: "unclosed-quote" },
      { line: 6, reason: "unclosed-quote" },
      { line: 7, reason: "text-after-quote" },
      { line: 8, reason: "nul" },
      { line: 9, reason: "unclosed-quote" },
    ],
  });
});

Deno.test("parseEnvFile() reads back any value in double quotes", () => {
  const line = fc.string({ unit: "grapheme" })
    .filter((text) => !/[\r\0]/.test(text));
  fc.assert(fc.property(line, (value) => {
    const quoted = value.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
    const { values } = parseEnvFile(`A="${quoted}" # comment`);
    strictEqual(values["A"], value);
  }));
});

const letter = fc.constantFrom(..."A=1 #\"'\\n\r\n\t\0é漢😀", "\ud800");

Deno.test("parseEnvFile() never throws and never loses a line", () => {
  fc.assert(fc.property(fc.string({ unit: letter }), (text) => {
    const { values, issues } = parseEnvFile(text);
    const lines = text.split(/\r\n|\n|\r/).length;
    strictEqual(Object.keys(values).length + issues.length <= lines, true);
  }));
});

Deno.test("parseEnvFile() is quick with a line of blanks", () => {
  const start = performance.now();
  const { issues } = parseEnvFile(`${" ".repeat(20_000)}x`);
  deepStrictEqual(issues, [{ line: 1, reason: "no-equals" }]);
  ok(performance.now() - start < 1_000);
});

Deno.test("parseEnvFile() keeps a variable called __proto__", () => {
  deepStrictEqual(Object.entries(parseEnvFile("__proto__=x").values), [[
    "__proto__",
    "x",
  ]]);
});

Deno.test("readEnvFile() reports a missing file, a folder and a bad line", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/.env`;
    throws(() => readEnvFile(file), (error) => {
      return error instanceof EnvFileError && error.reason === "not-found";
    });
    throws(() => readEnvFile(folder), (error) => {
      return error instanceof EnvFileError && error.reason === "is-folder";
    });
    await Deno.writeTextFile(file, "A=1\nB\n");
    throws(() => readEnvFile(file), {
      name: "EnvFileError",
      message: `Cannot read ${file}: line 2 no-equals`,
    });
    await Deno.writeFile(file, new Uint8Array([0xff, 0xfe, 0x41, 0, 0x3d, 0]));
    throws(() => readEnvFile(file), { reason: "encoding" });
    await Deno.writeTextFile(file, "A=été\n");
    deepStrictEqual(readEnvFile(file), { A: "été" });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
