/** A service that takes another port than its own is told with that port. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { cheapServer } from "../kit/cheap.ts";
import { fromFileUrl } from "../kit/paths.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";
import { delayedBind, startAndTakePort } from "../kit/delayed_bind.ts";

/**
 * A server on the second port, whose service has the first one: one that is
 * there long before the start gives up.
 */
function listeningElsewhere(
  timeout: string,
): (ports: readonly number[]) => string {
  return (ports) =>
    `[services.web]
label = "Web"
command = ${delayedBind(cheapServer(ports[1] ?? 0))}
port = ${ports[0]}
ready = { http = "/", timeout = "${timeout}" }
`;
}

Deno.test(
  "start, status and check tell which port a service took",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, listeningElsewhere("5s"));
    const [port = 0, took = 0] = project.ports;
    await Deno.writeTextFile(`${project.root}/go`, "");
    const mismatch = `listens on port ${took}, not on its port ${port}`;
    const advice = "→ have it fail rather than take another port " +
      `(Vite: --strictPort), or write port = ${took} in services.toml`;

    const start = await project.run(["start"]);
    strictEqual(start.code, 1, start.stdout + start.stderr);
    ok(
      start.stdout.includes(
        "Web: not ready after 5 s (ready.timeout); it was left running\n" +
          `   ${mismatch}\n   ${advice}\n`,
      ),
      start.stdout,
    );

    const status = await project.run(["status"]);
    strictEqual(status.code, 1);
    match(status.stdout, /^Web +unhealthy /m);
    ok(
      status.stdout.includes(`\n\nWeb: ${mismatch}\n${advice}\n`),
      status.stdout,
    );
    const check = await project.run(["check"]);
    ok(check.stdout.includes(`   Web: ${mismatch}\n`), check.stdout);
    const [seen] = await statusOf(project);
    deepStrictEqual([seen?.state, seen?.mismatchedPorts], ["unhealthy", [
      took,
    ]]);

    strictEqual((await project.run(["stop"])).code, 0);
    ok(!await answers(took), "its tree is gone, wherever it listened");
  },
);

Deno.test(
  "where its port was taken, who took it is named with the port that it took",
  ON_LINUX,
  async () => {
    // The taker begins within that time, too.
    await using project = makeProject(2, listeningElsewhere("10s"));
    const [port = 0, took = 0] = project.ports;
    const { run, taker } = await startAndTakePort(
      project,
      () => startServer(port),
      ["--json"],
    );
    await using _ = taker;
    strictEqual(run.code, 1);
    const [seen] = reportOf(run).services;
    strictEqual(seen?.state, "foreign");
    deepStrictEqual(seen.mismatchedPorts, [took]);
    deepStrictEqual(seen.failure?.pending, {
      kind: "port-mismatch",
      port,
      mismatchedPorts: [took],
      holders: [{ pid: taker.pid, name: "deno" }],
    });
  },
);

/** A service that is ready on its port, and moves when it finds a file. */
function moving([port, other]: readonly number[]): string {
  const script = `"$@" ${port} & while [ ! -e move ]; do sleep 0.02; done; ` +
    `kill $!; wait; exec "$@" ${other}`;
  const server: readonly string[] = JSON.parse(serverCommand("--port"));
  return `[services.web]
command = ${JSON.stringify(["sh", "-c", script, "sh", ...server])}
port = ${port}
ready = { http = "/" }
`;
}

Deno.test(
  "a service that moves after it was ready is unhealthy, with its new port",
  ON_LINUX,
  async () => {
    await using project = await startProject(2, moving);
    const [port = 0, other = 0] = project.ports;
    const [before] = await statusOf(project);
    deepStrictEqual([before?.state, before?.mismatchedPorts], ["running", []]);
    await Deno.writeTextFile(`${project.root}/move`, "");
    await until(() => answers(other));
    const [after] = await statusOf(project);
    deepStrictEqual([after?.state, after?.mismatchedPorts], ["unhealthy", [
      other,
    ]]);
    ok(!await answers(port));
  },
);

const FRONTEND = fromFileUrl(
  new URL("../../examples/fastapi-django-vite/frontend", import.meta.url),
);
const VITE = `${FRONTEND}/node_modules/vite/bin/vite.js`;

function isSetUp(): boolean {
  try {
    return Deno.statSync(VITE).isFile;
  } catch {
    return false;
  }
}

function vite(ports: readonly number[]): string {
  const words = ["node", VITE, FRONTEND, "--host", "127.0.0.1"];
  const port = ["--port", String(ports[0])];
  return `[services.web]
label = "Web"
command = ${delayedBind(JSON.stringify([...words, ...port]))}
port = ${ports[0]}
ready = { http = "/", timeout = "15s" }
`;
}

Deno.test(
  // It needs `deno task stack` once.
  "Vite without strictPort, whose port was taken, is told with the next one",
  { ignore: ON_LINUX.ignore || !isSetUp() },
  async () => {
    await using project: TestProject = makeProject(1, vite);
    const [port = 0] = project.ports;
    const { run, taker } = await startAndTakePort(
      project,
      () => startServer(port),
    );
    await using _ = taker;
    strictEqual(run.code, 1, run.stdout + run.stderr);
    match(
      run.stdout,
      new RegExp(
        `listens on port \\d+, not on its port ${port}, ` +
          `which belongs to deno \\(PID ${taker.pid}\\)\n`,
      ),
    );
    const [seen] = await statusOf(project);
    const [took = 0] = seen?.mismatchedPorts ?? [];
    ok(took > port && took < port + 10, String(took));
    match(project.read(".devsvc/logs/web.log"), /is in use, trying another/);
    match(run.stdout, new RegExp(`or write port = ${took} `));
  },
);
