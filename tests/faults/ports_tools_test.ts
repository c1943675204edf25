/**
 * Case 12 of the list: ss, lsof and fuser that are missing, fail or print
 * nonsense: every command is right all the same, or says that it cannot tell; a
 * look-up that fails is never a free port. Those that hang: ports_hanging_test.
 *
 * The texts of Windows, in French and German, are those of
 * lib/platform/parse/netstat_test.ts.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { isAlive, processesIn, programOf } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";
import { killService } from "../kit/crash.ts";
import {
  openSandbox,
  OWN_TOOLS,
  SANDBOX,
  SANDBOX_NEEDS,
  toolInstead,
  withoutTools,
} from "../kit/sandbox.ts";

const HANGS = "exec sleep 60";

/** What is wrong with the tools. */
const TROUBLES = [
  { title: "no ss", setup: withoutTools("ss") },
  {
    title: "no ss and no lsof",
    setup: withoutTools("ss", "lsof"),
  },
  {
    title: "no ss, no lsof and no fuser",
    setup: withoutTools("ss", "lsof", "fuser"),
  },
  {
    title: "an ss that fails",
    setup: toolInstead("ss", "echo no >&2; exit 255"),
  },
  {
    title: "an ss that prints nonsense",
    setup: toolInstead("ss", "echo LISTEN 0 128 here there"),
  },
];

for (const { title, setup } of TROUBLES) {
  Deno.test(`${title}: all commands are right ${SANDBOX_NEEDS}`, {
    ...SANDBOX,
  }, async () => {
    await using sandbox = await openSandbox(OWN_TOOLS + setup);
    await using project = makeProject(2, plainServers);
    const [, portB = 0] = project.ports;
    const run = (...args: readonly string[]) =>
      sandbox.run(args, { cwd: project.root });
    {
      await using otherServer = await startServer(portB);
      const check = await run("check", "--json");
      strictEqual(check.code, 1, check.stdout + check.stderr);
      deepStrictEqual(
        reportOf(check).services.map(({ state, holders }) => [
          state,
          holders.map(({ pid }) => pid),
        ]),
        [["free", []], ["foreign", [otherServer.pid]]],
      );
      const start = await run("start");
      strictEqual(start.code, 3, start.stdout + start.stderr);
      deepStrictEqual(processesIn(project.root), []);
      ok(otherServer.isAlive());
    }
    const free = await run("check");
    strictEqual(free.code, 0, free.stdout);

    const start = await run("start", "a");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const pids = processesIn(project.root);
    strictEqual(pids.length, 1);
    const stop = await run("stop", "a");
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(pids.filter(isAlive), []);
  });
}

for (const [title, script] of [["hangs", HANGS], ["fails", "exit 2"]]) {
  Deno.test(
    `a grep that ${title}: whom it would show is not called gone ${SANDBOX_NEEDS}`,
    SANDBOX,
    async () => {
      await using project = makeProject(
        0,
        () =>
          '[services.a]\ncommand = "setsid -f sleep 1000; exec sleep 1001"\n',
      );
      strictEqual((await project.run(["start"])).code, 0);
      const main = (await statusOf(project))[0]?.pid;
      const escaped = await until(
        () =>
          processesIn(project.root).find((pid) =>
            pid !== main && programOf(pid) === "sleep"
          ),
      );
      await killService(main);
      ok(isAlive(escaped));
      {
        await using sandbox = await openSandbox(
          OWN_TOOLS + toolInstead("grep", script ?? ""),
        );
        for (const args of [["start"], ["stop"], ["restart", "--force"]]) {
          const { code, stdout } = await sandbox.run(args, {
            cwd: project.root,
          });
          strictEqual(code, 3, `${args.join(" ")}: ${stdout}`);
          match(stdout, /a: unknown\n +unknown \(grep /);
          deepStrictEqual(processesIn(project.root), [escaped]);
        }
      }
      const [service] = await statusOf(project);
      strictEqual(service?.state, "orphan");
      strictEqual((await project.run(["stop"])).code, 0);
      ok(!isAlive(escaped));
    },
  );
}
