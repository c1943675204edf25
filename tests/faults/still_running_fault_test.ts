/** While a service is waited for to stop, those who still live are named. */

import { match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  serverCommand,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { openTerminalRun } from "../kit/pty.ts";

/** A wrapper that ends when it is asked, and a child that does not. */
function stillRunning(timeout: string): Promise<TestProject> {
  const script = "trap 'exit 0' TERM; \"$@\" & echo child $!; wait";
  const commandOf = ([port]: readonly number[]) => {
    const server = serverCommand("--stubborn", "--port", String(port));
    return JSON.stringify(["sh", "-c", script, "sh", ...JSON.parse(server)]);
  };
  // By the time that it listens, the child is as stubborn as it is to be.
  return startProject(1, (ports) =>
    `[services.a]
label = "Service A"
command = ${commandOf(ports)}
ready = { log = "^listening" }
stop = { timeout = "${timeout}" }
`);
}

function childOf(project: TestProject): Promise<number> {
  return until(() => {
    const log = project.read(".devsvc/logs/a.log");
    const [, pid] = /^child (\d+)$/m.exec(log) ?? [];
    return pid !== undefined && Number(pid);
  });
}

Deno.test(
  "the live line names who is left, not who has gone",
  ON_LINUX,
  async () => {
    await using project = await stillRunning("4s");
    const child = await childOf(project);
    await using run = openTerminalRun(["stop"], { cwd: project.root });
    await run.waitFor(
      new RegExp(`⏳ Service A  attend la fin de deno \\(PID ${child}\\) `),
    );
    strictEqual(await run.exit(), 0, run.output());
    const screen = run.screen().join("\n");
    match(screen, new RegExp(`arrêt forcé de deno \\(PID ${child}\\)`));
    ok(!screen.includes("⏳ Service A  "), screen);
  },
);

Deno.test(
  "without a terminal a long wait is a line of its own, told once",
  ON_LINUX,
  async () => {
    await using project = await stillRunning("4s");
    const child = await childOf(project);
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(
      stop.stdout,
      new RegExp(
        `Service A: stopping sh \\(PID \\d+\\), deno \\(PID ${child}\\)\n` +
          `.*Service A: waiting for the end of deno \\(PID ${child}\\)\n` +
          `.*Service A: still there after 4.0 s: killing deno \\(PID ${child}\\)\n`,
      ),
    );
    strictEqual(stop.stdout.split("waiting for the end").length, 2);
  },
);
