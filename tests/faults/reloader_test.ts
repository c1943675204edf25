/** Stop under a reloader, which brings its worker back whenever it ends. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { killNow, until } from "../kit/test_process.ts";
import { fixture, fromFileUrl } from "../kit/paths.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, isAlive, processesIn } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";

const UVICORN = fromFileUrl(
  new URL(
    "../../examples/fastapi-django-vite/.venv/bin/uvicorn",
    import.meta.url,
  ),
);
const HAS_UVICORN = await Deno.stat(UVICORN).then(() => true, () => false);

/** The living children of a process; none once it is gone. */
function childrenOf(pid: number): readonly number[] {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`)
      .split(" ").map(Number).filter((child) => child > 0 && isAlive(child));
  } catch {
    return [];
  }
}

async function equalGoneForGood(project: TestProject): Promise<void> {
  deepStrictEqual(processesIn(project.root), []);
  ok(!await answers(project.ports[0] ?? 0));
  // Who was brought back behind the back of stop would be seen by now.
  strictEqual((await project.run(["check"])).code, 0);
  deepStrictEqual(processesIn(project.root), []);
}

Deno.test(
  "stop while the worker is killed again and again ends the reloader, too",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = ${
        serverCommand("--port", String(port))
          .replace(fixture("server.ts"), fixture("master.ts"))
      }
port = ${port}
ready = { http = "/" }
`);
    strictEqual((await project.run(["start"])).code, 0);
    const [master = 0] = processesIn(project.root);
    let isOver = false;
    const stopped = project.run(["stop"]).finally(() => isOver = true);
    while (!isOver) {
      childrenOf(master).forEach(killNow);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { code, stdout } = await stopped;
    strictEqual(code, 0, stdout);
    await equalGoneForGood(project);
  },
);

const APP = `async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"ok"})
`;

Deno.test(
  "a real uvicorn --reload that loads anew, and is stopped meanwhile (deno task stack)",
  { ignore: ON_LINUX.ignore || !HAS_UVICORN },
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = "${UVICORN} app:app --port ${port} --reload"
port = ${port}
ready = { http = "/" }
`);
    await Deno.writeTextFile(`${project.root}/app.py`, APP);
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    // It answers before its reloader has looked for the first time: a change
    // that comes sooner is none to it.
    let changes = 0;
    await until(async () => {
      const text = `${APP}\n# changed ${++changes} times\n`;
      await Deno.writeTextFile(`${project.root}/app.py`, text);
      return project.read(".devsvc/logs/a.log").includes("Reloading...");
    });
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    await equalGoneForGood(project);
  },
);
