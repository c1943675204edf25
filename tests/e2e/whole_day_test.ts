/** One project through its day: check, start, status, restart, stop. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, processesIn } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";

Deno.test("a project goes from free to ready to stopped", async () => {
  await using project = makeProject(2, plainServers);
  const [portA = 0] = project.ports;

  const before = await project.run(["check"]);
  strictEqual(before.code, 0);
  match(before.stdout, /All ports are free/);

  const started = await project.run(["start"]);
  strictEqual(started.code, 0, started.stdout + started.stderr);
  match(started.stdout, new RegExp(`http://localhost:${portA}`));
  match(started.stdout, /2 services are ready/);
  for (const port of project.ports) ok(await answers(port));

  const held = await project.run(["check"]);
  strictEqual(held.code, 1);
  match(held.stdout, new RegExp(`Port ${portA} \\(Service A\\): IN USE`));
  match(held.stdout, /PID \d+ · deno run .* · started by devsvc · since/);

  const status = await project.run(["status", "--json"]);
  strictEqual(status.code, 0);
  const pids = pidsOf(status.stdout);

  const again = await project.run(["start"]);
  strictEqual(again.code, 0);
  match(again.stdout, /Already running: 2 services\. Nothing was started/);
  deepStrictEqual(
    pidsOf((await project.run(["status", "--json"])).stdout),
    pids,
  );

  const restarted = await project.run(["restart", "a"]);
  strictEqual(restarted.code, 0);
  const after = pidsOf((await project.run(["status", "--json"])).stdout);
  ok(after[0] !== pids[0], "a has a new process");
  strictEqual(after[1], pids[1], "b was left alone");

  const stopped = await project.run(["stop"]);
  strictEqual(stopped.code, 0);
  match(stopped.stdout, /2 services stopped, ports free/);
  for (const port of project.ports) ok(!await answers(port));
  if (!ON_LINUX.ignore) deepStrictEqual(processesIn(project.root), []);

  const nothing = await project.run(["stop"]);
  strictEqual(nothing.code, 0);
  match(nothing.stdout, /Nothing was running/);
});

function pidsOf(json: string): readonly (number | null)[] {
  const report: { services: { pid: number | null }[] } = JSON.parse(json);
  return report.services.map(({ pid }) => pid);
}
