import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  makeDiagnosis,
  makeHolder,
  makeService,
  makeWorker,
  NOW,
  ROOT,
} from "../../tests/kit/builders.ts";
import {
  type Diagnosis,
  type Language,
  LANGUAGES,
  type State,
  STATES,
} from "../core/model.ts";
import { checkReport, verdictOf } from "./check_report.ts";
import { explain } from "./holder_notes.ts";
import { loadMessages } from "./messages/load_messages.ts";
import type { View } from "./view.ts";

async function viewIn(language: Language, emoji = true): Promise<View> {
  const messages = await loadMessages(language);
  return { messages, language, style: { color: false, emoji } };
}

/** Three services in one state. */
function threeServices(state: State): readonly Diagnosis[] {
  const services = [
    makeService({ label: "FastAPI", port: 8000 }),
    makeService({ label: "Django", port: 8001 }),
    makeService({ label: "React (Vite)", port: 5173 }),
  ];
  return services.map((service) =>
    makeDiagnosis({
      service,
      state,
      holders: state === "free" ? [] : [makeHolder(500)],
    })
  );
}

/** Without the lines about holders. */
function withoutDetails(lines: readonly string[]): string {
  return lines.filter((line) => !line.startsWith("   ")).join("\n");
}

const FREE_FR = `\
============================================================
🔍 Vérification des ports
============================================================

✅ Port 8000 (FastAPI) : DISPONIBLE
✅ Port 8001 (Django) : DISPONIBLE
✅ Port 5173 (React (Vite)) : DISPONIBLE

============================================================
✅ Tous les ports sont disponibles
============================================================`;

const USED_FR = `\
============================================================
🔍 Vérification des ports
============================================================

❌ Port 8000 (FastAPI) : UTILISÉ
❌ Port 8001 (Django) : UTILISÉ
❌ Port 5173 (React (Vite)) : UTILISÉ

============================================================
⚠️  ATTENTION : Des services semblent déjà en cours d'exécution
============================================================`;

Deno.test("checkReport() of free ports in French says so", async () => {
  const lines = await checkReport(
    threeServices("free"),
    await viewIn("fr"),
    NOW,
  );
  strictEqual(lines.join("\n"), FREE_FR);
});

Deno.test("checkReport() of used ports in French names the holders", async () => {
  const lines = await checkReport(
    threeServices("foreign"),
    await viewIn("fr"),
    NOW,
  );
  strictEqual(withoutDetails(lines), USED_FR);
  const details = lines.filter((line) => line.startsWith("   "));
  strictEqual(details.length, 3);
  for (const line of details) ok(line.includes("PID 500"), line);
});

Deno.test("checkReport() uses plain marks where pictures cannot be drawn", async () => {
  const view = await viewIn("fr", false);
  for (const state of STATES) {
    const text = (await checkReport(threeServices(state), view, NOW)).join(
      "\n",
    );
    ok(!/\p{Extended_Pictographic}/u.test(text), text);
  }
  const [free, used] = await Promise.all(
    [threeServices("free"), threeServices("foreign")].map((diagnoses) =>
      checkReport(diagnoses, view, NOW)
    ),
  );
  strictEqual(free?.[4], "[OK] Port 8000 (FastAPI) : DISPONIBLE");
  strictEqual(used?.[4], "[X] Port 8000 (FastAPI) : UTILISÉ");
});

Deno.test("checkReport() in English has no space before its colons", async () => {
  const lines = await checkReport(
    threeServices("free"),
    await viewIn("en"),
    NOW,
  );
  strictEqual(lines[4], "✅ Port 8000 (FastAPI): FREE");
  strictEqual(lines.at(-2), "✅ All ports are free");
});

Deno.test("checkReport() concludes from the worst port", async () => {
  const view = await viewIn("en");
  const cases: readonly (readonly [readonly State[], string])[] = [
    [["free", "crashed"], view.messages.check.allFree],
    [["free", "unknown"], view.messages.check.someUnknown],
    [["unknown", "running"], view.messages.check.someUsed],
    [["free", "reserved"], view.messages.check.someUsed],
    [["free", "connected"], view.messages.check.someConnected],
    [["closing", "connected"], view.messages.check.someConnected],
    [["connected", "running"], view.messages.check.someUsed],
    [["connected", "reserved"], view.messages.check.someUsed],
    [["free", "stale-owner"], view.messages.check.someUsed],
  ];
  for (const [states, expected] of cases) {
    const diagnoses = states.map((state) =>
      makeDiagnosis({
        state,
        holders: state === "running" ? [makeHolder(500)] : [],
      })
    );
    const line = (await checkReport(diagnoses, view, NOW)).at(-2);
    ok(line?.endsWith(` ${expected}`), `${states}: ${line}`);
  }
});

Deno.test("checkReport() does not speak of services without port", async () => {
  const view = await viewIn("en");
  const worker = makeDiagnosis({
    service: makeWorker({ label: "Worker" }),
    state: "stopped",
  });
  const alone = await checkReport([worker], view, NOW);
  ok(!alone.join("\n").includes("Worker"));
  strictEqual(alone.at(-2), view.messages.check.noPorts);
  const beside = await checkReport([worker, makeDiagnosis()], view, NOW);
  strictEqual(beside.at(-2), `✅ ${view.messages.check.allFree}`);
});

Deno.test("checkReport() colours the verdict only where there are colours", async () => {
  const view = await viewIn("en");
  const painted = { ...view, style: { color: true, emoji: true } };
  const colours: readonly (readonly [State, string])[] = [
    ["free", "\x1b[32mFREE\x1b[0m"],
    ["foreign", "\x1b[31mIN USE\x1b[0m"],
  ];
  for (const [state, expected] of colours) {
    const text =
      (await checkReport([makeDiagnosis({ state })], painted, NOW))[4];
    ok(text?.includes(expected), text);
    const plain = (await checkReport([makeDiagnosis({ state })], view, NOW))
      .join();
    ok(!plain.includes("\x1b"), plain);
  }
});

Deno.test("verdictOf() calls free only what was proven free", () => {
  const holders = [makeHolder(500)];
  const held = (state: State) => verdictOf({ state, holders });
  const free = STATES.filter((state) => held(state) === "free");
  deepStrictEqual(free, ["free", "crashed", "stopped"]);
  strictEqual(held("unknown"), "unknown");
  strictEqual(held("reserved"), "reserved");
  strictEqual(held("stale-owner"), "used");
  strictEqual(held("connected"), "used");
  strictEqual(held("closing"), "closing");
  strictEqual(verdictOf({ state: "hidden", holders: [] }), "used");
  strictEqual(verdictOf({ state: "unhealthy", holders: [] }), "free");
});

for (const language of LANGUAGES) {
  Deno.test(`explain() has a sentence for every state without holder in ${language}`, async () => {
    const view = await viewIn(language);
    const silent: readonly State[] = ["free", "stopped"];
    const texts = new Set<string>();
    for (const state of STATES) {
      const lines = explain(makeDiagnosis({ state }), view, NOW);
      strictEqual(lines.length, silent.includes(state) ? 0 : 1, state);
      if (lines[0] !== undefined) texts.add(lines[0]);
    }
    strictEqual(texts.size, STATES.length - silent.length, [...texts].join());
  });
}

Deno.test("explain() says why a state is not known", async () => {
  const view = await viewIn("en");
  const diagnosis = makeDiagnosis({ state: "unknown", reason: "ss: timeout" });
  deepStrictEqual(explain(diagnosis, view, NOW), ["unknown (ss: timeout)"]);
});

Deno.test("explain() names each holder but not the workers that share its socket", async () => {
  const view = await viewIn("en");
  const diagnosis = makeDiagnosis({
    state: "foreign",
    holders: [
      makeHolder(510, { parents: [{ pid: 500, name: "node" }] }),
      makeHolder(500, { parents: [{ pid: 400, name: "bash" }] }),
      makeHolder(600, { cwd: ROOT }),
    ],
  });
  const lines = explain(diagnosis, view, NOW);
  const named = lines.filter((line) => line.startsWith("PID"))
    .map((line) => line.split(" · ")[0]);
  deepStrictEqual(named, ["PID 500", "PID 600"]);
});

Deno.test("explain() says which port a service took, and who has its own", async () => {
  const view = await viewIn("en");
  const mismatchedPorts = makeDiagnosis({
    state: "unhealthy",
    mismatchedPorts: [8001],
  });
  const notes = [
    "API: listens on port 8001, not on its port 8000",
    "→ have it fail rather than take another port (Vite: --strictPort), or write port = 8001 in services.toml",
  ];
  deepStrictEqual(explain(mismatchedPorts, view, NOW), ["unhealthy", ...notes]);
  const [holder = "", ...rest] = explain(
    { ...mismatchedPorts, state: "foreign", holders: [makeHolder(500)] },
    view,
    NOW,
  );
  ok(holder.startsWith("PID 500 "), holder);
  deepStrictEqual(rest, notes);
});
