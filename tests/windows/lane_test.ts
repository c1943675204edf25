/** devsvc as a Windows program: one project through its day, and its faults. */

import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  strictEqual,
} from "node:assert/strict";
import { existsSync } from "node:fs";
import { pidsOf, reportOf, statusOf } from "../kit/report.ts";
import {
  answers,
  endInLane,
  LANE,
  laneProcesses,
  type LaneProject,
  makeLaneProject,
  spawnInLane,
  waitFor,
} from "./lane.ts";

/** A server that speaks, one a port, named `a`, `b` and so on. */
function servers(count: number, ...args: readonly string[]): LaneProject {
  return makeLaneProject(count, (ports, server) =>
    ports.map((port, index) => {
      const name = "abc"[index];
      return `[services.${name}]
label = "Service ${name}"
command = ${server("--port", String(port), ...args)}
port = ${port}
ready = { http = "/" }
`;
    }).join("\n"));
}

async function textOf(port: number): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${port}`)).text();
}

Deno.test(
  "Windows: a project goes from free to ready to stopped",
  LANE,
  async () => {
    await using project = servers(2);
    const [portA = 0, portB = 0] = project.ports;

    const free = await project.run(["check"]);
    strictEqual(free.code, 0, free.stdout + free.stderr);
    match(free.stdout, /All ports are free/);

    const started = await project.run(["start"]);
    strictEqual(started.code, 0, started.stdout + started.stderr);
    match(started.stdout, /2 services are ready/);
    match(await textOf(portA), /^hello from/);
    match(await textOf(portB), /^hello from/);

    const held = await project.run(["check"]);
    strictEqual(held.code, 1);
    match(
      held.stdout,
      new RegExp(
        `Port ${portA} \\(Service a\\): IN USE\\s+PID \\d+ · deno\\.exe run .*` +
          "server\\.t?… · started by devsvc · since \\d\\d:\\d\\d · healthy",
      ),
    );
    const pids = await pidsOf(project);

    const again = await project.run(["start"]);
    strictEqual(again.code, 0);
    match(again.stdout, /Already running: 2 services\. Nothing was started/);
    deepStrictEqual(await pidsOf(project), pids);

    const restarted = await project.run(["restart", "a"]);
    strictEqual(restarted.code, 0, restarted.stdout + restarted.stderr);
    const after = await pidsOf(project);
    notStrictEqual(after[0], pids[0], "a has a new process");
    strictEqual(after[1], pids[1], "b was left alone");

    const stopped = await project.run(["stop"]);
    strictEqual(stopped.code, 0, stopped.stdout + stopped.stderr);
    match(stopped.stdout, /2 services stopped, ports free/);
    deepStrictEqual(await project.processes(), []);
    ok(!await answers(portA) && !await answers(portB));

    const nothing = await project.run(["stop"]);
    strictEqual(nothing.code, 0);
    match(nothing.stdout, /Nothing was running/);
  },
);

Deno.test("Windows: three starts at once make one service", LANE, async () => {
  await using project = servers(1);
  const runs = await Promise.all(
    [1, 2, 3].map(() => project.run(["start"])),
  );
  deepStrictEqual(runs.map(({ code }) => code), [0, 0, 0]);
  // It answers late now and then, with all that goes on in the lane.
  await waitFor(async () => (await statusOf(project))[0]?.state === "running");
  const processes = await project.processes();
  // The start barrier of a service names no program: only the server itself counts.
  strictEqual(processes.length, 1, JSON.stringify(processes));
});

Deno.test(
  "Windows: another process is named, refused, and stopped by force alone",
  LANE,
  async () => {
    await using project = servers(1);
    const [port = 0] = project.ports;
    // In a folder of no project, and by a command that is not the service's.
    await using otherServer = spawnInLane(
      [
        "deno.exe",
        "eval",
        `Deno.serve({ port: ${port}, hostname: "127.0.0.1" },
      () => new Response("other server"))`,
      ],
      { cwd: "/" },
    );
    await waitFor(() => answers(port));

    const check = await project.run(["check", "--json"]);
    strictEqual(check.code, 1);
    const [seen] = reportOf(check).services;
    strictEqual(seen?.state, "foreign");
    match(seen?.holders[0]?.args.join(" ") ?? "", /eval .*other server/s);
    deepStrictEqual(seen?.holders[0]?.addresses, ["127.0.0.1"]);

    const start = await project.run(["start"]);
    strictEqual(start.code, 3);
    match(start.stdout, /Nothing was started: a port is held/);
    strictEqual((await project.run(["stop"])).code, 3);
    strictEqual(await textOf(port), "other server");

    const forced = await project.run(["stop", "--force"]);
    strictEqual(forced.code, 0, forced.stdout + forced.stderr);
    ok(!await answers(port));
    await otherServer.ended();
    deepStrictEqual(await laneProcesses("other server"), []);
  },
);

Deno.test(
  "Windows: a port whose owner is not shown is never free",
  LANE,
  async () => {
    await using project = servers(1);
    const [port = 0] = project.ports;
    // A program of Linux: the tools of Windows do not see it, a bind does.
    using _holder = Deno.listen({ hostname: "127.0.0.1", port });
    const check = await project.run(["check", "--json"]);
    strictEqual(check.code, 1);
    strictEqual(reportOf(check).services[0]?.state, "hidden");
    strictEqual((await project.run(["start"])).code, 3);
    deepStrictEqual(await project.processes(), []);
  },
);

Deno.test(
  "Windows: a service outlives a devsvc that was killed",
  LANE,
  async () => {
    await using project = servers(1, "--after", "go");
    const [port = 0] = project.ports;
    await using starting = project.spawn(["start"]);
    await waitFor(async () => (await project.processes()).length > 0);
    // Not while it brings the supervisor: Deno creates processes that stand still,
    // and one that is not woken any more stays so.
    await waitFor(() => existsSync(`${project.root}/.devsvc/supervisor.json`));
    starting.kill();
    await starting.ended();

    const [seen] = await statusOf(project);
    strictEqual(seen?.state, "starting");
    project.write("go", "");
    const resumed = await project.run(["start"]);
    strictEqual(resumed.code, 0, resumed.stdout + resumed.stderr);
    deepStrictEqual(await pidsOf(project), [seen?.pid]);
    match(await textOf(port), /^hello from/);
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(await project.processes(), []);
  },
);

Deno.test(
  "Windows: a service that ends at once is told with its last words",
  LANE,
  async () => {
    await using project = servers(1, "--fail", "3");
    const start = await project.run(["start"]);
    strictEqual(start.code, 1);
    match(start.stdout + start.stderr, /code 3[^]*fatal: no such database/);
    deepStrictEqual(await project.processes(), []);
  },
);

Deno.test("Windows: a log has every byte that was written", LANE, async () => {
  await using project = makeLaneProject(0, () =>
    `[services.voice]
command = ["deno", "eval", """
  console.log('écrit à 10 €, 😀', Deno.env.get("NAME"), Deno.cwd());
  console.error('%PATH% & "quoted" ^ !x!');
  setInterval(() => {}, 1000);
"""]
env = { NAME = "Zoë" }
`);
  const start = await project.run(["start"]);
  strictEqual(start.code, 0, start.stdout + start.stderr);
  await waitFor(() => project.read(".devsvc/logs/voice.log").includes("!x!"));
  strictEqual(
    project.read(".devsvc/logs/voice.log"),
    `écrit à 10 €, 😀 Zoë Z:${project.root.replaceAll("/", "\\")}\n` +
      '%PATH% & "quoted" ^ !x!\n',
  );
});

Deno.test("Windows: stop takes the whole tree", LANE, async () => {
  await using project = makeLaneProject(1, ([port = 0]) => {
    const words = "deno run -A --no-config --no-lock server.ts";
    // The shell of a string, a shell in it, and two levels of programs.
    return `[services.tree]
command = 'cmd /d /c "${words} --port ${port} --child"'
port = ${port}
`;
  });
  const start = await project.run(["start"]);
  strictEqual(start.code, 0, start.stdout + start.stderr);
  const [seen] = await statusOf(project);
  ok((seen?.processes.length ?? 0) >= 5, JSON.stringify(seen));
  const stop = await project.run(["stop"]);
  strictEqual(stop.code, 0, stop.stdout + stop.stderr);
  const gone = new Set(seen?.processes.map(({ pid }) => pid));
  const left = (await laneProcesses("")).filter(({ pid }) => gone.has(pid));
  deepStrictEqual(left, []);
});

Deno.test(
  "Windows: what a dead wrapper left is an orphan, and stopped",
  LANE,
  async () => {
    await using project = servers(1);
    const [port = 0] = project.ports;
    strictEqual((await project.run(["start"])).code, 0);
    const [running] = await statusOf(project);
    await endInLane(running?.processes[0]?.pid ?? 0);
    const [orphan] = await statusOf(project);
    strictEqual(orphan?.state, "orphan");
    deepStrictEqual(
      orphan?.processes.map(({ pid }) => pid),
      running?.processes.map(({ pid }) => pid).slice(1),
    );
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    ok(!await answers(port));
  },
);

Deno.test(
  "Windows: the supervisor starts again what ended, and tells how it ended",
  LANE,
  async () => {
    await using project = makeLaneProject(
      1,
      ([port = 0], server) =>
        `[services.a]
command = ${server("--port", String(port))}
port = ${port}
restart = { when = "on-failure", delay = "100ms" }
`,
    );
    strictEqual((await project.run(["start"])).code, 0);
    const [before] = await statusOf(project);
    await endInLane(before?.pid ?? 0);
    const journal = () => project.read(".devsvc/devsvc.log");
    await waitFor(() => (journal().match(/ ready a /g) ?? []).length === 2);
    match(journal(), / crashed a pid=\d+ code=\d+ by=/);
    const [after] = await statusOf(project);
    strictEqual(after?.state, "running");
    notStrictEqual(after?.pid, before?.pid);
    strictEqual((await project.run(["stop"])).code, 0);
    deepStrictEqual(await project.processes(), []);
  },
);

// The processes and their end are real; that the row names the dead parent is
// done by the stand-in for netstat, since Wine names the child.
Deno.test(
  "Windows: the inherited-socket holder of a dead owner is found, and stopped by force",
  LANE,
  async () => {
    await using project = servers(1);
    const [port = 0] = project.ports;
    const serve = `Deno.serve({ port: ${port}, hostname: "127.0.0.1" }, ` +
      '() => new Response("inherited-socket holder"))';
    const args = ["eval", "--no-config", serve, "parent_pid="];
    await using parent = spawnInLane(
      [
        ...["deno.exe", "eval", "--no-config"],
        `const args = ${JSON.stringify(args)};
        args.push(args.pop() + Deno.pid);
        new Deno.Command(Deno.execPath(), { args, detached: true, stdin: "null" })
          .spawn();
        setInterval(() => {}, 1000);`,
      ],
      { cwd: "/" },
    );
    await waitFor(() => answers(port));
    const found = await laneProcesses("parent_pid=");
    const worker = found.find(({ line }) => /parent_pid=\d/.test(line));
    ok(worker, JSON.stringify(found));
    await endInLane(worker.ppid);
    await parent.ended();
    strictEqual(await textOf(port), "inherited-socket holder");

    const windows = { NETSTAT_CREATOR: `${port}=${worker.ppid}` };
    const check = await project.run(["check", "--json"], windows);
    strictEqual(check.code, 1);
    const [seen] = reportOf(check).services;
    strictEqual(seen?.state, "stale-owner");
    deepStrictEqual(seen?.holders.map(({ pid }) => pid), [worker.pid]);

    strictEqual((await project.run(["stop"], windows)).code, 3);
    strictEqual(await textOf(port), "inherited-socket holder");
    const forced = await project.run(["stop", "--force"], windows);
    strictEqual(forced.code, 0, forced.stdout + forced.stderr);
    ok(!await answers(port));
  },
);
