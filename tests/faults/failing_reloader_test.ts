/**
 * A reloader whose program fails stays alive and never answers: `start` shows
 * what it wrote after some seconds, not only at the end of `ready.timeout`.
 */

import { match, ok, strictEqual } from "node:assert/strict";
import { needs } from "../kit/interactive_shell.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

const UVICORN = fromFileUrl(
  new URL(
    "../../examples/fastapi-django-vite/.venv/bin/uvicorn",
    import.meta.url,
  ),
);
const HAS_UVICORN = await Deno.stat(UVICORN).then(() => true, () => false);

/** A project with one service, which has 8 s to be ready. */
function projectOf(command: (port: number) => string): TestProject {
  return makeProject(1, ([port = 0]) =>
    `[services.a]
command = ${JSON.stringify(command(port))}
port = ${port}
ready = { http = "/", timeout = "8s" }
`);
}

/** What a start says off a terminal before it says that it failed. */
async function saidBefore(project: TestProject): Promise<string> {
  const { code, stdout } = await project.run(["start", "--lang", "en"]);
  strictEqual(code, 1, stdout);
  const end = stdout.indexOf("a: not ready after 8 s (ready.timeout)");
  ok(end > 0, stdout);
  return stdout.slice(0, end);
}

const STILL_WAITING = / {3}still waiting, up to 8 s: ready\.timeout\n/;

/** It fails at once, in colours and with tabs, and waits for a change. */
const LIKE_A_RELOADER =
  `printf '\\033[33m[reload]\\033[39m starting\\n'; printf 'ImportError: no app\\n\\tat app.go:3\\n'; exec sleep 100`;

Deno.test(
  "start off a terminal shows the log of a failing reloader once, in plain text",
  ON_LINUX,
  async () => {
    await using project = projectOf(() => LIKE_A_RELOADER);
    const said = await saidBefore(project);
    match(
      said,
      /a: not ready yet, last 3 lines of .*a\.log:\n {3}\| \[reload\] starting\n {3}\| ImportError: no app\n {3}\| {5}at app\.go:3\n/,
    );
    match(said, STILL_WAITING);
    strictEqual(said.split("ImportError").length, 2, said);
  },
);

Deno.test(
  "so does start at a terminal, above its live line",
  ON_LINUX,
  async () => {
    await using project = projectOf(() => LIKE_A_RELOADER);
    await using run = openTerminalRun(["start", "--lang", "fr"], {
      cwd: project.root,
    });
    await run.waitFor("toujours en attente, jusqu'à 8 s : ready.timeout");
    const screen = run.screen().join("\n");
    match(screen, /a : pas encore prêt, 3 dernières lignes de /);
    match(screen, /ImportError: no app\n[^]*attend le port \d+…/);
    strictEqual(await run.exit(), 1);
  },
);

Deno.test(
  "a real node --watch whose program throws",
  { ignore: ON_LINUX.ignore || needs("node").ignore },
  async () => {
    await using project = projectOf(() => "node --watch app.js");
    await Deno.writeTextFile(
      `${project.root}/app.js`,
      "throw new Error('broken by a save')\n",
    );
    const said = await saidBefore(project);
    match(said, / {3}\| Error: broken by a save\n/);
    match(said, STILL_WAITING);
  },
);

Deno.test(
  "a real uvicorn --reload whose app fails to import (deno task stack)",
  { ignore: ON_LINUX.ignore || !HAS_UVICORN },
  async () => {
    await using project = projectOf((port) =>
      `${UVICORN} app:app --port ${port} --reload`
    );
    await Deno.writeTextFile(
      `${project.root}/app.py`,
      "import no_such_module\n",
    );
    const said = await saidBefore(project);
    match(
      said,
      / {3}\| ModuleNotFoundError: No module named 'no_such_module'\n/,
    );
    match(said, STILL_WAITING);
  },
);
