import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import {
  makeDiagnosis,
  makeEntry,
  makeHolder,
  NOW,
  ROOT,
} from "../../tests/kit/builders.ts";
import type { Diagnosis, Holder, Language } from "../core/model.ts";
import { formatTime } from "./format.ts";
import { holderLines } from "./holder_notes.ts";
import { loadMessages } from "./messages/load_messages.ts";

async function lineOf(
  holder: Holder,
  fields: Partial<Diagnosis> = {},
  language: Language = "en",
): Promise<string> {
  return (await linesOf(holder, fields, language))[0] ?? "";
}

async function linesOf(
  holder: Holder,
  fields: Partial<Diagnosis> = {},
  language: Language = "en",
): Promise<readonly string[]> {
  const messages = await loadMessages(language);
  const view = { messages, language, style: { color: false, emoji: true } };
  const diagnosis = makeDiagnosis({
    state: "foreign",
    holders: [holder],
    ...fields,
  });
  return holderLines(diagnosis, view, NOW);
}

const SINCE = formatTime(NOW - 60_000, NOW);

Deno.test("holderLines() answers who it is in one line", async () => {
  const cases: readonly (readonly [Holder, Partial<Diagnosis>, string])[] = [
    [
      makeHolder(500, { cwd: "/srv" }),
      {},
      `PID 500 · node server.js · not from this project · in /srv · since ${SINCE}`,
    ],
    [
      makeHolder(500, { cwd: ROOT }),
      { state: "untracked", health: "healthy" },
      `PID 500 · node server.js · from this project · in ${ROOT} · since ${SINCE} · healthy`,
    ],
    [
      makeHolder(100, { cwd: ROOT }),
      { state: "unhealthy", health: "unhealthy", tree: [makeEntry(100)] },
      `PID 100 · node server.js · started by devsvc · since ${SINCE} · not healthy`,
    ],
    [
      makeHolder(500, { name: "docker-proxy", args: [], protected: true }),
      { state: "container" },
      `PID 500 · docker-proxy · not from this project · since ${SINCE} · protected`,
    ],
  ];
  for (const [holder, fields, expected] of cases) {
    strictEqual(await lineOf(holder, fields), expected);
  }
});

Deno.test("holderLines() names the parents of a process that devsvc did not start", async () => {
  const parents = ["a", "b", "c", "d", "e"]
    .map((name, index) => ({ pid: 400 - index, name }));
  const holder = makeHolder(500, { user: "bob", parents });
  const [, origin, ...rest] = await linesOf(holder);
  ok(origin?.endsWith("user bob · ← a (400) ← b (399) ← c (398) ← d (397)"));
  deepStrictEqual(rest, []);
  const own = { state: "running", tree: [makeEntry(500)] } as const;
  strictEqual((await linesOf(holder, own)).length, 1);
});

Deno.test("holderLines() names every parent where it is asked to", async () => {
  const messages = await loadMessages("en");
  const style = { color: false, emoji: true };
  const parents = ["a", "b", "c", "d", "e"]
    .map((name, index) => ({ pid: 400 - index, name }));
  const own = makeDiagnosis({
    state: "running",
    tree: [makeEntry(500)],
    holders: [makeHolder(500, { parents })],
  });
  const view = { messages, language: "en", style } as const;
  const lines = holderLines(own, view, NOW, { wholeChain: true });
  strictEqual(lines.length, 2);
  ok(lines[1]?.endsWith("← a (400) ← b (399) ← c (398) ← d (397) ← e (396)"));
});

Deno.test("holderLines() in French has the same parts", async () => {
  strictEqual(
    await lineOf(makeHolder(500), { state: "untracked" }, "fr"),
    `PID 500 · node server.js · de ce projet · depuis ${SINCE}`,
  );
});

Deno.test("holderLines() says when a holder of another day began", async () => {
  const startedAt = NOW - 3 * 24 * 60 * 60 * 1000;
  const line = await lineOf(makeHolder(500, { startedAt }));
  ok(line.endsWith(` since ${formatTime(startedAt, NOW)}`), line);
  ok(/since \d{4}-\d\d-\d\d \d\d:\d\d$/.test(line), line);
});

/** What could move the cursor, hide a line or reorder the text. */
// deno-lint-ignore no-control-regex
const HOSTILE = /[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;

Deno.test("holderLines() makes hostile names harmless", async () => {
  const evil = "a\x1b[2Jb\nc\r\u202ed\u2066e\x9b0m\u0007";
  const holders = [
    makeHolder(500, { name: evil, args: [] }),
    makeHolder(500, { args: [`/bin/${evil}`, evil] }),
    makeHolder(500, { cwd: `/tmp/${evil}` }),
    makeHolder(500, { user: evil }),
    makeHolder(500, { parents: [{ pid: 400, name: evil }] }),
  ];
  for (const holder of holders) {
    const text = (await linesOf(holder)).join("");
    ok(!HOSTILE.test(text), JSON.stringify(text));
    ok(text.includes("�[2Jb"), text);
  }
});

Deno.test("holderLines() stays one short line for a long command", async () => {
  const args = ["java", "-cp", "x".repeat(5000), "Main"];
  const line = await lineOf(makeHolder(500, { args }));
  ok(line.length < 200 && line.includes("…"), line);
});

Deno.test("holderLines() shows the program without its folder", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["/usr/bin/python3", "/srv/app.py"], "python3 /srv/app.py"],
    [["C:\\Program Files\\nodejs\\node.exe", "x.js"], "node.exe x.js"],
    [["uvicorn", "app:app"], "uvicorn app:app"],
    [[], "node"],
  ];
  for (const [args, expected] of cases) {
    const [, command] = (await lineOf(makeHolder(500, { args }))).split(" · ");
    strictEqual(command, expected);
  }
});
