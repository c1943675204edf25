/** A port that another process holds: it is named, and nothing is done to it. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { HAS_IPV6, startDeno } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, processesIn } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

for (const host of ["127.0.0.1", "0.0.0.0", "::1"]) {
  const ignore = ON_LINUX.ignore || (host === "::1" && !HAS_IPV6);

  Deno.test(
    `another server on ${host}: check names it`,
    { ignore },
    async () => {
      await using project = makeProject(2, plainServers);
      const [portA = 0, portB = 0] = project.ports;
      await using otherServer = await startServer(portB, { host });

      const check = await project.run(["check"]);
      strictEqual(check.code, 1);
      match(check.stdout, new RegExp(`Port ${portA} \\(Service A\\): FREE`));
      const [, shown = ""] = new RegExp(
        `Port ${portB} \\(Service B\\): IN USE\n` +
          ` +PID ${otherServer.pid} · (.*) · not from this project · in / · ` +
          "since \\d\\d:\\d\\d$",
        "m",
      ).exec(check.stdout) ?? [];
      const json = await project.run(["check", "--json"]);
      strictEqual(json.code, 1);
      const [a, b] = reportOf(json).services;
      deepStrictEqual([a?.state, b?.state], ["free", "foreign"]);
      deepStrictEqual(b?.holders.map(({ pid }) => pid), [otherServer.pid]);
      deepStrictEqual(b?.holders[0]?.addresses, [host]);
      const [, ...args] = b?.holders[0]?.args ?? [];
      ok(args.includes(String(portB)));
      // Where the sources lie deep, it is cut before the port.
      match(shown, /^deno run .+…$/);
      ok(["deno", ...args].join(" ").startsWith(shown.slice(0, -1)), shown);
    },
  );

  Deno.test(
    `another server on ${host}: start starts nothing at all`,
    { ignore },
    async () => {
      await using project = makeProject(2, plainServers);
      const [portA = 0, portB = 0] = project.ports;
      await using otherServer = await startServer(portB, { host });

      for (
        const flags of [[], ["--on-conflict=fail"], ["--on-conflict=keep"]]
      ) {
        const start = await project.run(["start", ...flags]);
        strictEqual(start.code, 3, start.stdout + start.stderr);
        match(start.stdout, new RegExp(`PID ${otherServer.pid} `));
        match(start.stdout, /stop it yourself, or: devsvc start --on-conflict/);
        match(start.stdout, /Nothing was started: a port is held/);
        deepStrictEqual(processesIn(project.root), []);
        ok(!await answers(portA));
      }
      const json = await project.run(["start", "--json"]);
      strictEqual(json.code, 3);
      deepStrictEqual(reportOf(json).plan?.map(({ action }) => action), [
        "start",
        "conflict",
      ]);
      ok(otherServer.isAlive());
      match(
        project.read(".devsvc/devsvc.log"),
        new RegExp(
          `^\\S+Z refused b state=foreign pids=${otherServer.pid} by=\\d+$`,
          "m",
        ),
      );
    },
  );

  for (const flag of ["--on-conflict=restart", "--force"]) {
    Deno.test(
      `another server on ${host}: start ${flag} replaces it`,
      { ignore },
      async () => {
        await using project = makeProject(2, plainServers);
        const [, portB = 0] = project.ports;
        await using otherServer = await startServer(portB, { host });

        const start = await project.run(["start", flag]);
        strictEqual(start.code, 0, start.stdout + start.stderr);
        ok(!otherServer.isAlive());
        const services = await statusOf(project);
        deepStrictEqual(services.map(({ state }) => state), [
          "running",
          "running",
        ]);
        strictEqual(processesIn(project.root).length, 2);
      },
    );
  }

  Deno.test(`another server on ${host}: stop refuses, stop --force stops it`, {
    ignore,
  }, async () => {
    await using project = makeProject(2, plainServers);
    const [portA = 0, portB = 0] = project.ports;
    await using otherServer = await startServer(portB, { host });
    strictEqual((await project.run(["start", "a"])).code, 0);
    ok(await answers(portA));

    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 3, stop.stdout + stop.stderr);
    match(stop.stdout, /1 service stopped$/m);
    match(stop.stdout, /Not stopped, because it is not this project's:/);
    match(stop.stdout, new RegExp(`PID ${otherServer.pid} `));
    match(stop.stdout, /→ devsvc stop --force stops it all the same/);
    ok(otherServer.isAlive());
    ok(!await answers(portA), "its own service was stopped all the same");

    const forced = await project.run(["stop", "--force"]);
    strictEqual(forced.code, 0, forced.stdout + forced.stderr);
    ok(!otherServer.isAlive());
    ok(!await answers(portB));
  });
}

Deno.test(
  "another server on another address beside the service: still a conflict",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const [port = 0] = project.ports;
    strictEqual((await project.run(["start"])).code, 0);
    await using otherServer = await startServer(port, {
      host: "127.0.0.2",
    });

    const check = await project.run(["check"]);
    match(check.stdout, new RegExp(`PID ${otherServer.pid} `));
    strictEqual((await project.run(["stop"])).code, 3);
    ok(otherServer.isAlive());
  },
);

Deno.test(
  "a start that does not need the port is not held up",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    await using otherServer = await startServer(project.ports[1] ?? 0);
    const start = await project.run(["start", "a"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    ok(otherServer.isAlive());
  },
);

Deno.test("a client of the port is never touched", ON_LINUX, async () => {
  await using project = makeProject(1, plainServers);
  const [port = 0] = project.ports;
  const connect = `const c = await Deno.connect({ port: ${port} });
    console.log("connected");
    await c.write(new TextEncoder().encode("GET / HTTP/1.1\\r\\n"));`;

  {
    await using otherServer = await startServer(port);
    await using client = startDeno(connect);
    strictEqual(await client.line(), "connected");
    const check = reportOf(await project.run(["check", "--json"]));
    deepStrictEqual(
      check.services[0]?.holders.map(({ pid }) => pid),
      [otherServer.pid],
    );
    strictEqual((await project.run(["start", "--force"])).code, 0);
    ok(isLiving(client.pid), "it lives after start --force");
  }
  await using client = startDeno(connect);
  strictEqual(await client.line(), "connected");
  strictEqual((await project.run(["restart"])).code, 0);
  ok(isLiving(client.pid), "it lives after restart");
  strictEqual((await project.run(["stop", "--force"])).code, 0);
  ok(isLiving(client.pid), "it lives after stop --force");
});

function isLiving(pid: number): boolean {
  return processesIn(Deno.cwd()).includes(pid);
}
