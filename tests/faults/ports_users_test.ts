/**
 * Case 11 of the list: holders that belong to others. devsvc runs as `nobody`
 * against servers of root, on a port below 1024, and beside programs that
 * publish the ports of containers; nothing is ever stopped, and each is told by
 * its own sentence, in both languages.
 *
 * Its Windows half, PID 4 and the excluded ranges, is shown in tests/windows.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { makeFolder, until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, processesIn } from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  type TestProject,
} from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";
import {
  NOBODY,
  openSandbox,
  OWN_TOOLS,
  SANDBOX,
  SANDBOX_NEEDS,
} from "../kit/sandbox.ts";

const FORCED = [
  ["start"],
  ["start", "--force"],
  ["restart", "--force"],
  ["stop"],
  ["stop", "--force"],
];

/**
 * Lets `nobody` call devsvc in a project. Afterwards `.devsvc` is removed: root
 * does not believe that of nobody.
 */
async function openToNobody({ root }: TestProject): Promise<AsyncDisposable> {
  await Deno.chmod(`${root}/..`, 0o755);
  await Deno.chown(root, NOBODY, NOBODY);
  return {
    [Symbol.asyncDispose]: () =>
      Deno.remove(`${root}/.devsvc`, { recursive: true }).catch(() => {}),
  };
}

Deno.test(
  `a server of root is not to be stopped by nobody, and that is told ${SANDBOX_NEEDS}`,
  SANDBOX,
  async () => {
    await using sandbox = await openSandbox(OWN_TOOLS);
    await using project = makeProject(2, plainServers);
    await using _ = await openToNobody(project);
    const [portA = 0, portB = 0] = project.ports;
    await using server = await startServer(portB, { cwd: project.root });
    const run = (...args: readonly string[]) =>
      sandbox.run(args, { cwd: project.root, powerless: true });

    const check = await run("check");
    strictEqual(check.code, 1, check.stdout + check.stderr);
    match(check.stdout, new RegExp(`Port ${portA} .*: FREE`));
    match(
      check.stdout,
      new RegExp(`Port ${portB} .*: IN USE\n +held by another user \\(root\\)`),
    );
    match(
      (await run("check", "--lang", "fr")).stdout,
      /UTILISÉ\n +tenu par un autre utilisateur \(root\)/,
    );
    const [, b] = reportOf(await run("check", "--json")).services;
    deepStrictEqual([b?.state, b?.holders], ["hidden", []]);

    for (const args of FORCED) {
      const { code, stdout, stderr } = await run(...args);
      strictEqual(code, 3, `${args.join(" ")}: ${stdout}${stderr}`);
      match(stdout, /→ its owner is not visible to you: ask for its rights/);
      ok(server.isAlive());
      ok(!await answers(portA));
    }
    match(
      (await run("start", "--lang", "fr")).stdout,
      /→ son propriétaire vous est invisible : demandez les droits/,
    );
  },
);

Deno.test(
  `nobody may not open port 80, and that is told before anything is started ${SANDBOX_NEEDS}`,
  SANDBOX,
  async () => {
    await using sandbox = await openSandbox(OWN_TOOLS, { network: true });
    await using project = makeProject(
      1,
      ([port]) => plainServers([port ?? 0, 80]),
    );
    await using _ = await openToNobody(project);
    const run = (...args: readonly string[]) =>
      sandbox.run(args, { cwd: project.root, powerless: true });
    const check = await run("check");
    strictEqual(check.code, 1, check.stdout + check.stderr);
    match(check.stdout, /Port 80 .*: RESERVED\n +reserved by the system/);
    match(
      (await run("check", "--lang", "fr")).stdout,
      /Port 80 .* : RÉSERVÉ\n +réservé par le système/,
    );
    for (const args of [["start"], ["start", "--force"]]) {
      const { code, stdout } = await run(...args);
      strictEqual(code, 3, stdout);
      match(stdout, /→ choose another port, or run with the rights/);
    }
    match(
      (await run("start", "--lang", "fr")).stdout,
      /→ changez de port, ou lancez avec les droits/,
    );
    deepStrictEqual(processesIn(project.root), []);
    strictEqual((await run("stop")).code, 0);
  },
);

Deno.test(
  `a service of nobody is started, proven and stopped by nobody ${SANDBOX_NEEDS}`,
  SANDBOX,
  async () => {
    await using sandbox = await openSandbox(OWN_TOOLS);
    await using project = makeProject(
      0,
      () => '[services.a]\ncommand = "sleep 1000 & sleep 1000; wait"\n',
    );
    await using _ = await openToNobody(project);
    const run = (...args: readonly string[]) =>
      sandbox.run(args, { cwd: project.root, powerless: true });
    const start = await run("start");
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const pids = await until(() => {
      const found = processesIn(project.root);
      return found.length >= 3 && found;
    });
    strictEqual(pids.length, 3);
    for (const pid of pids) {
      strictEqual((await Deno.stat(`/proc/${pid}`)).uid, NOBODY);
    }
    const stop = await run("stop");
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(processesIn(project.root), []);
  },
);

/** A `docker` that knows one container, or does not answer. */
async function makeDocker(script: string) {
  const folder = await makeFolder();
  await folder.tool("docker", script);
  const env = { PATH: `${folder.path}:${Deno.env.get("PATH")}` };
  const proxy = `${folder.path}/docker-proxy`;
  await Deno.symlink(Deno.execPath(), proxy);
  return {
    env,
    proxy,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

Deno.test(
  "docker names the container that is to be stopped",
  ON_LINUX,
  async () => {
    await using docker = await makeDocker(
      '[ "$2" = --filter ] && echo shop-api-1',
    );
    await using project = makeProject(1, plainServers);
    const [port = 0] = project.ports;
    await using server = await startServer(port, { program: docker.proxy });
    const { env } = docker;
    const check = await project.run(["check"], { env });
    strictEqual(check.code, 1);
    match(check.stdout, /held by a container \(shop-api-1\)/);
    match(
      (await project.run(["check", "--lang", "fr"], { env })).stdout,
      /tenu par un conteneur \(shop-api-1\)/,
    );
    for (const args of FORCED) {
      const { code, stdout } = await project.run(args, { env });
      strictEqual(code, 3, stdout);
      match(stdout, /→ docker stop shop-api-1$/m);
      ok(server.isAlive());
    }
  },
);

for (
  const [title, script] of [
    ["hangs", "exec sleep 60"],
    [
      "hangs and leaves a child with its pipe",
      "(cd / && exec sleep 3) & exec sleep 60",
    ],
    ["fails", "echo nonsense; exit 1"],
  ] as const
) {
  Deno.test(`a docker that ${title} holds nobody up`, ON_LINUX, async () => {
    await using docker = await makeDocker(script);
    await using project = makeProject(1, plainServers);
    const [port = 0] = project.ports;
    await using server = await startServer(port, { program: docker.proxy });
    const begun = performance.now();
    const { code, stdout } = await project.run(["stop", "--force"], {
      env: docker.env,
    });
    ok(performance.now() - begun < 30_000, "it was not waited for");
    strictEqual(code, 3, stdout);
    match(
      stdout,
      new RegExp(
        `→ find it with: docker ps --filter publish=${port}, then: docker stop`,
      ),
    );
    ok(server.isAlive());
    strictEqual((await statusOf(project))[0]?.state, "container");
  });
}
