/** What services start themselves: children that resist, or hold the output. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive, processesIn, programOf } from "../kit/processes.ts";
import { makeProject, type TestProject } from "../kit/test_project.ts";

function oneService(script: string): TestProject {
  return makeProject(0, () =>
    `[services.a]
label = "Service A"
command = ["sh", "-c", ${JSON.stringify(script)}]
ready = { log = "^up$" }
stop = { timeout = "1s" }
`);
}

/** The process whose number the service wrote. */
function childOf(project: TestProject): number {
  const log = project.read(".devsvc/logs/a.log");
  return Number(/^child (\d+)$/m.exec(log)?.[1]);
}

for (
  const [where, begin] of [
    ["in its group", "sh"],
    ["in a session of its own", "setsid sh"],
  ] as const
) {
  Deno.test(
    `a child ${where} that ignores SIGTERM is killed, its parent had obeyed`,
    ON_LINUX,
    async () => {
      const unsignalable =
        "trap '' TERM INT; echo child $$; echo up; exec sleep 1000";
      await using project = oneService(
        `${begin} -c "${unsignalable.replaceAll("$", "\\$")}" & wait`,
      );
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout + start.stderr);
      const child = childOf(project);
      ok(isAlive(child));
      await until(() => programOf(child) === "sleep");

      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      match(
        stop.stdout,
        new RegExp(`after 1.0 s: killing sleep \\(PID ${child}\\)\n`),
      );
      ok(!isAlive(child));
      deepStrictEqual(processesIn(project.root), []);
    },
  );
}

Deno.test(
  "who keeps the output of a dead service open holds nobody up",
  ON_LINUX,
  async () => {
    await using project = oneService("sleep 1000 & echo last words; exit 5");
    const begun = performance.now();
    const start = await project.run(["start"]);
    ok(performance.now() - begun < 50_000, "before a start gives up");
    strictEqual(start.code, 1);
    match(start.stdout, /ended with exit code 5/);
    match(start.stdout, /last words/);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test(
  "neither services nor the supervisor hold the output of the start",
  ON_LINUX,
  async () => {
    await using project = oneService("echo up; exec sleep 1000");
    const child = project.spawn(["start"]);
    const [out, errors] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    // The pipes have ended, and the service runs on.
    strictEqual((await child.status).code, 0, out + errors);
    strictEqual(processesIn(project.root).length, 1);
  },
);
