import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeRunRecord,
  makeService,
  makeWorker,
  NOW,
} from "../../tests/kit/builders.ts";
import {
  type Diagnosis,
  type Language,
  LANGUAGES,
  type State,
  STATES,
} from "../core/model.ts";
import { formatTime } from "./format.ts";
import { loadDetails, loadMessages } from "./messages/load_messages.ts";
import { type Why, whyReport, type WhyView } from "./why_report.ts";

async function viewIn(language: Language): Promise<WhyView> {
  return {
    messages: await loadMessages(language),
    words: (await loadDetails(language)).why,
    language,
    style: { color: false, emoji: false },
    now: NOW,
  };
}

async function report(
  fields: Partial<Diagnosis>,
  more: Partial<Why> = {},
  language: Language = "en",
): Promise<readonly string[]> {
  const why: Why = {
    diagnosis: makeDiagnosis(fields),
    dependencies: [],
    blockers: new Set(),
    recordFile: "/p/.devsvc/runs/api.json",
    ...more,
  };
  return whyReport(why, await viewIn(language));
}

const WRAPPER = makeEntry(100, { name: "sh" });
const TREE = [
  WRAPPER,
  makeEntry(110, { ppid: 100 }),
  makeEntry(120, { ppid: 110, name: "worker" }),
  makeEntry(130, { ppid: 100, name: "tail" }),
];
const RUN_RECORD = makeRunRecord(WRAPPER);
const { readyAt: _, ...UNREADY } = RUN_RECORD;
const AT = formatTime(NOW - 60_000, NOW);
const PARENTS = [
  { pid: 50, name: "make" },
  { pid: 40, name: "bash" },
  { pid: 30, name: "tmux" },
  { pid: 20, name: "login" },
  { pid: 1, name: "init" },
];

/** A state as it is met, and all that is said of it. */
interface Case {
  readonly of: string;
  readonly is: Partial<Diagnosis>;
  readonly with?: Partial<Why>;
  readonly lines: readonly string[];
}

const HOLDER = `PID 500 · node server.js · not from this project · since ${AT}`;

const CASES: readonly Case[] = [
  {
    of: "a free port",
    is: { state: "free" },
    lines: [
      "[-] API (8000): free",
      "   Nothing of it runs, and its port is free",
      "   → devsvc start api starts it",
    ],
  },
  {
    of: "a worker that runs twice, without a run record",
    is: {
      state: "duplicate",
      service: makeWorker(),
      record: RUN_RECORD,
      recordIssue: "missing",
      otherRuns: [makeRunRecord(makeEntry(200))],
      tree: [...TREE, makeEntry(200)],
    },
    lines: [
      "[X] API: running more than once",
      "   It was started more than once, and all of its runs live",
      "   The run record of API is gone (/p/.devsvc/runs/api.json): its processes say what they are",
      `   devsvc started it at ${AT}`,
      "   API: runs 2 times at once (PID 110, PID 200); devsvc stop ends all of them",
      "   Its processes:",
      "     sh (100)",
      "       node (110)",
      "         worker (120)",
      "       tail (130)",
      "     node (200)",
      "   → devsvc stop ends all of them, devsvc restart then starts one",
    ],
  },
  {
    of: "a worker that does not run",
    is: { state: "stopped", service: makeWorker() },
    lines: [
      "[-] API: stopped",
      "   Nothing of it runs",
      "   → devsvc start api starts it",
    ],
  },
  {
    of: "a service that is up",
    is: {
      state: "running",
      health: "healthy",
      record: RUN_RECORD,
      tree: TREE,
      holders: [makeHolder(110, { parents: [{ pid: 100, name: "sh" }] })],
    },
    lines: [
      "[OK] API (8000): ready",
      "   Its process lives, its port is its own, and its checks pass",
      `   devsvc started it at ${AT}, it was proven ready 10.0 s later`,
      `   PID 110 · node server.js · started by devsvc · since ${AT} · healthy`,
      "     ← sh (100)",
      "   Its processes:",
      "     sh (100)",
      "       node (110)",
      "         worker (120)",
      "       tail (130)",
    ],
  },
  {
    of: "a worker that is up",
    is: {
      state: "running",
      service: makeWorker({ ready: [{ kind: "log", pattern: "up" }] }),
      record: RUN_RECORD,
      tree: [WRAPPER],
    },
    lines: [
      "[OK] API: ready",
      "   Its process lives, and its checks pass",
      `   devsvc started it at ${AT}, it was proven ready 10.0 s later`,
      "   Its processes:",
      "     sh (100)",
    ],
  },
  {
    of: "a worker with nothing to check, changed since",
    is: {
      state: "started",
      service: makeWorker(),
      record: RUN_RECORD,
      tree: [WRAPPER],
      configChanged: true,
    },
    lines: [
      "[OK] API: started, nothing to check",
      "   It was started, and has neither port nor check: nothing proves that it is ready",
      `   devsvc started it at ${AT}`,
      "   Its processes:",
      "     sh (100)",
      "   API: services.toml changed since it was started; devsvc restart api applies it",
      "   → to have that proven, set ready.log or ready.command in services.toml",
    ],
  },
  {
    of: "a service on its way",
    is: { state: "starting", record: UNREADY, tree: [WRAPPER] },
    with: { pending: { kind: "port", port: 8000 } },
    lines: [
      "[.] API (8000): starting",
      "   Its process lives, but it is not ready yet",
      `   devsvc started it at ${AT}, it has 1 min 00 s to be ready`,
      "   Its processes:",
      "     sh (100)",
      "   waiting for port 8000…",
      "   → devsvc logs -f api shows what it writes",
    ],
  },
  {
    of: "a service that fails its check",
    is: {
      state: "unhealthy",
      health: "unhealthy",
      record: UNREADY,
      tree: [WRAPPER],
      holders: [makeHolder(100)],
    },
    with: {
      pending: {
        kind: "check",
        check: { kind: "http", path: "/health" },
        detail: "HTTP 500",
      },
      log: { file: "/p/api.log", lines: ["no database", "\x1b[31mretry"] },
    },
    lines: [
      "[X] API (8000): unhealthy",
      "   Its process lives, but it does not do its work",
      `   devsvc started it at ${AT}, it was not ready within 1 min 00 s`,
      `   PID 100 · node server.js · started by devsvc · since ${AT} · not healthy`,
      "   Its processes:",
      "     sh (100)",
      "   GET /health fails: HTTP 500",
      "   last 2 lines of /p/api.log:",
      "   | no database",
      "   | �[31mretry",
      "   → devsvc restart stops it and starts it again",
    ],
  },
  {
    of: "a service that is suspended",
    is: {
      state: "suspended",
      record: RUN_RECORD,
      tree: [WRAPPER],
      holders: [{ ...makeHolder(100), suspended: true }],
    },
    lines: [
      "[X] API (8000): suspended",
      "   Its process is suspended (SIGSTOP, Ctrl-Z): it does nothing until SIGCONT",
      `   devsvc started it at ${AT}, it was proven ready 10.0 s later`,
      `   PID 100 · node server.js · started by devsvc · since ${AT} · suspended (SIGSTOP, Ctrl-Z)`,
      "   Its processes:",
      "     sh (100)",
      "   → kill -CONT with its process id lets it go on; devsvc restart stops it and starts it again",
    ],
  },
  {
    of: "a service that crashed",
    is: { state: "crashed", lost: RUN_RECORD, recordIssue: "dead" },
    with: { log: { file: "/p/api.log", lines: ["fatal"] } },
    lines: [
      "[X] API (8000): crashed",
      "   It ended, and devsvc did not stop it",
      `   devsvc started it at ${AT}, PID 100 is gone`,
      "   last 1 line of /p/api.log:",
      "   | fatal",
      "   → devsvc start api starts it",
    ],
  },
  {
    of: "a service that crashed, its number given away",
    is: { state: "crashed", lost: RUN_RECORD, recordIssue: "recycled" },
    with: { log: { file: "/p/api.log", lines: [] } },
    lines: [
      "[X] API (8000): crashed",
      "   It ended, and devsvc did not stop it",
      `   devsvc started it at ${AT}, PID 100 is gone, ` +
      "its number now belongs to another program",
      "   it wrote nothing (/p/api.log)",
      "   → devsvc start api starts it",
    ],
  },
  {
    of: "a run record that lies",
    is: { state: "free", recordIssue: "corrupt" },
    lines: [
      "[-] API (8000): free",
      "   Nothing of it runs, and its port is free",
      "   The run record of API cannot be read (/p/.devsvc/runs/api.json): ignored",
      "   → devsvc start api starts it",
    ],
  },
  {
    of: "a foreign holder, with all its parents",
    is: {
      state: "foreign",
      holders: [makeHolder(500, { user: "bob", parents: PARENTS })],
    },
    lines: [
      "[X] API (8000): held by another program",
      "   Its port is held by a program that is not of this project",
      `   ${HOLDER}`,
      "     user bob · ← make (50) ← bash (40) ← tmux (30) ← login (20) ← init (1)",
      "   → stop it yourself, or: devsvc start --on-conflict=restart",
    ],
  },
  {
    of: "a protected holder",
    is: {
      state: "foreign",
      holders: [makeHolder(500, { name: "svchost.exe", protected: true })],
    },
    lines: [
      "[X] API (8000): held by another program",
      "   Its port is held by a program that is not of this project",
      `   ${HOLDER} · protected`,
      "   → svchost.exe is protected: devsvc never stops it",
    ],
  },
  {
    of: "a holder of this project that fails its check",
    is: {
      state: "untracked",
      health: "unhealthy",
      holders: [makeHolder(500)],
    },
    with: {
      pending: {
        kind: "check",
        check: { kind: "tcp" },
        detail: "connection refused",
      },
    },
    lines: [
      "[X] API (8000): not started by devsvc",
      "   Its port is held by a process of this project that devsvc did not start",
      `   PID 500 · node server.js · from this project · since ${AT} · not healthy`,
      "   TCP connection fails: connection refused",
      "   → devsvc start --on-conflict=restart stops it and starts it again",
    ],
  },
  {
    of: "a container",
    is: { state: "container", unidentifiedHolder: { container: "shop-db-1" } },
    lines: [
      "[X] API (8000): held by a container",
      "   Its port is held by a container (shop-db-1)",
      "   → docker stop shop-db-1",
    ],
  },
  {
    of: "a holder that cannot be seen",
    is: { state: "hidden", unidentifiedHolder: { user: "bob" } },
    lines: [
      "[X] API (8000): held by another user",
      "   Its port is held by somebody whose processes you cannot see (bob)",
      "   → its owner is not visible to you: ask for its rights, or choose another port",
    ],
  },
  {
    of: "a port that is kept after closed connections",
    is: { state: "closing", unidentifiedHolder: { closing: {} } },
    lines: [
      "[.] API (8000): closing (TIME_WAIT), free within a minute",
      "   Nobody listens on its port; the system keeps it for a minute after " +
      "its last connection (TIME_WAIT), and start waits for that",
      "   → devsvc start api starts it",
    ],
  },
  {
    of: "a port that is the end of a connection",
    is: {
      state: "connected",
      holders: [makeHolder(500, { addresses: [] })],
    },
    lines: [
      "[X] API (8000): in use by a connection, nobody listens",
      "   Nobody listens on its port, but a program has it as its end of a connection",
      `   PID 500 · node server.js · has an end of a connection there · since ${AT}`,
      "   → wait until that connection has ended, end its program, or choose another port",
    ],
  },
  {
    of: "a service that a command restarts just now",
    is: { state: "restarting" },
    lines: [
      "[.] API (8000): restarting",
      "   A command is restarting it just now",
    ],
  },
  {
    of: "a service that a command stops just now",
    is: { state: "stopping" },
    lines: [
      "[.] API (8000): stopping",
      "   A command is stopping it just now",
    ],
  },
  {
    of: "a port of the system",
    is: { state: "reserved", reason: "privileged" },
    lines: [
      "[X] API (8000): reserved by the system",
      "   The system does not give its port to programs like this one " +
      "(ports below 1024 need more rights)",
      "   → choose another port, or run with the rights that it needs",
    ],
  },
  {
    of: "what a wrapper left",
    is: { state: "orphan", record: RUN_RECORD, tree: [makeEntry(110)] },
    lines: [
      "[X] API (8000): leftovers without their main process",
      "   Its first process is gone, but processes that it left still run",
      `   devsvc started it at ${AT}, it was proven ready 10.0 s later`,
      "   Its processes:",
      "     node (110)",
      "   → devsvc restart stops it and starts it again",
    ],
  },
  {
    of: "a port of a dead process",
    is: { state: "stale-owner" },
    lines: [
      "[X] API (8000): held by a dead process",
      "   Its port is held in the name of a process that is dead",
      "   → devsvc start --on-conflict=restart stops those who live on with its port; " +
      "where there is none, log out",
    ],
  },
  {
    of: "a state that is not known",
    is: { state: "unknown", reason: "ss: timeout" },
    lines: [
      "[?] API (8000): unknown",
      "   The system could not tell, and nothing is taken for granted (ss: timeout)",
      "   → try again; if it stays, look yourself: ss -ltnp, lsof -iTCP or netstat -ano",
    ],
  },
];

for (const { of, is, with: more, lines } of CASES) {
  Deno.test(`whyReport() explains ${of}`, async () => {
    deepStrictEqual(await report(is, more), lines);
  });
}

Deno.test("whyReport() is tried in every state", () => {
  const tried = new Set(CASES.map(({ is }) => is.state));
  deepStrictEqual(STATES.filter((state) => !tried.has(state)), []);
});

/** What is said of a dependency in some state. */
const DEPENDENCIES: readonly (readonly [State, State, boolean, string])[] = [
  ["free", "running", false, "It depends on DB: ready"],
  ["free", "starting", false, "It waits for DB: starting"],
  [
    "free",
    "crashed",
    false,
    "It needs DB: crashed; devsvc start starts that first",
  ],
  [
    "crashed",
    "foreign",
    true,
    "It cannot be started before DB: held by another program; see devsvc why db",
  ],
  ["running", "crashed", false, "It depends on DB: crashed"],
];

for (const [state, other, blocks, expected] of DEPENDENCIES) {
  Deno.test(`whyReport() of a ${state} service says of a ${other} dependency: ${expected}`, async () => {
    const service = makeService({ name: "db", label: "DB" });
    const lines = await report({ state }, {
      dependencies: [makeDiagnosis({ service, state: other })],
      blockers: new Set(blocks ? ["db"] : []),
    });
    ok(lines.includes(`   ${expected}`), lines.join("\n"));
    const isAdvised = lines.some((line) => line.includes("devsvc start api"));
    strictEqual(isAdvised, !blocks && state !== "running");
  });
}

Deno.test("whyReport() says all of it in French too", async () => {
  for (const { is, with: more, lines } of CASES) {
    const french = await report(is, more, "fr");
    strictEqual(french.length, lines.length, french.join("\n"));
    const english = /\b(?:its|it|the|is|held|ready(?!\.)|was|started|fails)\b/i;
    for (const line of french) ok(!english.test(line), line);
  }
});

for (const language of LANGUAGES) {
  Deno.test(`loadWhyMessages() in ${language} has a reason of its own for every state`, async () => {
    const { reasons } = (await loadDetails(language)).why;
    const texts = new Set(STATES.map((state) => reasons[state]));
    strictEqual(texts.size, STATES.length);
  });
}
