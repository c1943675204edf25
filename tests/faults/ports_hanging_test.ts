/**
 * Case 12 of the list, the half that takes time: tools that hang. Every command
 * ends within the deadlines of its looks, names who it can, and else says that
 * it cannot tell: never "free", never "stopped".
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isAlive, processesIn } from "../kit/processes.ts";
import { makeProject, plainServers } from "../kit/test_project.ts";
import { reportOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";
import {
  openSandbox,
  OWN_TOOLS,
  SANDBOX,
  type Sandbox,
  SANDBOX_NEEDS,
  toolInstead,
  withoutTools,
} from "../kit/sandbox.ts";

/** Where it is noted that a tool was asked, inside of a sandbox. */
const ASKED = "/srv/tools/asked";

const HANGS = `echo >${ASKED}; exec sleep 60`;

const ALL_HANG = ["ss", "lsof", "fuser"]
  .map((tool) => toolInstead(tool, HANGS)).join("");

/** A `cat` that hangs on some files, and else works. */
function hangsOn(word: string): string {
  return `case "$*" in *${word}*) exec sleep 60;; esac; exec "$real" "$@"`;
}

/**
 * What a command may take, in milliseconds: it looks four times at the most,
 * and each look has two steps of 3 s (ss, then lsof beside the kernel). All the
 * rest may take its time on a busy machine, but less than a tool that hangs.
 */
const LIMIT = 4 * 2 * 3_000 + 20_000;

async function runBounded(
  sandbox: Sandbox,
  cwd: string,
  ...args: readonly string[]
) {
  const result = await sandbox.run(args, { cwd });
  ok(result.elapsed < LIMIT, `${args.join(" ")}: ${result.elapsed} ms`);
  return result;
}

for (
  const [title, setup] of [
    ["an ss that hangs", toolInstead("ss", HANGS)],
    ["ss, lsof and fuser that hang", ALL_HANG],
  ] as const
) {
  Deno.test(`${title}: who holds a port is told ${SANDBOX_NEEDS}`, {
    ...SANDBOX,
  }, async () => {
    await using sandbox = await openSandbox(OWN_TOOLS + setup);
    await using project = makeProject(2, plainServers);
    const [, portB = 0] = project.ports;
    await using otherServer = await startServer(portB);
    const run = (...args: readonly string[]) =>
      runBounded(sandbox, project.root, ...args);
    const free = await run("check", "a");
    strictEqual(free.code, 0, free.stdout);
    const { code } = await sandbox.command("test", ["-e", ASKED]).output();
    strictEqual(code, 1, "a free port needs no tool");
    const [check, start] = await Promise.all([
      run("check", "--json"),
      run("start"),
    ]);
    strictEqual(check.code, 1, check.stdout + check.stderr);
    deepStrictEqual(
      reportOf(check).services.map(({ state, holders }) => [
        state,
        holders.map(({ pid }) => pid),
      ]),
      [["free", []], ["foreign", [otherServer.pid]]],
    );
    strictEqual(start.code, 3, start.stdout + start.stderr);
    deepStrictEqual(processesIn(project.root), []);
    ok(otherServer.isAlive());
  });
}

Deno.test(
  `an ss that hangs: start is proven, stop is proven ${SANDBOX_NEEDS}`,
  SANDBOX,
  async () => {
    await using sandbox = await openSandbox(
      OWN_TOOLS + toolInstead("ss", HANGS),
    );
    await using project = makeProject(1, plainServers);
    const start = await runBounded(sandbox, project.root, "start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const pids = processesIn(project.root);
    strictEqual(pids.length, 1);
    const stop = await runBounded(sandbox, project.root, "stop");
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(pids.filter(isAlive), []);
  },
);

/** Not even the kernel tells. */
const ALL_SOURCES_HANG = [
  [
    "tools that hang, and a /proc/net that does",
    ALL_HANG + toolInstead("cat", hangsOn("/net/tcp")),
  ],
  [
    "no tools, and a table of processes that hangs",
    withoutTools("ss", "lsof", "fuser") + toolInstead("cat", hangsOn("/stat")),
  ],
] as const;

for (const [title, setup] of ALL_SOURCES_HANG) {
  Deno.test(
    `${title}: a held port is unknown, never free ${SANDBOX_NEEDS}`,
    SANDBOX,
    async () => {
      await using sandbox = await openSandbox(OWN_TOOLS + setup);
      await using project = makeProject(2, plainServers);
      const [, portB = 0] = project.ports;
      await using otherServer = await startServer(portB, {
        cwd: project.root,
      });
      const run = (...args: readonly string[]) =>
        runBounded(sandbox, project.root, ...args);
      const [check, status, start] = await Promise.all([
        run("check"),
        run("status", "--json"),
        run("start", "--force"),
      ]);
      strictEqual(check.code, 4, check.stdout + check.stderr);
      match(
        check.stdout,
        new RegExp(`Port ${portB} .*: UNKNOWN\n +unknown \\(`),
      );
      match(check.stdout, /WARNING: the state of some ports could not be told/);
      strictEqual(status.code, 4);
      strictEqual(reportOf(status).services[1]?.state, "unknown");
      for (const { code, stdout } of [start, await run("stop", "--force")]) {
        strictEqual(code, 3, stdout);
        match(stdout, new RegExp(`Service B \\(${portB}\\): unknown`));
      }
      deepStrictEqual(processesIn(project.root), [otherServer.pid]);
    },
  );

  Deno.test(
    `${title}: what runs is not called stopped ${SANDBOX_NEEDS}`,
    SANDBOX,
    async () => {
      await using project = makeProject(1, plainServers);
      strictEqual((await project.run(["start"])).code, 0);
      await using sandbox = await openSandbox(OWN_TOOLS + setup);
      for (const args of [["restart", "--force"], ["stop"]]) {
        const run = await runBounded(sandbox, project.root, ...args);
        ok(run.code === 1 || run.code === 3, run.stdout + run.stderr);
        ok(!/ports free|Nothing was running/.test(run.stdout), run.stdout);
      }
      ok(processesIn(project.root).length <= 1, "no second one");
    },
  );
}
