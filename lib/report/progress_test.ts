import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { makeService, makeWorker } from "../../tests/kit/builders.ts";
import type { ServiceEvent } from "../core/events.ts";
import { type Language, LANGUAGES } from "../core/model.ts";
import { loadMessages } from "./messages/load_messages.ts";
import { eventLines, liveLine } from "./progress.ts";
import type { View } from "./view.ts";

const API = makeService();
const NODE = { pid: 100, name: "node" };
const SH = { pid: 101, name: "sh" };

async function viewIn(language: Language): Promise<View> {
  const messages = await loadMessages(language);
  return { messages, language, style: { color: false, emoji: false } };
}

const LINES: readonly (readonly [ServiceEvent, readonly string[]])[] = [
  [{ kind: "starting", service: "api" }, []],
  [{
    kind: "waiting",
    service: "api",
    pending: { kind: "port", port: 8000 },
  }, []],
  [
    { kind: "spawned", service: "api", pid: 100 },
    ["[.] API: started"],
  ],
  [
    {
      kind: "slow",
      service: "api",
      log: "/p/api.log",
      lines: ["ImportError", "evil\u202e"],
      limit: 60_000,
    },
    [
      "[.] API: not ready yet, last 2 lines of /p/api.log:",
      "   | ImportError",
      "   | evil\ufffd",
      "   still waiting, up to 60 s: ready.timeout",
    ],
  ],
  [
    {
      kind: "still-waiting",
      service: "api",
      pending: { kind: "port", port: 8000 },
      waited: 20_020,
      limit: 60_000,
    },
    ["[.] API: waiting for port 8000… (20 s of 60 s: ready.timeout)"],
  ],
  [
    { kind: "still-waiting", service: "api", waited: 20_020, limit: 60_000 },
    ["[.] API: still waiting, up to 60 s: ready.timeout"],
  ],
  [
    { kind: "ready", service: "api", pid: 100, elapsed: 1400 },
    ["[OK] API: ready in 1.4 s (PID 100)  http://localhost:8000"],
  ],
  [
    { kind: "stopping", service: "api", processes: [NODE, SH] },
    ["[-] API: stopping node (PID 100), sh (PID 101)"],
  ],
  [
    { kind: "held", service: "api", port: 8000, holders: [NODE] },
    ["[!] API: port 8000 belongs to node (PID 100)"],
  ],
  [
    { kind: "stop-command", service: "api", pid: 7 },
    ["[-] API: its stop command runs (PID 7)"],
  ],
  [
    {
      kind: "stop-command-failed",
      service: "api",
      failure: { kind: "exited", code: 3 },
    },
    ["[!] API: its stop command failed with exit code 3"],
  ],
  [
    { kind: "still-running", service: "api", processes: [SH], isLong: false },
    [],
  ],
  [
    { kind: "still-running", service: "api", processes: [SH], isLong: true },
    ["[.] API: waiting for the end of sh (PID 101)"],
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: {
        kind: "timeout",
        waited: 60_000,
        pending: {
          kind: "port-mismatch",
          port: 5173,
          mismatchedPorts: [5174],
          holders: [NODE],
        },
        log: "a.log",
        lines: [],
      },
    },
    [
      "[X] API: not ready after 60 s (ready.timeout); it was left running",
      "   listens on port 5174, not on its port 5173, which belongs to node (PID 100)",
      "   → have it fail rather than take another port (Vite: --strictPort), or write port = 5174 in services.toml",
      "   it wrote nothing (a.log)",
    ],
  ],
  [
    { kind: "escalating", service: "api", processes: [NODE], waited: 5000 },
    ["[!] API: still there after 5.0 s: killing node (PID 100)"],
  ],
  [
    { kind: "stopped", service: "api", elapsed: 20 },
    ["[OK] API: stopped in 20 ms"],
  ],
  [
    {
      kind: "not-stopped",
      service: "api",
      failure: { kind: "survivors", processes: [NODE] },
    },
    ["[X] API: NOT stopped: still alive: node (PID 100)"],
  ],
  [
    { kind: "crashed", service: "api", pid: 100 },
    ["[!] API: had crashed (PID 100)"],
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: { kind: "exited", code: 1, log: "a.log", lines: ["x", "no db"] },
    },
    [
      "[X] API: ended with exit code 1 before it was ready",
      "   last 2 lines of a.log:",
      "   | x",
      "   | no db",
    ],
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: {
        kind: "timeout",
        waited: 60_000,
        pending: { kind: "owner", port: 8000, holders: [NODE] },
        log: "a.log",
        lines: [],
      },
    },
    [
      "[X] API: not ready after 60 s (ready.timeout); it was left running",
      "   port 8000 answers, but it belongs to node (PID 100)",
      "   it wrote nothing (a.log)",
    ],
  ],
  [
    {
      kind: "failed",
      service: "api",
      failure: { kind: "dependency", names: ["db", "mail"] },
    },
    ["[X] API: not started, because db, mail is not ready"],
  ],
];

Deno.test("eventLines() says what happened in lines that stay", async () => {
  const view = await viewIn("en");
  for (const [event, expected] of LINES) {
    deepStrictEqual(eventLines(event, API, view), expected);
  }
});

Deno.test("eventLines() gives no address to a service without port", async () => {
  const event = { kind: "ready", service: "api", pid: 1, elapsed: 5 } as const;
  const [line] = eventLines(event, makeWorker(), await viewIn("en"));
  strictEqual(line, "[OK] API: ready in 5 ms (PID 1)");
});

Deno.test("eventLines() in French has its colon and its decimal mark", async () => {
  const event = {
    kind: "ready",
    service: "api",
    pid: 1,
    elapsed: 1400,
  } as const;
  const [line] = eventLines(event, makeWorker(), await viewIn("fr"));
  strictEqual(line, "[OK] API : prêt en 1,4 s (PID 1)");
});

/** What could move the cursor, hide a line or turn the text round. */
// deno-lint-ignore no-control-regex
const HOSTILE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

const EVIL = { pid: 100, name: "a\x1b[2Jb\nc\u202ed" };

const EVIL_EVENTS: readonly ServiceEvent[] = [
  { kind: "held", service: "api", port: 8000, holders: [EVIL] },
  { kind: "still-running", service: "api", processes: [EVIL], isLong: true },
  {
    kind: "stop-command-failed",
    service: "api",
    failure: { kind: "spawn", reason: EVIL.name },
  },
  { kind: "stopping", service: "api", processes: [EVIL] },
  { kind: "escalating", service: "api", processes: [EVIL], waited: 5 },
  {
    kind: "not-stopped",
    service: "api",
    failure: { kind: "held", holders: [EVIL] },
  },
  {
    kind: "waiting",
    service: "api",
    pending: { kind: "owner", port: 8000, holders: [EVIL] },
  },
  {
    kind: "failed",
    service: "api",
    failure: { kind: "exited", log: "a", lines: [EVIL.name, "\x1b[31mred"] },
  },
];

Deno.test("eventLines() and liveLine() make hostile names and logs harmless", async () => {
  for (const language of LANGUAGES) {
    const view = await viewIn(language);
    for (const event of EVIL_EVENTS) {
      const shown = [
        ...eventLines(event, API, view),
        liveLine(event, API, view, 0) ?? "",
      ];
      for (const line of shown) {
        ok(!HOSTILE.test(line), JSON.stringify(line));
      }
    }
  }
});

Deno.test("liveLine() stands for a service while it is waited for, and no longer", async () => {
  const view = await viewIn("en");
  const pending = { kind: "port", port: 8000 } as const;
  const cases: readonly (readonly [ServiceEvent, string | undefined])[] = [
    [{ kind: "starting", service: "api" }, "[.] API  starting…  1.4 s"],
    [
      { kind: "spawned", service: "api", pid: 7 },
      "[.] API  started  1.4 s",
    ],
    [
      { kind: "waiting", service: "api", pending },
      "[.] API  waiting for port 8000…  1.4 s",
    ],
    [
      { kind: "stopping", service: "api", processes: [NODE] },
      "[.] API  stopping node (PID 100)  1.4 s",
    ],
    [
      { kind: "stop-command", service: "api", pid: 7 },
      "[.] API  its stop command runs (PID 7)  1.4 s",
    ],
    [
      { kind: "still-running", service: "api", processes: [SH], isLong: true },
      "[.] API  waiting for the end of sh (PID 101)  1.4 s",
    ],
    [{ kind: "ready", service: "api", pid: 7, elapsed: 5 }, undefined],
    [{ kind: "stopped", service: "api", elapsed: 5 }, undefined],
    [{ kind: "crashed", service: "api", pid: 7 }, undefined],
  ];
  for (const [event, expected] of cases) {
    strictEqual(liveLine(event, API, view, 1400), expected);
  }
});

Deno.test("eventLines() in French says why a check fails in French", async () => {
  const view = await viewIn("fr");
  const told = (detail: string) =>
    eventLines(
      {
        kind: "still-waiting",
        service: "api",
        pending: { kind: "check", check: { kind: "http", path: "/" }, detail },
        waited: 15_000,
        limit: 60_000,
      },
      API,
      view,
    )[0];
  strictEqual(
    told("connection refused"),
    "[.] API : attend GET / : connexion refusée (15 s sur 60 s : ready.timeout)",
  );
  ok(told("not seen yet")?.includes(": pas encore vue ("));
  ok(told("exit code 3")?.includes(": code 3 ("));
  ok(told("HTTP 500")?.includes(": HTTP 500 ("));
});
