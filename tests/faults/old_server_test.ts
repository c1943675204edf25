/**
 * An old server answers on the port, the new one fails, and the health check
 * is green all the same: that is a failure, and says who answers.
 *
 * The old server takes the port after devsvc looked and before the service
 * binds; which addresses can be bound side by side is that of Linux (`man 7 ip`,
 * `man 7 ipv6`: without SO_REUSEPORT an address conflicts with its wildcard).
 */

import {
  deepStrictEqual,
  doesNotMatch,
  match,
  ok,
  strictEqual,
} from "node:assert/strict";
import { HAS_IPV6 } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { makeProject, serverCommand } from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import {
  delayedBind,
  prepareTaker,
  startAndTakePort,
} from "../kit/delayed_bind.ts";

/** What becomes of the new server. */
type Fate =
  /** Its bind fails and it ends. */
  | "ends"
  /** Its bind fails and its shell lives on. */
  | "lives on"
  /** Both listen, each on its own address. */
  | "listens too";

interface Theft {
  /** Where the new server binds. */
  readonly host: string;
  /** Where the old one listens. */
  readonly taker: string;
  readonly fate: Fate;
}

const THEFTS: readonly Theft[] = [
  { host: "127.0.0.1", taker: "127.0.0.1", fate: "ends" },
  { host: "127.0.0.1", taker: "127.0.0.1", fate: "lives on" },
  { host: "127.0.0.1", taker: "0.0.0.0", fate: "ends" },
  { host: "127.0.0.1", taker: "::", fate: "lives on" },
  { host: "0.0.0.0", taker: "127.0.0.1", fate: "ends" },
  { host: "127.0.0.1", taker: "::1", fate: "listens too" },
  { host: "::1", taker: "127.0.0.1", fate: "listens too" },
  { host: "::1", taker: "0.0.0.0", fate: "listens too" },
  { host: "127.0.0.1", taker: "127.0.0.2", fate: "listens too" },
];

function service(host: string, fate: Fate) {
  return (ports: readonly number[]) =>
    `[services.a]
label = "Service A"
command = ${
      delayedBind(
        serverCommand("--port", String(ports[0]), "--host", host),
        fate === "lives on" ? "exec sleep 1000" : undefined,
      )
    }
port = ${ports[0]}
ready = { http = "/", timeout = "${fate === "ends" ? "120s" : "4s"}" }
`;
}

for (const { host, taker: place, fate } of THEFTS) {
  const ignore = ON_LINUX.ignore ||
    (!HAS_IPV6 && (host.includes(":") || place.includes(":")));
  Deno.test(
    `an old server on ${place}, the new one on ${host} ${fate}: not ready`,
    { ignore },
    async () => {
      await using project = makeProject(1, service(host, fate));
      const [port = 0] = project.ports;
      const prepared = await prepareTaker(project, port, { host: place });
      const { run, taker } = await startAndTakePort(
        project,
        () => prepared.taker,
      );
      await using _ = taker;
      strictEqual(run.code, 1, run.stdout + run.stderr);
      doesNotMatch(run.stdout, /Service A: ready/);
      const named = `deno \\(PID ${taker.pid}\\)`;
      if (fate === "ends") {
        match(
          run.stdout,
          new RegExp(
            `Service A: port ${port} belongs to ${named}\n` +
              ".*Service A: ended with exit code 1 before it was ready\n" +
              "(?: {3}.*\n)+",
          ),
        );
        match(run.stdout, /\| .*AddrInUse/);
        match(
          project.read(".devsvc/devsvc.log"),
          new RegExp(`^\\S+ held a port=${port} pids=${taker.pid} `, "m"),
        );
      } else {
        match(
          run.stdout,
          new RegExp(
            "Service A: not ready after 4 s \\(ready\\.timeout\\); it was left running\n" +
              ` +port ${port} answers, but it belongs to ${named}\n`,
          ),
        );
      }

      const [seen] = await statusOf(project);
      strictEqual(seen?.state, "foreign");
      ok(seen.holders.some(({ pid }) => pid === taker.pid));
      strictEqual(seen.readyAt, null);
      ok(taker.isAlive(), "it is not devsvc's to stop");
    },
  );
}

Deno.test(
  "an old server of this project that answers is told to programs, too",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, service("127.0.0.1", "lives on"));
    const [port = 0] = project.ports;
    const prepared = await prepareTaker(project, port, { cwd: project.root });
    const { run, taker } = await startAndTakePort(
      project,
      () => prepared.taker,
      ["--json"],
    );
    await using _ = taker;
    strictEqual(run.code, 1);
    const [seen] = reportOf(run).services;
    strictEqual(seen?.state, "untracked");
    strictEqual(seen.health, "healthy", "and that proves nothing");
    strictEqual(seen.readyAt, null);
    strictEqual(seen.failure?.kind, "timeout");
    deepStrictEqual(seen.failure.pending, {
      kind: "owner",
      port,
      holders: [{ pid: taker.pid, name: "deno" }],
    });
    strictEqual((await project.run(["status"])).code, 1);
  },
);
