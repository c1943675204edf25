/** `--dry-run` says what would be done and does nothing at all. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, processesIn } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { pidsOf, reportOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

Deno.test(
  "start --dry-run in a fresh project makes no .devsvc",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    const run = await project.run(["start", "--dry-run"]);
    strictEqual(run.code, 0);
    strictEqual(
      run.stdout,
      "What would be done (nothing was done):\n" +
        "  Service A: start\n  Service B: start\n",
    );
    const json = reportOf(await project.run(["start", "--dry-run", "--json"]));
    deepStrictEqual(json.plan?.map(({ action }) => action), ["start", "start"]);
    for (const command of ["stop", "restart"]) {
      strictEqual((await project.run([command, "--dry-run"])).code, 0);
    }
    const names = (await Array.fromAsync(Deno.readDir(project.root)))
      .map(({ name }) => name);
    deepStrictEqual(names, ["services.toml"]);
    deepStrictEqual(processesIn(project.root), []);
  },
);

Deno.test("--dry-run leaves what runs alone", ON_LINUX, async () => {
  await using project = makeProject(2, plainServers);
  strictEqual((await project.run(["start"])).code, 0);
  const before = await pidsOf(project);
  const journal = project.read(".devsvc/devsvc.log");
  for (
    const [command, words] of [
      ["start", "keep"],
      ["restart", "stop, then start"],
      ["stop", "stop"],
    ] as const
  ) {
    const run = await project.run([command, "--dry-run"]);
    strictEqual(run.code, 0);
    match(run.stdout, new RegExp(`Service A: ${words}(?: \\(PID \\d+\\))?\n`));
  }
  deepStrictEqual(await pidsOf(project), before);
  strictEqual(project.read(".devsvc/devsvc.log"), journal);
});

Deno.test(
  "--dry-run, even with --force, leaves another process alone",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    const [portA = 0, portB = 0] = project.ports;
    await using otherServer = await startServer(portB);
    const conflict = await project.run(["start", "--dry-run"]);
    strictEqual(conflict.code, 3);
    match(
      conflict.stdout,
      new RegExp(`Service B: conflict \\(PID ${otherServer.pid}\\)`),
    );
    const forced = await project.run(["start", "--dry-run", "--force"]);
    strictEqual(forced.code, 0);
    match(
      forced.stdout,
      new RegExp(
        `Service B: stop, then start \\(PID ${otherServer.pid}\\)`,
      ),
    );
    strictEqual((await project.run(["stop", "--dry-run", "--force"])).code, 0);
    ok(otherServer.isAlive());
    ok(!await answers(portA));
  },
);
