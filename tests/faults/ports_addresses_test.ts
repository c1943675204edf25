/**
 * Cases 1 and 2 of the list: a holder on `[::1]` only, and holders on each
 * address against what `check` and `start` look at; here real ones, on Linux.
 * And the same where IPv6 is switched off, where `localhost` has no address.
 *
 * The matrices of Windows and macOS (B.3, B.4) and cases 3 and 4, two listeners
 * on one address and the stale owner, are shown in tests/windows.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { HAS_IPV6, until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, processesIn } from "../kit/processes.ts";
import { makeProject, nameOf, serverCommand } from "../kit/test_project.ts";
import { fixture } from "../kit/paths.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";
import {
  openSandbox,
  OWN_TOOLS,
  SANDBOX,
  SANDBOX_NEEDS,
} from "../kit/sandbox.ts";

const HOSTS = HAS_IPV6
  ? ["127.0.0.1", "0.0.0.0", "::1", "::"]
  : ["127.0.0.1", "0.0.0.0"];

/** One service an address, ready by HTTP or by a connection alone. */
function onEach(hosts: readonly string[], ready: string) {
  return (ports: readonly number[]) =>
    hosts.map((host, index) => {
      const port = ports[index];
      return `[services.${nameOf(index)}]
command = ${serverCommand("--port", String(port), "--host", host)}
port = ${port}
ready = ${ready}
`;
    }).join("\n");
}

for (const ready of ['{ http = "/" }', "{ tcp = true }"]) {
  Deno.test(
    `a service on ${HOSTS.join(", ")} is proven ready and stopped: ${ready}`,
    ON_LINUX,
    async () => {
      await using project = makeProject(HOSTS.length, onEach(HOSTS, ready));
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout + start.stderr);

      const check = await project.run(["check", "--json"]);
      strictEqual(check.code, 1);
      const { services } = reportOf(check);
      deepStrictEqual(
        services.map(({ holders }) => holders[0]?.addresses),
        HOSTS.map((host) => [host]),
      );
      ok(services.every(({ state }) => state === "running"));

      const again = await project.run(["start"]);
      strictEqual(again.code, 0, again.stdout);
      match(again.stdout, /Nothing was started/);
      strictEqual(processesIn(project.root).length, HOSTS.length);

      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      deepStrictEqual(processesIn(project.root), []);
      strictEqual((await project.run(["check"])).code, 0);
    },
  );
}

Deno.test(
  `another server on ${
    HOSTS.join(", ")
  } is seen, and keeps start from starting`,
  ON_LINUX,
  async () => {
    const hosts = [...HOSTS, "127.0.0.2"];
    await using project = makeProject(
      hosts.length,
      // Services that would listen elsewhere than the other servers do.
      onEach(hosts.toReversed(), '{ http = "/" }'),
    );
    await using stack = new AsyncDisposableStack();
    const unidentifiedHolders = await Promise.all(
      hosts.map(async (host, index) => {
        const port = project.ports[index] ?? 0;
        return stack.use(await startServer(port, { host }));
      }),
    );

    const check = await project.run(["check", "--json"]);
    strictEqual(check.code, 1);
    deepStrictEqual(
      reportOf(check).services.map(({ state, holders }) => [
        state,
        holders.map(({ pid, addresses }) => [pid, ...addresses]),
      ]),
      hosts.map((
        host,
        index,
      ) => ["foreign", [[unidentifiedHolders[index]?.pid, host]]]),
    );
    for (const [index, host] of hosts.entries()) {
      const start = await project.run(["start", nameOf(index)]);
      strictEqual(start.code, 3, host + start.stdout);
    }
    ok(
      unidentifiedHolders.every((otherServer) => otherServer.isAlive()),
    );
    deepStrictEqual(processesIn(project.root), []);
  },
);

/** What is missing on the machine, how, and what is told of it. */
const GAPS: readonly {
  readonly title: string;
  readonly setup: string;
  readonly hosts: readonly string[];
}[] = [
  {
    title: "IPv6 is switched off",
    setup: "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6",
    hosts: ["127.0.0.1", "0.0.0.0"],
  },
  {
    title: "localhost has no address",
    setup: `
mount --bind /dev/null /etc/hosts
mount --bind /dev/null /etc/resolv.conf
[ -e /etc/nsswitch.conf ] && mount --bind /dev/null /etc/nsswitch.conf`,
    hosts: HOSTS,
  },
];

for (const { title, setup, hosts } of GAPS) {
  Deno.test(`${title}: check, start and stop are right ${SANDBOX_NEEDS}`, {
    ...SANDBOX,
  }, async () => {
    await using sandbox = await openSandbox(OWN_TOOLS + setup, {
      network: true,
    });
    await using project = makeProject(
      hosts.length,
      onEach(hosts, '{ http = "/" }'),
    );
    const run = (...args: readonly string[]) =>
      sandbox.run(args, { cwd: project.root });

    const free = await run("check");
    strictEqual(free.code, 0, free.stdout + free.stderr);
    const start = await run("start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const check = await run("check", "--json");
    deepStrictEqual(
      reportOf(check).services.map(({ state, holders }) => [
        state,
        holders[0]?.addresses,
      ]),
      hosts.map((host) => ["running", [host]]),
    );
    const stop = await run("stop");
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(processesIn(project.root), []);

    const [port = 0] = project.ports;
    const otherServer = sandbox.command(Deno.execPath(), [
      ...["run", "-A", "--no-config", "--no-lock", fixture("server.ts")],
      ...["--port", String(port), "--tied"],
    ], { stdin: "piped", stdout: "null" }).spawn();
    await until(async () => (await run("check")).code === 1);
    const conflict = await run("start");
    strictEqual(conflict.code, 3, conflict.stdout + conflict.stderr);
    deepStrictEqual(processesIn(project.root), []);
    await otherServer.stdin.close();
    await otherServer.status;
  });
}

Deno.test("a port that only its own address answers is not called silent", {
  ignore: ON_LINUX.ignore || !HAS_IPV6,
}, async () => {
  await using project = makeProject(1, onEach(["::1"], '{ http = "/" }'));
  const [port = 0] = project.ports;
  strictEqual((await project.run(["start"])).code, 0);
  ok(await answers(port));
  const [service] = await statusOf(project);
  deepStrictEqual([service?.state, service?.health], ["running", "healthy"]);
});

/** On an address that is not the loopback which devsvc may ask. */
function elsewhere(ready: string) {
  return ([port = 0]: readonly number[]) =>
    `[services.a]
command = ${serverCommand("--port", String(port), "--host", "127.0.0.2")}
port = ${port}
ready = { ${ready}, timeout = "2s" }
`;
}

Deno.test(
  "a service on another address than loopback is said to listen there only",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, elsewhere("tcp = true"));
    const start = await project.run(["start"]);
    strictEqual(start.code, 1);
    match(start.stdout, /it listens on 127\.0\.0\.2 only, .* 127\.0\.0\.1 or /);
    const why = await project.run(["why", "a"]);
    match(why.stdout, /it listens on 127\.0\.0\.2 only, .* 127\.0\.0\.1 or /);
    strictEqual((await project.run(["stop"])).code, 0);
    const french = await project.run(["start", "--lang", "fr"]);
    match(
      french.stdout,
      /il n'écoute que sur 127\.0\.0\.2, .* 127\.0\.0\.1 ou /,
    );
  },
);

for (const check of ['log = "listening"', 'command = "exit 0"']) {
  Deno.test(
    `a service on another address than loopback is ready by ${check}`,
    ON_LINUX,
    async () => {
      await using project = makeProject(1, elsewhere(check));
      const start = await project.run(["start"]);
      strictEqual(start.code, 0, start.stdout + start.stderr);
      const [service] = await statusOf(project);
      strictEqual(service?.state, "running");
    },
  );
}
