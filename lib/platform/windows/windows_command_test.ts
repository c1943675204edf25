// How commands are written for Windows; nothing is run.

import assert from "node:assert/strict";
import * as fc from "fast-check";
import { splitCommandLine } from "../parse/windows_process.ts";
import {
  commandLine,
  findProgram,
  mergeEnvironments,
  parseSet,
  quoteArgument,
  quoteForBatch,
} from "./windows_command.ts";

const SHELL = "C:\\Windows\\System32\\cmd.exe";

/** Text full of what has a meaning to Windows. */
const nasty = fc.string({
  unit: fc.constantFrom(..."\"\\ \t&|<>()%^!=,;'`é€😀/:a-"),
  maxLength: 12,
});

Deno.test("quoteArgument() writes what programs read back", () => {
  const cases = {
    plain: "plain",
    "": '""',
    "a b": '"a b"',
    'say "hi"': '"say \\"hi\\""',
    "C:\\dir": "C:\\dir",
    "C:\\a dir\\": '"C:\\a dir\\\\"',
    'a\\"b': '"a\\\\\\"b"',
    "a&b|c<d>e(f)%g%^h!i!": "a&b|c<d>e(f)%g%^h!i!",
  };
  for (const [argument, quoted] of Object.entries(cases)) {
    assert.equal(quoteArgument(argument), quoted);
  }
  fc.assert(fc.property(fc.array(fc.oneof(nasty, fc.string())), (args) => {
    const line = ["x", ...args.map(quoteArgument)].join(" ");
    assert.deepEqual(splitCommandLine(line), ["x", ...args]);
  }));
});

Deno.test("quoteForBatch() leaves nothing open and no variable", () => {
  assert.equal(quoteForBatch("plain-1.0"), "plain-1.0");
  assert.equal(quoteForBatch(""), '""');
  assert.equal(quoteForBatch("a&b"), '"a&b"');
  assert.equal(quoteForBatch('a"b'), '"a""b"');
  assert.equal(quoteForBatch("a\\"), '"a\\\\"');
  assert.equal(quoteForBatch("%PATH%"), '"%%cd:~,%PATH%%cd:~,%"');
  assert.throws(() => quoteForBatch("a\nb"), /two lines/);
  fc.assert(fc.property(nasty, (argument) => {
    const quotes = quoteForBatch(argument).split('"').length - 1;
    assert.equal(quotes % 2, 0);
  }));
});

Deno.test("commandLine() gives a string to the shell", () => {
  assert.equal(
    commandLine('echo "a" & dir', SHELL),
    `${SHELL} /d /s /c "echo "a" & dir"`,
  );
});

Deno.test("commandLine() runs an array as it is", () => {
  assert.equal(
    commandLine(["C:\\a b\\node.exe", "x y", '"'], SHELL),
    '"C:\\a b\\node.exe" "x y" "\\""',
  );
  assert.equal(
    commandLine(["C:\\npm.CMD", "run", "x y"], SHELL),
    `${SHELL} /e:on /v:off /d /s /c ""C:\\npm.CMD" run "x y""`,
  );
});

Deno.test("commandLine() refuses commands that Windows cannot run", () => {
  for (const empty of ["", " ", [], [""], ["", "x"]]) {
    assert.throws(() => commandLine(empty, SHELL), /the command is empty/);
  }
  assert.throws(() => commandLine(["a", "b\0c"], SHELL), /zero character/);
  assert.throws(
    () => commandLine(["a", "b".repeat(9000)], SHELL),
    /longer than 8191 characters/,
  );
});

Deno.test("parseSet() reads every variable", () => {
  const text = "ACC=é€😀\r\nEMPTY=\r\nLINES=a\nb=c\r\nrest\r\n\r\nEQ=a=b\r\n";
  assert.deepEqual(parseSet(text), {
    ACC: "é€😀",
    EMPTY: "",
    LINES: "a\nb=c\r\nrest\r\n",
    EQ: "a=b",
  });
  assert.deepEqual(parseSet(""), {});
  assert.deepEqual(parseSet("no variable\r\n"), {});
});

Deno.test("mergeEnvironments() knows no case", () => {
  assert.deepEqual(
    mergeEnvironments({ Path: "a", x: "1" }, { PATH: "b" }, { X: "" }),
    { Path: "b", x: "" },
  );
});

Deno.test("findProgram() finds what cmd.exe would run", () => {
  const files = new Set([
    "C:\\shop\\run.bat",
    "C:\\shop\\bin\\tool.exe",
    "C:\\nodejs\\npm",
    "C:\\nodejs\\npm.cmd",
    "C:\\py dir\\python.exe",
    "D:\\x.y.com",
  ]);
  const isFile = (path: string) =>
    [...files].some((file) => file.toLowerCase() === path.toLowerCase());
  const env = { Path: 'C:\\nodejs\\;;"C:\\py dir"' };
  const cases = {
    npm: "C:\\nodejs\\npm.CMD",
    "npm.cmd": "C:\\nodejs\\npm.cmd",
    python: "C:\\py dir\\python.EXE",
    run: "C:\\shop\\run.BAT",
    "./run.bat": "C:\\shop\\run.bat",
    "bin/tool": "C:\\shop\\bin\\tool.EXE",
    "D:/x.y": "D:\\x.y.COM",
    nothing: "nothing",
    "./nothing/x": ".\\nothing\\x",
  };
  for (const [program, path] of Object.entries(cases)) {
    const found = findProgram(program, { cwd: "C:\\shop", env, isFile });
    assert.equal(found, path, program);
  }
  const only = { cwd: "C:\\shop", env: { PATHEXT: ".EXE" }, isFile };
  assert.equal(findProgram("run", only), "run");
});
