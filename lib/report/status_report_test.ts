import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import stringWidth from "fast-string-width";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  makeService,
  makeWorker,
  NOW,
} from "../../tests/kit/builders.ts";
import { type Diagnosis, type Language, STATES } from "../core/model.ts";
import { loadMessages } from "./messages/load_messages.ts";
import { statusReport } from "./status_report.ts";

async function report(
  diagnoses: readonly Diagnosis[],
  options: { readonly language?: Language; readonly color?: boolean } = {},
): Promise<readonly string[]> {
  const { language = "en", color = false } = options;
  const messages = await loadMessages(language);
  return statusReport(
    diagnoses,
    { messages, language, style: { color, emoji: true } },
    NOW,
  );
}

const RUNNING = makeDiagnosis({
  state: "running",
  tree: [
    makeEntry(100, { startedAt: NOW - 125_000, memoryBytes: 40 * 1024 * 1024 }),
    makeEntry(110, { memoryBytes: 8 * 1024 * 1024 }),
  ],
});

function cells(line: string | undefined): readonly string[] {
  return line?.split(/ {2,}/) ?? [];
}

Deno.test("statusReport() has one line a service, below the names of the columns", async () => {
  const [titles, running, free, worker, ...rest] = await report([
    RUNNING,
    makeDiagnosis({ service: makeService({ label: "Web", port: 8001 }) }),
    makeDiagnosis({
      service: makeWorker({ label: "Worker" }),
      state: "stopped",
    }),
  ]);
  deepStrictEqual(cells(titles), [
    "SERVICE",
    "STATE",
    "PORT",
    "PID",
    "UPTIME",
    "CPU",
    "MEMORY",
    "URL",
  ]);
  deepStrictEqual(cells(running), [
    "API",
    "ready",
    "8000",
    "100",
    "2 min 05 s",
    "2 %",
    "48 MB",
    "http://localhost:8000",
  ]);
  deepStrictEqual(cells(free), [
    "Web",
    "free",
    "8001",
    "-",
    "-",
    "-",
    "-",
    "-",
  ]);
  deepStrictEqual(cells(worker)?.slice(2), ["-", "-", "-", "-", "-", "-"]);
  deepStrictEqual(rest, []);
});

Deno.test("statusReport() names the holder where the service is not ours", async () => {
  const [, line] = await report([
    makeDiagnosis({ state: "foreign", holders: [makeHolder(500)] }),
  ]);
  strictEqual(cells(line)[3], "500");
});

Deno.test("statusReport() aligns its columns however wide the labels are", async () => {
  const labels = ["データ", "API", "Ünïcödé", "👩‍💻 Dev", "e\u0301"];
  const diagnoses = labels.map((label) => ({
    ...RUNNING,
    service: makeService({ label }),
  }));
  for (const color of [false, true]) {
    const lines = await report(diagnoses, { color });
    const columns = lines.map((line) => {
      const at = line.search(/STATE|ready/);
      return stringWidth(line.slice(0, at));
    });
    strictEqual(new Set(columns).size, 1, columns.join());
  }
});

Deno.test("statusReport() colours the state only where there are colours", async () => {
  const [, painted] = await report([RUNNING], { color: true });
  ok(painted?.includes("\x1b[32mready\x1b[0m"), painted);
  const plain = await report([RUNNING]);
  ok(!plain.join().includes("\x1b"));
});

Deno.test("statusReport() has a word for every state", async () => {
  for (const language of ["fr", "en"] as const) {
    const diagnoses = STATES.map((state) => makeDiagnosis({ state }));
    const [, ...lines] = await report(diagnoses, { language });
    const words = lines.map((line) => cells(line)[1]);
    strictEqual(new Set(words).size, STATES.length, words.join());
  }
});

Deno.test("statusReport() writes numbers as the language does", async () => {
  const young = makeDiagnosis({
    state: "running",
    tree: [makeEntry(100, { startedAt: NOW - 1_400 })],
  });
  const [, french] = await report([young], { language: "fr" });
  const [, english] = await report([young]);
  strictEqual(cells(french)[4], "1,4 s");
  strictEqual(cells(english)[4], "1.4 s");
});

Deno.test("statusReport() never shows a span below zero", async () => {
  const [, line] = await report([
    makeDiagnosis({
      state: "running",
      tree: [makeEntry(100, { startedAt: NOW + 5_000 })],
    }),
  ]);
  strictEqual(cells(line)[4], "0 ms");
});

Deno.test("statusReport() says which services are configured differently now", async () => {
  const lines = await report([{ ...RUNNING, configChanged: true }, RUNNING]);
  strictEqual(lines.length, 5);
  strictEqual(lines[3], "");
  ok(lines[4]?.startsWith("API: services.toml changed"), lines[4]);
});

Deno.test("statusReport() says how a run ended and when it starts again", async () => {
  const crashed = makeDiagnosis({
    state: "crashed",
    restarts: 2,
    ending: { code: 3, signal: null, at: NOW - 4_000 },
    supervision: { restarts: 2, dueAt: NOW + 1_500 },
  });
  const [titles, line, , ended, due] = await report([crashed]);
  ok(cells(titles).includes("RESTARTS"));
  strictEqual(cells(line)[5], "2");
  ok(/^API: ended by itself at \S+, exit code 3$/.test(ended ?? ""), ended);
  strictEqual(due, "API: starts again in 1.5 s (attempt 2)");
});

Deno.test("statusReport() names the signal, and a supervisor that gave up", async () => {
  const lines = await report([makeDiagnosis({
    state: "crashed",
    ending: { code: 137, signal: "SIGKILL", at: NOW },
    supervision: { restarts: 5, gaveUp: true },
  })]);
  ok(lines[3]?.endsWith(", signal SIGKILL"), lines[3]);
  ok(lines[4]?.startsWith("API: was started again 5 times"), lines[4]);
});

Deno.test("statusReport() names what changed in the environment, never a value", async () => {
  const lines = await report([
    { ...RUNNING, environmentChanges: ["DATABASE_URL", "DEBUG"] },
  ]);
  ok(lines[3]?.includes("(DATABASE_URL, DEBUG)"), lines[3]);
});

Deno.test("statusReport() shows the use of the processor since the last snapshot", async () => {
  const before = {
    now: NOW - 2_000,
    diagnoses: [{ ...RUNNING, tree: [makeEntry(100, { cpuSeconds: 1 })] }],
  };
  const now = {
    ...RUNNING,
    tree: [makeEntry(100, { cpuSeconds: 2, startedAt: NOW - 100_000 })],
  };
  const messages = await loadMessages("en");
  const view = {
    messages,
    language: "en",
    style: { color: false, emoji: true },
  } as const;
  const [, line] = statusReport([now], view, NOW, { before });
  strictEqual(cells(line)[5], "50 %");
});

Deno.test("statusReport() says which port a service took instead of its own", async () => {
  const lines = await report([
    { ...RUNNING, state: "unhealthy", mismatchedPorts: [8001, 8002] },
  ]);
  deepStrictEqual(lines.slice(2), [
    "",
    "API: listens on port 8001, 8002, not on its port 8000",
    "→ have it fail rather than take another port (Vite: --strictPort), or write port = 8001 in services.toml",
  ]);
});

Deno.test("statusReport() takes no client at the end of a connection for the service", async () => {
  const [, line] = await report([
    makeDiagnosis({ state: "connected", holders: [makeHolder(500)] }),
  ]);
  deepStrictEqual(cells(line).slice(2), ["8000", "-", "-", "-", "-", "-"]);
});
