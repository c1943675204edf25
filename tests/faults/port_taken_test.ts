/** Another process takes the port while the service does not have it. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startProcess, type TestProcess, until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive, processesIn } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";

/** Tries to listen until it can; says so, and stays. */
const TAKER = `const [port] = Deno.args;
console.log("waiting");
for (;;) {
  try {
    Deno.listen({ hostname: "127.0.0.1", port: Number(port) });
    break;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
console.log("taken");
setInterval(() => {}, 1000);`;

async function startTaker(port: number): Promise<TestProcess> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, TAKER);
  const words = ["run", "-A", "--no-config", "--no-lock", file, String(port)];
  const taker = startProcess("sh", [
    "-c",
    'cd / && exec "$@"',
    "sh",
    Deno.execPath(),
    ...words,
  ]);
  strictEqual(await taker.line(), "waiting");
  await Deno.remove(file);
  return taker;
}

/** It ends when somebody else has its port, however long that takes. */
function yielding([port]: readonly number[]): string {
  return `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(port), "--yield")}
port = ${port}
ready = { http = "/" }
stop = { timeout = "60s" }
`;
}

for (const command of ["stop", "restart"]) {
  Deno.test(
    `${command}: a port that is taken in between is not called free`,
    ON_LINUX,
    async () => {
      await using project = await startProject(1, yielding);
      const [port = 0] = project.ports;
      const [before] = await statusOf(project);
      await using taker = await startTaker(port);
      const run = await project.run([command]);
      strictEqual(await taker.line(), "taken");
      strictEqual(run.code, 1, run.stdout + run.stderr);
      match(
        run.stdout,
        new RegExp(
          `Service A: NOT stopped: something listens again: deno \\(PID ${taker.pid}\\)`,
        ),
      );
      ok(!/ports free|service is ready|: stopped in/.test(run.stdout));
      ok(!isAlive(before?.pid ?? 0), "the service itself is gone");
      ok(isAlive(taker.pid), "nobody is stopped for the port alone");
      deepStrictEqual(processesIn(project.root), []);

      const [after] = await statusOf(project);
      strictEqual(after?.state, "foreign");
      strictEqual((await project.run(["start"])).code, 3);
    },
  );
}

Deno.test(
  "a port that is stolen between the look and the bind: not ready, and by whom",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = ["sh", "-c", ${
        JSON.stringify(
          `echo up; read line < gate; exec ${
            JSON.parse(serverCommand("--port", String(port))).join(" ")
          }`,
        )
      }]
port = ${port}
ready = { http = "/", timeout = "120s" }
`);
    await new Deno.Command("mkfifo", { args: [`${project.root}/gate`] })
      .output();
    const start = project.spawn(["start"]);
    const output = start.output();
    // It was looked at, and was free; the service has not listened yet.
    await until(() => readLog(project).includes("up"));
    await using taker = await startTaker(project.ports[0] ?? 0);
    strictEqual(await taker.line(), "taken");
    await Deno.writeTextFile(`${project.root}/gate`, "go\n");
    const { code, stdout } = await output;
    strictEqual(code, 1);
    const said = new TextDecoder().decode(stdout);
    match(said, /a: ended with exit code 1 before it was ready/);
    match(said, new RegExp(`belongs to deno \\(PID ${taker.pid}\\)`));
    match(said, /AddrInUse|Address already in use/);
    ok(!said.includes("service is ready"), said);
    ok(isAlive(taker.pid));
    deepStrictEqual(processesIn(project.root), []);
    match(
      (await project.run(["check"])).stdout,
      new RegExp(`Port ${project.ports[0]} .*: IN USE\n.*PID ${taker.pid} `),
    );
  },
);

function readLog(project: TestProject): string {
  try {
    return project.read(".devsvc/logs/a.log");
  } catch {
    return "";
  }
}
