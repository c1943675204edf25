/**
 * What no command ends: services of a project inside this one, of another
 * checkout, and programs of the user that only work in a folder of the project.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, isAlive } from "../kit/processes.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { reportOf, statusOf } from "../kit/report.ts";
import { runDevsvc } from "../kit/run_devsvc.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { killNow, until } from "../kit/test_process.ts";
import { startServer } from "../kit/test_server.ts";

/** Another checkout of a project, with services of its own running. */
interface Checkout extends AsyncDisposable {
  readonly root: string;
  /** The process that holds the port. */
  readonly pid: number;
  run(...args: readonly string[]): ReturnType<typeof runDevsvc>;
}

async function startCheckout(
  { ports, read }: TestProject,
  root: string,
): Promise<Checkout> {
  await Deno.mkdir(root, { recursive: true });
  const restarts = read("services.toml") + 'restart = "always"\n';
  await Deno.writeTextFile(`${root}/services.toml`, restarts);
  const run = (...args: readonly string[]) => runDevsvc(args, { cwd: root });
  const { code, stdout, stderr } = await run("start");
  if (code !== 0) throw new Error(`Cannot start: ${stdout}${stderr}`);
  const [service] = reportOf(await run("status", "--json")).services;
  const pid = service?.holders[0]?.pid ?? 0;
  ok(pid > 0, `nothing holds ${ports}`);
  return {
    root,
    pid,
    run,
    [Symbol.asyncDispose]: async () => {
      const stop = await run("stop");
      // Its port may be the other checkout's by then.
      if (stop.code !== 0 && stop.code !== 3) {
        throw new Error(`Cannot stop: ${stop.stdout}`);
      }
    },
  };
}

for (
  const [name, place] of [
    ["inside the project", ".worktrees/feature"],
    ["beside the project", "../feature"],
  ] as const
) {
  Deno.test(
    `what another checkout runs is named and left to it: ${name}`,
    ON_LINUX,
    async () => {
      await using project = makeProject(1, plainServers);
      const root = new URL(place, `file://${project.root}/`).pathname;
      await using checkout = await startCheckout(project, root);
      const check = await project.run(["check"]);
      strictEqual(check.code, 1);
      ok(check.stdout.includes(`from the project in ${root}`), check.stdout);
      const [service] = await statusOf(project);
      strictEqual(service?.state, "foreign");
      strictEqual(service.holders[0]?.project, root);

      const command = `devsvc stop --config ${root}/services.toml a`;
      for (const args of [["stop"], ["start"], ["restart"]]) {
        const run = await project.run(args);
        strictEqual(run.code, 3, args.join(" ") + run.stdout + run.stderr);
        ok(run.stdout.includes(command), run.stdout);
        ok(isAlive(checkout.pid), args.join(" "));
      }
      // The command that was named stops it, and nothing brings it back.
      const [, ...words] = command.split(" ");
      strictEqual((await project.run(words)).code, 0);
      strictEqual((await project.run(["start"])).code, 0);
      ok(!isAlive(checkout.pid));
      const [own] = await statusOf(project);
      strictEqual(own?.state, "running");
    },
  );
}

for (
  const args of [
    ["stop", "--force"],
    ["start", "--force"],
    ["start", "--on-conflict=restart"],
  ]
) {
  Deno.test(
    `devsvc ${args.join(" ")} has another checkout stop its service for good`,
    ON_LINUX,
    async () => {
      await using project = makeProject(1, plainServers);
      const root = `${project.root}/.worktrees/feature`;
      await using checkout = await startCheckout(project, root);
      const run = await project.run(args);
      strictEqual(run.code, 0, run.stdout + run.stderr);
      match(run.stderr, /^Stopping a of the project in .*\/feature$/m);
      if (args[0] === "stop") {
        match(run.stdout, /1 service stopped, ports free/);
      }
      ok(!isAlive(checkout.pid));
      // It was asked to stop there: it is down, and did not crash.
      const events = await Deno.readTextFile(`${root}/.devsvc/devsvc.log`);
      match(events, / stopped /);
      ok(!/ (?:crashed|backoff) /.test(events), events);
      const [own] = await statusOf(project);
      strictEqual(own?.state, args[0] === "start" ? "running" : "free");
    },
  );
}

Deno.test(
  "at a terminal the user may have another checkout stop its service",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const root = `${project.root}/.worktrees/feature`;
    await using checkout = await startCheckout(project, root);
    await using run = openTerminalRun(["start", "--lang", "en"], {
      cwd: project.root,
    });
    await run.waitFor("Your choice (1 or 2):");
    ok(isAlive(checkout.pid));
    run.type("1\r");
    strictEqual(await run.exit(), 0);
    ok(!isAlive(checkout.pid));
  },
);

Deno.test(
  "what was started by hand in a project inside this one is not this one's",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const inner = `${project.root}/packages/shop`;
    await Deno.mkdir(`${inner}/src`, { recursive: true });
    await Deno.writeTextFile(
      `${inner}/services.toml`,
      project.read("services.toml"),
    );
    await using server = await startServer(project.ports[0] ?? 0, {
      cwd: `${inner}/src`,
    });
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 3, stop.stdout + stop.stderr);
    match(stop.stdout, /from the project in .*\/packages\/shop/);
    match(stop.stdout, /devsvc stop --force stops it all the same/);
    ok(server.isAlive());
    strictEqual((await project.run(["stop", "--force"])).code, 0);
    ok(!server.isAlive());
  },
);

Deno.test(
  "a program that only works in a folder of the project is asked about",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const [port = 0] = project.ports;
    await using database = await startServer(port, { cwd: project.root });
    for (const args of [["stop"], ["restart"], ["start"]]) {
      const run = await project.run(args);
      strictEqual(run.code, 3, run.stdout + run.stderr);
      ok(database.isAlive(), args.join(" "));
    }
    const stop = await project.run(["stop"]);
    match(stop.stdout, /Not stopped, because devsvc did not start it:/);
    match(stop.stdout, /→ devsvc stop --force stops it all the same/);
    const plan = reportOf(await project.run(["stop", "--dry-run", "--json"]));
    deepStrictEqual(plan.plan, [{ service: "a", action: "conflict" }]);

    await using run = openTerminalRun(["stop", "--lang", "en"], {
      cwd: project.root,
    });
    await run.waitFor("Your choice (1 or 2):");
    ok(database.isAlive());
    run.type("1\r");
    strictEqual(await run.exit(), 0);
    ok(!await answers(port));
  },
);

/** The service `a` listens on the port of `b`, too. */
function greedyServers(ports: readonly number[]): string {
  const [first, second] = ports;
  const code =
    `for (const port of [${first}, ${second}]) Deno.serve({ hostname: "127.0.0.1", port }, () => new Response("ok"));`;
  const command = JSON.stringify([Deno.execPath(), "eval", code]);
  return `[services.a]
command = ${command}
port = ${first}
restart = "always"

[services.b]
command = ["sleep", "600"]
port = ${second}
`;
}

Deno.test(
  "a service that holds the port of another is ended by its own name only",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, greedyServers);
    const start = await project.run(["start", "a"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const pid = (await statusOf(project))[0]?.holders[0]?.pid ?? 0;
    ok(isAlive(pid));
    for (
      const args of [
        ["stop", "b"],
        ["stop", "b", "--force"],
        ["start", "b"],
        ["start", "b", "--on-conflict=restart"],
        ["restart", "b"],
      ]
    ) {
      const run = await project.run(args);
      strictEqual(run.code, 3, args.join(" ") + run.stdout + run.stderr);
      match(run.stdout, /from the service a of this project/);
      match(run.stdout, /devsvc stop a$/m);
      ok(isAlive(pid), args.join(" "));
    }
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    ok(!isAlive(pid));
  },
);

Deno.test(
  "a shell that runs other programs beside a service lives on with them",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    const [port = 0] = project.ports;
    const server =
      (JSON.parse(serverCommand("--port", String(port))) as string[])
        .map((word) => `'${word}'`).join(" ");
    const shell = new Deno.Command("bash", {
      args: ["-c", `sleep 600 & echo $!; ${server} & wait`],
      cwd: project.root,
      stdout: "piped",
    }).spawn();
    const output = shell.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    const other = Number((await output.read()).value?.split("\n")[0]);
    try {
      await until(() => answers(port));
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, 0, stop.stdout + stop.stderr);
      ok(!await answers(port));
      ok(isAlive(shell.pid));
      ok(isAlive(other));
    } finally {
      killNow(other);
      await shell.status;
      await output.cancel();
    }
  },
);

Deno.test(
  "what runs in the folder that a service leaves with cd is not the service",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, (ports) => {
      const words = JSON.parse(
        serverCommand("--port", String(ports[0])),
      ) as string[];
      return `[services.a]
command = ${JSON.stringify(`cd backend && ${words.join(" ")}`)}
port = ${ports[0]}
`;
    });
    const backend = `${project.root}/backend`;
    await Deno.mkdir(backend);
    const [port = 0] = project.ports;
    for (
      const [cwd, code] of [[project.root, 3], [backend, 0]] as const
    ) {
      await using server = await startServer(port, { cwd, isPlain: true });
      const stop = await project.run(["stop"]);
      strictEqual(stop.code, code, stop.stdout + stop.stderr);
      strictEqual(server.isAlive(), code !== 0);
    }
  },
);
