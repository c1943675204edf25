/**
 * Case 5 of the list: clients that have the port of a service as their remote
 * and as their own local port, and connections in TIME_WAIT; none of them is a
 * holder, none is touched. Case 6: ports whose numbers begin alike.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { startDeno, until } from "../kit/test_process.ts";
import { fixture } from "../kit/paths.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { isAlive } from "../kit/processes.ts";
import { makeProject, nameOf, plainServers } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";
import {
  openSandbox,
  OWN_TOOLS,
  SANDBOX,
  SANDBOX_NEEDS,
} from "../kit/sandbox.ts";

/** Connects from a port of its own to another, and keeps the connection. */
function clientFrom(local: number, remote: number): string {
  return `import net from "node:net";
    const c = net.connect({ host: "127.0.0.1", port: ${remote}, localPort: ${local} });
    c.on("connect", () => console.log("connected"));
    c.on("error", (error) => console.log(error.message));`;
}

/** What the kernel has on a local port: states as it writes them. */
function statesOn(port: number): readonly string[] {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  return Deno.readTextFileSync("/proc/net/tcp").split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = ""]) => local.endsWith(`:${hex}`))
    .map(([, , , state = ""]) => state);
}

const ESTABLISHED = "01";
const TIME_WAIT = "06";

Deno.test(
  "a client whose own port is that of a service does not hold it",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    const [port = 0, elsewhere = 0] = project.ports;
    await using _ = await startServer(elsewhere);
    await using client = startDeno(clientFrom(port, elsewhere));
    strictEqual(await client.line(), "connected");
    // An earlier test may have had the port, too.
    const states = statesOn(port).filter((state) => state !== TIME_WAIT);
    deepStrictEqual(states, [ESTABLISHED]);

    const check = reportOf(await project.run(["check", "a", "--json"]));
    deepStrictEqual(check.services[0]?.holders, []);
    for (const args of [["stop", "a"], ["stop", "a", "--force"]]) {
      const run = await project.run(args);
      ok(isAlive(client.pid), args.join(" "));
      // Its port may not be free for others, but nothing of a runs.
      ok(run.code === 0 || run.code === 3, run.stdout);
    }
    await project.run(["start", "a", "--force"]);
    ok(isAlive(client.pid), "start --force");
  },
);

Deno.test(
  "a client of the port, from the port of another service, lives on",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, plainServers);
    const [port = 0, other = 0] = project.ports;
    strictEqual((await project.run(["start", "a"])).code, 0);
    await using client = startDeno(clientFrom(other, port));
    strictEqual(await client.line(), "connected");
    const [a] = await statusOf(project);
    deepStrictEqual(a?.holders.length, 1);
    strictEqual((await project.run(["restart", "a"])).code, 0);
    ok(isAlive(client.pid));
    strictEqual((await project.run(["stop", "--force"])).code, 0);
    ok(isAlive(client.pid));
  },
);

Deno.test("TIME_WAIT alone is a free port", ON_LINUX, async () => {
  await using project = makeProject(1, plainServers);
  const [port = 0] = project.ports;
  {
    using listener = Deno.listen({ hostname: "127.0.0.1", port });
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    // Who closes first is left with TIME_WAIT.
    (await listener.accept()).close();
    await client.read(new Uint8Array(1));
    client.close();
  }
  await until(() => [...new Set(statesOn(port))].join() === TIME_WAIT);

  const check = await project.run(["check"]);
  strictEqual(check.code, 0, check.stdout);
  strictEqual((await project.run(["stop"])).code, 0);
  const start = await project.run(["start"]);
  strictEqual(start.code, 0, start.stdout + start.stderr);
});

/** Every number begins or ends like another. */
const ALIKE = [80, 800, 8000, 18000, 8001, 1800, 180, 18001] as const;

Deno.test(
  `only the ports meant are stopped among ${ALIKE.join(", ")} ${SANDBOX_NEEDS}`,
  SANDBOX,
  async () => {
    await using sandbox = await openSandbox(OWN_TOOLS, { network: true });
    await using project = makeProject(0, () => plainServers(ALIKE));
    const run = (...args: readonly string[]) =>
      sandbox.run(args, { cwd: project.root });
    const unidentifiedHolders = ALIKE.map((port) =>
      sandbox.command(Deno.execPath(), [
        ...["run", "-A", "--no-config", "--no-lock", fixture("server.ts")],
        ...["--port", String(port), "--tied"],
      ], { stdin: "piped", stdout: "null" }).spawn()
    );
    const pidsOf = async () =>
      reportOf(await run("check", "--json")).services
        .map(({ holders }) => holders.map(({ pid }) => pid));
    await until(
      async () => (await pidsOf()).every(({ length }) => length === 1),
    );
    const before = await pidsOf();
    strictEqual(new Set(before.flat()).size, ALIKE.length);

    let left = before;
    for (const index of [0, 1, 2]) {
      const stop = await run("stop", nameOf(index), "--force");
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      match(stop.stdout, new RegExp(`\\(PID ${before[index]}\\)`));
      left = left.with(index, []);
      deepStrictEqual(await pidsOf(), left, `after port ${ALIKE[index]}`);
    }
    for (const otherServer of unidentifiedHolders) {
      await otherServer.stdin.close().catch(() => {});
      await otherServer.status;
    }
  },
);
