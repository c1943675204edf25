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
  [
    127,
    "/bin/sh: 1: exec: /x/my proj/.venv/bin/uvicorn: not found",
    { kind: "not-found", program: "/x/my proj/.venv/bin/uvicorn" },
  ],
  [
    127,
    "devsvc: 1: exec: /x/my proj/serve: not found",
    { kind: "not-found", program: "/x/my proj/serve" },
  ],
  [
    127,
    "bash: line 1: /x/my proj/serve: No such file or directory",
    { kind: "not-found", program: "/x/my proj/serve" },
  ],
  [
    127,
    "sh: ligne 1: /x/my proj/serve: Aucun fichier ou dossier de ce type",
    { kind: "not-found", program: "/x/my proj/serve" },
  ],
  [
    127,
    "sh: Zeile 1: /x/my proj/serve: Befehl nicht gefunden.",
    { kind: "not-found", program: "/x/my proj/serve" },
  ],
  [
    127,
    "zsh:1: no such file or directory: /x/my proj/serve",
    { kind: "not-found", program: "/x/my proj/serve" },
  ],
  [
    127,
    "./my run.sh: 12: unicorn: not found",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "sh: unicorn: not found",
    { kind: "not-found", program: "unicorn" },
  ],
  [
    127,
    "/usr/bin/env: ‘my prog’: No such file or directory",
    { kind: "not-found", program: "my prog" },
  ],
  [
    127,
    "env: node: No such file or directory",
    { kind: "not-found", program: "node" },
  ],
  [
    127,
    "env: «\u00a0pythonzz\u00a0»: Aucun fichier ou dossier de ce nom",
    { kind: "not-found", program: "pythonzz" },
  ],
  [
    127,
    "timeout: failed to run command ‘pythonzz’: No such file or directory",
    { kind: "not-found", program: "pythonzz" },
  ],
  [127, "", { kind: "usual-code", code: 127 }],
  [127, "working", { kind: "usual-code", code: 127 }],
  [127, "GET /x: not found", { kind: "usual-code", code: 127 }],
  [
    127,
    "open: /etc/x.conf: No such file or directory",
    { kind: "usual-code", code: 127 },
  ],
  [127, "crash: page: not found", { kind: "usual-code", code: 127 }],
  [127, "Error: 404: page: not found", { kind: "usual-code", code: 127 }],
  [
    127,
    "sh: line 1: cd: web: No such file or directory",
    { kind: "usual-code", code: 127 },
  ],
  [
    126,
    "sh: line 1: ./x: /bin/nope: bad interpreter: No such file or directory",
    { kind: "not-executable", program: "./x" },
  ],
  [127, "config.yml: line 3: key: not found", {
    kind: "usual-code",
    code: 127,
  }],
  [
    126,
    "sh: ligne 1: ./x: /bin/nope: mauvais interpréteur: Aucun fichier ou dossier de ce type",
    { kind: "not-executable", program: "./x" },
  ],
  [126, "working", { kind: "usual-code", code: 126 }],
  [126, "open: /x: Permission denied", { kind: "usual-code", code: 126 }],
  [
    126,
    "/bin/sh: 1: exec: /x/my proj/run: Permission denied",
    { kind: "not-executable", program: "/x/my proj/run" },
  ],
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
  [9009, "", { kind: "usual-code", code: 9009 }],
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
