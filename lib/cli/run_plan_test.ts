import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { silentTerminal } from "../../tests/kit/silent_terminal.ts";
import {
  makeDiagnosis,
  makeHolder,
  makeHost,
  makeMachine,
  makeService,
  NOW,
  ROOT,
} from "../../tests/kit/builders.ts";
import { type Diagnosis, type Language, LANGUAGES } from "../core/model.ts";
import { planStop } from "../core/plan.ts";
import { loadMessages } from "../report/messages/load_messages.ts";
import { stateDirOf } from "../runtime/state/state_dir.ts";
import { obstacleLines, planLines } from "./run_plan.ts";
import type { Session } from "./session.ts";

async function sessionIn(language: Language): Promise<Session> {
  const messages = await loadMessages(language);
  const style = { color: false, emoji: false };
  return {
    project: { root: ROOT, file: `${ROOT}/services.toml`, services: [] },
    services: [],
    areAll: true,
    hasMistakes: false,
    dir: stateDirOf(ROOT),
    host: makeHost(makeMachine().platform),
    view: { messages, language, style },
    json: false,
    superviseRun: () => Promise.resolve(),
    context: {
      args: [],
      process: { stdout: { write: () => {} }, stderr: { write: () => {} } },
      messages,
      textLanguage: language,
      cwd: ROOT,
      interruptible: () => new AbortController().signal,
      terminal: silentTerminal(),
    },
  };
}

const DIAGNOSES: readonly Diagnosis[] = [
  makeDiagnosis({ state: "running", holders: [makeHolder(100)] }),
  makeDiagnosis({
    service: makeService({ name: "web", label: "Web", port: 5173 }),
    state: "foreign",
    holders: [makeHolder(500), makeHolder(600)],
  }),
  makeDiagnosis({ service: makeService({ name: "db", label: "DB" }) }),
];

const PLAN = planStop(DIAGNOSES, { force: false });

Deno.test("planLines() says what would be done to whom", async () => {
  deepStrictEqual(planLines(await sessionIn("en"), PLAN), [
    "What would be done (nothing was done):",
    "  API: stop (PID 100)",
    "  Web: conflict (PID 500, PID 600)",
    "  DB: nothing to do",
  ]);
});

Deno.test("planLines() in French has a space before each colon", async () => {
  for (const line of planLines(await sessionIn("fr"), PLAN)) {
    ok(/^[^:]* :( |$)/.test(line), line);
  }
});

Deno.test("obstacleLines() names the service, the holder and the way out", async () => {
  const session = await sessionIn("en");
  const [head, holder, ...rest] = await obstacleLines(
    session,
    PLAN.obstacles,
    NOW,
    true,
  );
  strictEqual(head, "[X] Web (5173): held by another program");
  ok(holder?.startsWith("   PID 500 · node server.js"), holder);
  ok(rest.at(-1)?.includes("→ devsvc stop --force"), rest.join("\n"));
});

Deno.test("obstacleLines() says of a protected holder that it is never stopped", async () => {
  for (const language of LANGUAGES) {
    const session = await sessionIn(language);
    const holder = makeHolder(50, { name: "svchost.exe\x1b", protected: true });
    const diagnosis = makeDiagnosis({ state: "foreign", holders: [holder] });
    const { obstacles } = planStop([diagnosis], { force: true });
    const lines = await obstacleLines(session, obstacles, NOW, true);
    const advice = lines.at(-1);
    ok(advice?.includes("→ svchost.exe� "), advice);
    ok(!lines.join().includes("--force"), lines.join());
  }
});
