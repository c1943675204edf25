import { deepStrictEqual } from "node:assert/strict";
import { hintOf, type StartHint } from "./start_hint.ts";

const CASES: readonly (readonly [number, string, StartHint | undefined])[] = [
  [127, "/bin/sh: 1: source: not found", { kind: "source" }],
  [127, "sh: line 1: source: command not found", { kind: "source" }],
  [
    127,
    "/bin/sh: 1: unicorn: not found",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "bash: line 1: unicorn: command not found",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "sh: ligne 1: unicorn : commande introuvable",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "zsh:1: command not found: unicorn",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "sh: 1: exec: unicorn: not found",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "env: ‘python3.9’: No such file or directory",
    { kind: "not-found", program: "python3.9" },
  ],
  [
    127,
    "sh: ./run.sh: No such file or directory",
    { kind: "not-found", program: "./run.sh" },
  ],
  [127, "", { kind: "not-found" }],
  [
    126,
    "/bin/sh: 1: ./run.sh: Permission denied",
    { kind: "not-executable", program: "./run.sh" },
  ],
  [
    126,
    "sh: line 1: ./run: cannot execute: required file not found",
    { kind: "not-executable", program: "./run" },
  ],
  [
    1,
    "'unicorn' is not recognized as an internal or external command,",
    { kind: "not-found", program: "unicorn" },
  ],
  [9009, "", { kind: "not-found" }],
  [1, "GET /x: not found", undefined],
  [3, "Error: config not found", undefined],
];

Deno.test("hintOf() reads what a shell says of a program that it cannot run", () => {
  for (const [code, line, hint] of CASES) {
    const lines = ["something before", ...line === "" ? [] : [line]];
    deepStrictEqual(hintOf(code, lines), hint, `${code} ${line}`);
  }
});

Deno.test("hintOf() says of source what it is, although more is not found after it", () => {
  const lines = ["sh: 1: source: not found", "sh: 1: uvicorn: not found"];
  deepStrictEqual(hintOf(127, lines), { kind: "source" });
});
