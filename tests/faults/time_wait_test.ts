/**
 * A port on which nobody listens, and that is not free: a server without
 * SO_REUSEADDR has left TIME_WAIT behind (digital-fabric/polyphony#97), or
 * a client has it as its own end of a connection.
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { lingeringServer } from "../kit/cheap.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive } from "../kit/processes.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import {
  makeProject,
  startProject,
  type TestProject,
} from "../kit/test_project.ts";
import { startProcess } from "../kit/test_process.ts";

function lingering([port = 0]: readonly number[]): string {
  return `[services.srv]
command = ${lingeringServer(port)}
port = ${port}
`;
}

/** A project whose service was stopped, and whose port is in TIME_WAIT. */
async function stopLingering(): Promise<TestProject> {
  const project = await startProject(1, lingering);
  const [port = 0] = project.ports;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  // The side that closes first is the one that keeps the connection.
  strictEqual(await connection.read(new Uint8Array(1)), null);
  connection.closeWrite();
  const stop = await project.run(["stop"]);
  strictEqual(stop.code, 0, stop.stdout + stop.stderr);
  match(stop.stdout, /1 service stopped; still closing \(TIME_WAIT\)/);
  return project;
}

Deno.test(
  "check calls a port in TIME_WAIT closing, and stop leaves it",
  ON_LINUX,
  async () => {
    await using project = await stopLingering();
    const check = await project.run(["check"]);
    strictEqual(check.code, 1);
    match(
      check.stdout,
      /: CLOSING\n +closing \(TIME_WAIT\), free within a min/,
    );
    const french = await project.run(["check", "--lang", "fr"]);
    match(
      french.stdout,
      /en cours de fermeture \(TIME_WAIT\), libre dans moins d'une minute/,
    );
    const [srv] = await statusOf(project);
    strictEqual(srv?.state, "closing");
    strictEqual((await project.run(["stop"])).code, 0);
  },
);

Deno.test(
  "start says that it waits for TIME_WAIT, and ends when interrupted",
  ON_LINUX,
  async () => {
    await using project = await stopLingering();
    const child = project.spawn(["start"]);
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    while (!text.includes("\n")) text += (await reader.read()).value ?? "";
    match(text, /srv: port \d+ is closing \(TIME_WAIT\): waiting [\d.]+ s at/);
    child.kill("SIGINT");
    strictEqual((await child.status).code, 130);
    await reader.cancel();
    await child.stderr.cancel();
    strictEqual((await statusOf(project))[0]?.state, "closing");
  },
);

Deno.test(
  "start at a terminal counts down until TIME_WAIT is over, and starts",
  ON_LINUX,
  async () => {
    await using project = await stopLingering();
    await using run = openTerminalRun(["start"], { cwd: project.root });
    await run.waitFor(/TIME_WAIT.*: .* [45]\d(,0)? s /);
    await run.waitFor(/TIME_WAIT.*: .* [123]\d(,0)? s /);
    strictEqual(await run.exit(), 0, run.screen().join("\n"));
    const screen = run.screen().join("\n");
    match(screen, /✅ srv/);
    strictEqual(screen.includes("TIME_WAIT"), false, screen);
  },
);

/** Binds a port as its own end of a connection. */
const CONNECT = "use Socket; my ($own, $port) = @ARGV; " +
  "socket(S, PF_INET, SOCK_STREAM, 0); " +
  "bind(S, sockaddr_in($own, INADDR_LOOPBACK)) or die $!; " +
  "connect(S, sockaddr_in($port, INADDR_LOOPBACK)) or die $!; " +
  '$| = 1; print "connected\\n"; <STDIN>';

Deno.test(
  "a client that has the port as its own end is named, and left alone",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, lingering);
    const [port = 0] = project.ports;
    using peer = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const args = ["-e", CONNECT, String(port), String(peer.addr.port)];
    await using client = startProcess("perl", args);
    strictEqual(await client.line(), "connected");
    const check = await project.run(["check"]);
    strictEqual(check.code, 1);
    match(check.stdout, /in use by a connection, nobody listens/);
    match(check.stdout, new RegExp(`PID ${client.pid} · perl `));
    const start = await project.run(["start", "--force", "--json"]);
    strictEqual(start.code, 3);
    const [srv] = reportOf(start).services;
    strictEqual(srv?.state, "connected");
    deepStrictEqual(srv.holders.map(({ pid }) => pid), [client.pid]);
    const stop = await project.run(["stop", "--force"]);
    strictEqual(stop.code, 0, stop.stdout);
    strictEqual(isAlive(client.pid), true);
  },
);
