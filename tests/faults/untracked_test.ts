/** What works for this project although devsvc did not start it. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

Deno.test(
  "what was started by hand here is told from another project's",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    await Deno.mkdir(`${project.root}/backend`);
    await using server = await startServer(project.ports[0] ?? 0, {
      cwd: `${project.root}/backend`,
    });
    const check = await project.run(["check"]);
    strictEqual(check.code, 1);
    match(
      check.stdout,
      new RegExp(
        `PID ${server.pid} · .* · from this project · in .*/backend · since`,
      ),
    );
    const [service] = await statusOf(project);
    strictEqual(service?.state, "untracked");
  },
);

Deno.test(
  "a folder whose name begins like the project's is another project's",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const beside = `${project.root}-old`;
    await Deno.mkdir(beside);
    await using server = await startServer(project.ports[0] ?? 0, {
      cwd: beside,
    });
    const [service] = await statusOf(project);
    strictEqual(service?.state, "foreign");
    strictEqual((await project.run(["stop"])).code, 3);
    ok(server.isAlive());
    await Deno.remove(beside);
  },
);

Deno.test(
  "stop stops what was started by hand with the command of the service",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const [port = 0] = project.ports;
    await using server = await startServer(port, {
      cwd: project.root,
      isPlain: true,
    });
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, /1 service stopped, ports free/);
    ok(!server.isAlive());
    ok(!await answers(port));
  },
);

Deno.test(
  "start without a terminal leaves it alone and starts nothing",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    const [portA = 0, portB = 0] = project.ports;
    await using server = await startServer(portB, { cwd: project.root });
    const start = await project.run(["start"]);
    strictEqual(start.code, 3);
    match(start.stdout, new RegExp(`PID ${server.pid} `));
    match(start.stdout, /→ devsvc start --on-conflict=restart stops it/);
    ok(server.isAlive());
    ok(!await answers(portA));
  },
);

Deno.test(
  "start --on-conflict=keep keeps it and starts the rest",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    await using server = await startServer(project.ports[1] ?? 0, {
      cwd: project.root,
    });
    const start = await project.run(["start", "--on-conflict=keep"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    match(start.stdout, new RegExp(`Service B {2}PID ${server.pid} `));
    ok(server.isAlive());
    const services = await statusOf(project);
    deepStrictEqual(services.map(({ state }) => state), [
      "running",
      "untracked",
    ]);
  },
);

Deno.test(
  "start --on-conflict=keep does not keep what is not healthy",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    const [portA = 0, portB = 0] = project.ports;
    await using server = await startServer(portB, {
      cwd: project.root,
      args: ["--health", "500"],
    });
    const start = await project.run(["start", "--on-conflict=keep"]);
    strictEqual(start.code, 3, start.stdout + start.stderr);
    match(start.stdout, /not healthy/);
    ok(server.isAlive());
    ok(!await answers(portA));
  },
);

Deno.test("start --force takes it over", ON_LINUX, async () => {
  await using project = makeProject(1, plainServers);
  await using server = await startServer(project.ports[0] ?? 0, {
    cwd: project.root,
  });
  const start = await project.run(["start", "--force", "--json"]);
  strictEqual(start.code, 0, start.stdout + start.stderr);
  ok(!server.isAlive());
  const [service] = reportOf(start).services;
  strictEqual(service?.state, "running");
  ok(service?.pid && service.pid !== server.pid);
});
