/**
 * Services that were stopped by a signal, as Ctrl-Z does (SIGSTOP): they are told
 * as suspended, and act on the signal of a stop by their own handler.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { processesIn, wrappersIn } from "../kit/processes.ts";
import { reportOf } from "../kit/report.ts";
import type { Run } from "../kit/run_devsvc.ts";
import { startProcess, until } from "../kit/test_process.ts";
import {
  makeProject,
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";

/** It says goodbye when it is asked, and gets a minute for it. */
const POLITE = `[services.a]
label = "Service A"
command = ["sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done"]
ready = { log = "up" }
stop = { timeout = "60s" }
`;

function equalCode(run: Run, code: number): void {
  strictEqual(run.code, code, run.stdout + run.stderr);
}

function suspend(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, "SIGSTOP");
    } catch (error) {
      // A child that has ended since.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

async function stateOf(project: TestProject): Promise<string | undefined> {
  const { services } = reportOf(await project.run(["status", "--json"]));
  return services[0]?.state;
}

for (
  const [who, pidsOf] of [
    ["its own processes", processesIn],
    [
      "all of them, its wrapper too",
      (root: string) => [...processesIn(root), ...wrappersIn(root)],
    ],
  ] as const
) {
  Deno.test(
    `a service that is suspended says goodbye when it is stopped: ${who}`,
    ON_LINUX,
    async () => {
      await using project = await startProject(0, () => POLITE);
      // A child may end or begin meanwhile.
      await until(async () => {
        suspend(pidsOf(project.root));
        return await stateOf(project) === "suspended";
      });
      const stop = await project.run(["stop"]);
      equalCode(stop, 0);
      match(project.read(".devsvc/logs/a.log"), /^bye$/m);
      ok(!stop.stdout.includes("killing"), stop.stdout);
      deepStrictEqual(processesIn(project.root), []);
    },
  );
}

Deno.test(
  "a server that is suspended is told as such, although its port still answers",
  ON_LINUX,
  async () => {
    await using project = await startProject(1, ([port]) =>
      `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(port))}
port = ${port}
ready = { http = "/" }
live = { timeout = "60s" }
`);
    suspend(processesIn(project.root));
    const begun = performance.now();
    const status = await project.run(["status"]);
    equalCode(status, 1);
    ok(performance.now() - begun < 30_000, "it was not asked");
    match(status.stdout, /^Service A +suspended /m);
    const why = await project.run(["why", "a"]);
    match(why.stdout, /Service A \(\d+\): suspended/);
    match(why.stdout, /does nothing until SIGCONT/);
    const french = await project.run(["why", "a", "--lang", "fr"]);
    match(french.stdout, /Service A \(\d+\) : suspendu/);
    match(french.stdout, /suspendu \(SIGSTOP, Ctrl-Z\)/);
    const start = await project.run(["start"]);
    equalCode(start, 3);
    match(start.stdout, /suspended/);

    equalCode(await project.run(["restart"]), 0);
    strictEqual(await stateOf(project), "running");
  },
);

Deno.test(
  "a stop command finds a service that is not suspended any more",
  ON_LINUX,
  async () => {
    await using project = await startProject(0, () =>
      `[services.a]
command = ["sh", "-c", "echo up; while [ ! -e quit ]; do sleep 0.05; done; echo bye"]
ready = { log = "up" }
stop = { command = "touch quit", timeout = "60s" }
`);
    await until(async () => {
      suspend(processesIn(project.root));
      return await stateOf(project) === "suspended";
    });
    const stop = await project.run(["stop"]);
    equalCode(stop, 0);
    match(project.read(".devsvc/logs/a.log"), /^bye$/m);
    ok(!stop.stdout.includes("killing"), stop.stdout);
  },
);

Deno.test(
  "check says of a holder that devsvc did not start that it is suspended",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, ([port]) =>
      `[services.a]
command = "no-such-program"
port = ${port}
ready = { http = "/" }
live = { timeout = "60s" }
`);
    const [port] = project.ports;
    const [program = "", ...args]: readonly string[] = JSON.parse(
      serverCommand("--port", String(port)),
    );
    await using server = startProcess(program, args);
    await server.line();
    suspend([server.pid]);
    const check = await project.run(["check"]);
    equalCode(check, 1);
    match(check.stdout, /suspended \(SIGSTOP, Ctrl-Z\)/);
    const begun = performance.now();
    const start = await project.run(["start"]);
    equalCode(start, 3);
    match(start.stdout, /suspended \(SIGSTOP, Ctrl-Z\)/);
    ok(performance.now() - begun < 30_000, "it was not asked");
  },
);
