import { deepStrictEqual } from "node:assert/strict";
import { makeEntry, makeListener } from "../../tests/kit/builders.ts";
import { debugPortsIn, mismatchedPortsOf } from "./port_mismatch.ts";

const NPM = makeEntry(100, { name: "npm" });
const VITE = makeEntry(110, { ppid: 100, group: 100, session: 100 });

Deno.test("mismatchedPortsOf() lists the ports that a tree took instead of its own", () => {
  const elsewhere = [makeListener(8002, [110]), makeListener(8001, [110])];
  deepStrictEqual(mismatchedPortsOf(8000, [NPM, VITE], elsewhere), [
    8001,
    8002,
  ]);
  deepStrictEqual(
    mismatchedPortsOf(8000, [NPM, VITE], [
      ...elsewhere,
      makeListener(8000, [100], "::1"),
    ]),
    [],
  );
  deepStrictEqual(mismatchedPortsOf(8000, [NPM], elsewhere), []);
  deepStrictEqual(mismatchedPortsOf(8000, [], []), []);
});

const API = makeEntry(120, { ppid: 100 });
const TREE = [NPM, VITE];
const READY_AT = "2026-09-01T10:00:00.000Z";
const BEFORE = Date.parse(READY_AT) - 1_000;

for (
  const [what, tree, port, clues] of [
    ["the usual port of a debugger of Node", TREE, 9229, {}],
    ["the usual port of debugpy", TREE, 5678, {}],
    ["the port that a debugger was given", TREE, 21461, {
      debugPorts: new Set([21461]),
    }],
    ["the port of another service", TREE, 8001, {
      otherPorts: new Set([8000, 8001]),
    }],
    ["a port that the OS has chosen", TREE, 43215, {}],
    ["the port of one member beside another", [...TREE, API], 4000, {}],
    [
      "a port that was there before it was ready",
      [
        NPM,
        { ...VITE, startedAt: BEFORE },
      ],
      4000,
      { record: { readyAt: READY_AT, main: 100 } },
    ],
  ] as const
) {
  Deno.test(`mismatchedPortsOf() passes over ${what}`, () => {
    const rows = [makeListener(port, [110])];
    deepStrictEqual(mismatchedPortsOf(8000, tree, rows, clues), []);
  });
}

for (
  const [what, port, entry, record] of [
    ["of a process that has never been ready", 3000, VITE, undefined],
    ["of a process that began when it was ready", 3000, {
      ...VITE,
      startedAt: BEFORE + 2_000,
    }, { readyAt: READY_AT, main: 100 }],
    ["of its main process", 3000, { ...VITE, startedAt: BEFORE }, {
      readyAt: READY_AT,
      main: 110,
    }],
    ["that follows its own", 8003, { ...VITE, startedAt: BEFORE }, {
      readyAt: READY_AT,
      main: 100,
    }],
  ] as const
) {
  Deno.test(`mismatchedPortsOf() tells a port ${what}`, () => {
    const rows = [makeListener(port, [110])];
    const found = mismatchedPortsOf(8000, [NPM, entry], rows, { record });
    deepStrictEqual(found, [port]);
  });
}

for (
  const [line, ports] of [
    ["node --inspect=127.0.0.1:21461 api.js", [21461]],
    ["node --inspect-brk=21461 api.js", [21461]],
    ["node --inspect api.js", []],
    ["node api.js --port=3000", []],
    ["deno run --inspect-wait=[::1]:21461 api.ts", [21461]],
    ["python -m debugpy --listen 127.0.0.1:21461 app.py", [21461]],
    ["dlv debug --headless --listen=:21461", [21461]],
    [
      "java -agentlib:jdwp=transport=dt_socket,server=y,address=*:21461 -jar a",
      [21461],
    ],
    ["uvicorn app:app --port 8000", []],
  ] as const
) {
  Deno.test(`debugPortsIn() reads: ${line}`, () => {
    deepStrictEqual(debugPortsIn(line.split(" ")), ports);
  });
}
