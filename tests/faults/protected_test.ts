/** Holders that devsvc never stops, whatever is asked of it. */

import { match, ok, strictEqual } from "node:assert/strict";
import { makeFolder } from "../kit/test_process.ts";
import { isRoot } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

const FORCED = [["start", "--force"], ["stop", "--force"], [
  "restart",
  "--force",
]];

Deno.test("its own parents", ON_LINUX, async () => {
  await using project = makeProject(2, plainServers);
  const [portA = 0, portB = 0] = project.ports;
  // This process is the parent of devsvc: it would not live to tell.
  await using _ = Deno.serve(
    { hostname: "127.0.0.1", port: portB, onListen: () => {} },
    () => new Response(),
  );

  for (const args of FORCED) {
    const run = await project.run(args);
    strictEqual(run.code, 3, run.stdout + run.stderr);
    match(run.stdout, new RegExp(`PID ${Deno.pid} · .* · protected`));
    match(run.stdout, /→ deno is protected: devsvc never stops it/);
    ok(!await answers(portA));
  }
});

Deno.test("what publishes the port of a container", ON_LINUX, async () => {
  await using folder = await makeFolder();
  const program = `${folder.path}/docker-proxy`;
  await Deno.symlink(Deno.execPath(), program);
  await using project = makeProject(1, plainServers);
  const [port = 0] = project.ports;
  await using proxy = await startServer(port, { program });
  strictEqual((await statusOf(project))[0]?.state, "container");
  for (const args of FORCED) {
    const run = await project.run(args);
    strictEqual(run.code, 3, run.stdout + run.stderr);
    match(
      run.stdout,
      new RegExp(`→ .*docker ps --filter publish=${port}, then: docker stop`),
    );
    ok(proxy.isAlive());
  }
});

Deno.test("what the OS does not show", {
  // Only root can give up powers that hide its other processes from it.
  ignore: ON_LINUX.ignore || !isRoot(),
}, async () => {
  await using project = makeProject(2, plainServers);
  const [portA = 0, portB = 0] = project.ports;
  await using server = await startServer(portB, { cwd: project.root });

  const check = await project.run(["check"], { powerless: true });
  strictEqual(check.code, 1);
  match(check.stdout, new RegExp(`Port ${portB} .*: IN USE`));
  match(check.stdout, /held by another user/);
  for (const args of FORCED) {
    const run = await project.run(args, { powerless: true });
    strictEqual(run.code, 3, run.stdout + run.stderr);
    match(run.stdout, /→ its owner is not visible to you/);
    ok(server.isAlive());
    ok(!await answers(portA));
  }
});
