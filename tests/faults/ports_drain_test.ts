/**
 * Case 7 of the list: a process that ignores SIGTERM, one that needs its time,
 * and one that drains: its port is free while it lives on with a connection.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { fixture, fromFileUrl } from "../kit/paths.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, isAlive, processesIn } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { pidsOf } from "../kit/report.ts";

/** A server that drains; it gets some time to stop. */
function draining(timeout: string, ...args: readonly string[]): TestProject {
  return makeProject(1, ([port]) =>
    `[services.a]
label = "Service A"
command = ${
      serverCommand("--port", String(port), ...args)
        .replace(fixture("server.ts"), fixture("drain.ts"))
    }
port = ${port}
ready = { http = "/" }
stop = { timeout = "${timeout}" }
`);
}

/** A connection that the server waits for. */
async function openStream(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(
    new TextEncoder().encode("GET /stream HTTP/1.1\r\nHost: x\r\n\r\n"),
  );
  await connection.read(new Uint8Array(1024));
  return connection;
}

function linesOf(project: TestProject, file: string): readonly string[] {
  return project.read(`.devsvc/${file}`).split("\n");
}

function escalations(project: TestProject): number {
  return linesOf(project, "devsvc.log")
    .filter((line) => line.split(" ")[1] === "escalating").length;
}

Deno.test(
  "a service that needs three seconds gets them",
  ON_LINUX,
  async () => {
    await using project = draining("60s", "--slow", "3000");
    strictEqual((await project.run(["start"])).code, 0);
    const begun = performance.now();
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    ok(performance.now() - begun >= 3000);
    strictEqual(escalations(project), 0);
    ok(linesOf(project, "logs/a.log").includes("drained"));
  },
);

Deno.test(
  "restart waits for the process that drains, although its port is free",
  ON_LINUX,
  async () => {
    await using project = draining("60s");
    const [port = 0] = project.ports;
    strictEqual((await project.run(["start"])).code, 0);
    const [before = 0] = await pidsOf(project);
    const stream = await openStream(port);

    const restart = project.spawn(["restart"]);
    const output = restart.output();
    // Its port is free, and nobody else may have begun yet.
    await until(
      async () =>
        linesOf(project, "logs/a.log").includes("SIGTERM") &&
        !await answers(port),
    );
    deepStrictEqual(processesIn(project.root).filter(isServer), [before]);
    stream.close();
    const { code, stdout } = await output;
    strictEqual(code, 0, new TextDecoder().decode(stdout));

    ok(!isAlive(before ?? 0), "the old one is gone");
    const [after] = await pidsOf(project);
    ok(after && after !== before);
    strictEqual(escalations(project), 0);
    const journal = linesOf(project, "devsvc.log").map((line) =>
      line.split(" ")[1]
    );
    ok(journal.lastIndexOf("start") > journal.lastIndexOf("stopped"));
  },
);

/** devsvc itself works in the folder, too. */
function isServer(pid: number): boolean {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/cmdline`).includes("drain.ts");
  } catch {
    // A tool that devsvc asked, and that has its answer.
    return false;
  }
}

Deno.test(
  "a draining service that does not know SIGINT is killed in the end",
  ON_LINUX,
  async () => {
    await using project = draining("600ms", "--ignore-signals");
    const [port = 0] = project.ports;
    strictEqual((await project.run(["start"])).code, 0);
    using _ = await openStream(port);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, /still there after 600 ms: killing/);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "a draining service is asked once more by SIGINT when its time is almost up",
  ON_LINUX,
  async () => {
    await using project = draining("3s");
    const [port = 0] = project.ports;
    strictEqual((await project.run(["start"])).code, 0);
    using _ = await openStream(port);
    const begun = performance.now();
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    ok(performance.now() - begun >= 2_700, "it was given its time");
    strictEqual(escalations(project), 0, "it was not killed");
    const log = linesOf(project, "logs/a.log");
    deepStrictEqual(log.slice(-4), ["SIGTERM", "SIGINT", "forced", ""]);
  },
);

Deno.test(
  "a service that knows only SIGTERM is not cut short by SIGINT",
  ON_LINUX,
  async () => {
    // Deno ends at SIGINT where nobody listens to it, and so does Node.
    const program = `console.log("up");
      Deno.addSignalListener("SIGTERM", () =>
        setTimeout(() => { console.log("saved"); Deno.exit() }, 5000));
      setInterval(() => {}, 1000);`;
    await using project = makeProject(0, () =>
      `[services.a]
command = ${JSON.stringify([Deno.execPath(), "eval", program])}
ready = { log = "up" }
stop = { timeout = "8s" }
`);
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    strictEqual((await project.run(["stop"])).code, 0);
    ok(linesOf(project, "logs/a.log").includes("saved"));
  },
);

const UVICORN = fromFileUrl(
  new URL(
    "../../examples/fastapi-django-vite/.venv/bin/uvicorn",
    import.meta.url,
  ),
);

const HAS_UVICORN = await Deno.stat(UVICORN).then(() => true, () => false);

/** A stream that never ends, as of a browser that stays open. */
const STREAMING_APP = `import asyncio
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200})
    while scope["path"] == "/stream":
        part = {"type": "http.response.body", "body": b".", "more_body": True}
        await send(part)
        await asyncio.sleep(1)
    await send({"type": "http.response.body", "body": b"ok"})
`;

for (const flags of ["", " --reload", " --workers 2"]) {
  Deno.test(
    `a real uvicorn${flags} with an open stream is not killed (deno task stack)`,
    { ignore: ON_LINUX.ignore || !HAS_UVICORN },
    async () => {
      await using project = makeProject(1, ([port]) =>
        `[services.a]
command = "${UVICORN} app:app --port ${port}${flags}"
port = ${port}
ready = { http = "/" }
stop = { timeout = "10s" }
`);
      const [port = 0] = project.ports;
      await Deno.writeTextFile(`${project.root}/app.py`, STREAMING_APP);
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout + start.stderr);
      using _ = await openStream(port);
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      strictEqual(escalations(project), 0, stop.stdout);
      deepStrictEqual(processesIn(project.root), []);
      match(
        project.read(".devsvc/logs/a.log"),
        /Waiting for connections to close/,
      );
    },
  );
}

Deno.test(
  "a service that ignores SIGTERM is killed and gone",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = ${serverCommand("--port", String(port), "--stubborn", "--child")}
port = ${port}
stop = { timeout = "300ms" }
`);
    strictEqual((await project.run(["start"])).code, 0);
    const restart = await project.run(["restart"]);
    strictEqual(restart.code, 0, restart.stdout + restart.stderr);
    strictEqual(escalations(project), 1);
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(processesIn(project.root), []);
  },
);
