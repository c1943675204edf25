/** `devsvc up`: the services in the foreground, until Ctrl-C stops them. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { devsvcCommand, ENGLISH } from "../kit/run_devsvc.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import {
  answers,
  instancesIn,
  isAlive,
  processesIn,
} from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { openTerminalRun, type TerminalRun } from "../kit/pty.ts";
import { pidsOf, statusOf } from "../kit/report.ts";
import { startServer } from "../kit/test_server.ts";

const FOLLOWING = "Ctrl-C stops everything";
const CTRL_C = "\x03";

/** `b` depends on `a`. */
function twoServers(...args: readonly string[]) {
  return (ports: readonly number[]): string =>
    `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(ports[0]))}
port = ${ports[0]}
ready = { http = "/" }

[services.b]
label = "Service B"
command = ${serverCommand("--port", String(ports[1]), ...args)}
port = ${ports[1]}
ready = { http = "/" }
depends_on = ["a"]
stop = { timeout = "60s" }
`;
}

function upIn(project: TestProject, ...args: string[]): TerminalRun {
  return openTerminalRun(["up", ...args], {
    cwd: project.root,
    env: ENGLISH,
  });
}

/** Which services a kind of event was written down of, in their order. */
function eventsOf(project: TestProject, kind: string): readonly string[] {
  return project.read(".devsvc/devsvc.log").split("\n")
    .map((line) => line.split(" "))
    .filter(([, event]) => event === kind)
    .map(([, , service = ""]) => service);
}

async function equalNothingLeft({ root, ports }: TestProject): Promise<void> {
  deepStrictEqual(processesIn(root), []);
  for (const port of ports) ok(!await answers(port));
}

Deno.test(
  "up starts, shows logs and events, and Ctrl-C stops dependents first",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, twoServers());
    await using run = upIn(project);
    await run.waitFor(FOLLOWING);
    for (const [index, name] of ["a", "b"].entries()) {
      const line = `\\d\\d:\\d\\d:\\d\\d ${name} \\| listening on ` +
        project.ports[index];
      await run.waitFor(new RegExp(`^${line}$`, "m"));
    }
    // Each name in a colour of its own.
    const colors = ["a", "b"].map((name) =>
      new RegExp(`\x1b\\[([\\d;]+)m${name} \\|\x1b`).exec(run.output())?.[1]
    );
    ok(colors[0] !== undefined && colors[1] !== undefined, run.output());
    ok(colors[0] !== colors[1]);
    strictEqual(run.screen().join("\n").includes("To stop:"), false);

    run.type(CTRL_C);
    strictEqual(await run.exit(), 0, run.screen().join("\n"));
    match(
      run.screen().join("\n"),
      /Stopping the services….*\n✅ Service B: stopped in .*\n✅ Service A: stopped in .*\n\n✅ 2 services stopped, ports free/,
    );
    deepStrictEqual(eventsOf(project, "stopped"), ["b", "a"]);
    await equalNothingLeft(project);
  },
);

Deno.test(
  "a crash is told between the lines, and the supervisor's new start, too",
  ON_LINUX,
  async () => {
    await using project = makeProject(
      1,
      (ports) => `${plainServers(ports)}restart = "on-failure"\n`,
    );
    await using run = upIn(project);
    await run.waitFor(FOLLOWING);
    const pid = (await pidsOf(project))[0] ?? 0;
    Deno.kill(pid, "SIGKILL");
    await run.waitFor(`devsvc | crashed a pid=${pid} signal=SIGKILL`);
    await run.waitFor(/^devsvc \| ready a pid=\d+ /m);
    const [service] = await statusOf(project);
    strictEqual(service?.state, "running");
    ok(service?.pid !== pid);
    await run.waitFor(
      new RegExp(`(listening on ${project.ports[0]}[^]*){2}`),
    );
    run.type(CTRL_C);
    strictEqual(await run.exit(), 0, run.screen().join("\n"));
    await equalNothingLeft(project);
  },
);

Deno.test(
  "a line that a service wrote into the journal cannot act on the terminal",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, plainServers);
    await using run = upIn(project);
    await run.waitFor(FOLLOWING);
    await Deno.writeTextFile(
      `${project.root}/.devsvc/devsvc.log`,
      "2026-11-21T10:00:00.000Z ready a \x1b]0;evil\x07\x1b[2J by=1\n",
      { append: true },
    );
    await run.waitFor("devsvc | ready a \ufffd]0;evil\ufffd\ufffd[2J");
    strictEqual(run.output().includes("\x1b]0;evil"), false);
    run.type(CTRL_C);
    strictEqual(await run.exit(), 0, run.screen().join("\n"));
  },
);

Deno.test(
  "a second Ctrl-C forces who does not stop, and says so",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, twoServers("--stubborn"));
    await using run = upIn(project);
    await run.waitFor(FOLLOWING);
    const begun = performance.now();
    run.type(CTRL_C);
    await run.waitFor("Stopping the services… (Ctrl-C again: without waiting)");
    await run.waitFor(/b \| not now|⏳ Service B/);
    strictEqual(instancesIn(project.root).size, 2, "it is given its time");
    run.type(CTRL_C);
    strictEqual(await run.exit(), 0, run.screen().join("\n"));
    ok(performance.now() - begun < 30_000, "long before its time is up");
    const screen = run.screen().join("\n");
    match(
      screen,
      /\n❌ Service B: interrupted while stopping\n[^]*\nStopping by force…\n[^]*2 services stopped, ports free/,
    );
    strictEqual(screen.includes("Still running"), false, screen);
    deepStrictEqual(eventsOf(project, "stopped"), ["b", "a"]);
    await equalNothingLeft(project);
  },
);

Deno.test("up --keep leaves them running", ON_LINUX, async () => {
  await using project = makeProject(1, plainServers);
  await using run = upIn(project, "--keep");
  await run.waitFor("Ctrl-C ends the view; the services go on");
  run.type(CTRL_C);
  strictEqual(await run.exit(), 0);
  match(
    run.screen().join("\n"),
    /\nThe services go on; to stop them: devsvc stop$/m,
  );
  strictEqual((await statusOf(project))[0]?.state, "running");
});

Deno.test(
  "what runs already is followed without a question, the rest is started",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, twoServers());
    strictEqual((await project.run(["start", "a"])).code, 0);
    const [before] = await pidsOf(project);
    await using run = upIn(project);
    await run.waitFor(FOLLOWING);
    const screen = run.screen().join("\n");
    match(screen, new RegExp(`✅ Service A {2}PID ${before}  http`));
    match(screen, /✅ Service B: ready in /);
    strictEqual(screen.includes("What do you want to do"), false, screen);
    strictEqual((await pidsOf(project))[0], before);
    strictEqual(
      screen.includes(`listening on ${project.ports[0]}`),
      false,
      "only what is new",
    );

    // A view of what runs, nothing to start: no question either.
    await using second = upIn(project, "--keep");
    await second.waitFor("Already running: 2 services. Nothing was started.");
    await second.waitFor("Ctrl-C ends the view; the services go on");
    second.type(CTRL_C);
    strictEqual(await second.exit(), 0);
    strictEqual(instancesIn(project.root).size, 2);

    run.type(CTRL_C);
    strictEqual(await run.exit(), 0);
    await equalNothingLeft(project);
  },
);

Deno.test("a conflict: exit 3, nothing is touched", ON_LINUX, async () => {
  await using project = makeProject(2, twoServers());
  const [, portB = 0] = project.ports;
  await using otherServer = await startServer(portB);
  await using run = upIn(project, "--on-conflict=fail");
  strictEqual(await run.exit(), 3);
  const screen = run.screen().join("\n");
  match(screen, new RegExp(`PID ${otherServer.pid} `));
  match(screen, /Nothing was started: a port is held/);
  strictEqual(screen.includes(FOLLOWING), false, screen);
  ok(otherServer.isAlive());
  deepStrictEqual(processesIn(project.root), []);
});

Deno.test("Ctrl-C at the question leaves what ran", ON_LINUX, async () => {
  await using project = makeProject(2, twoServers());
  strictEqual((await project.run(["start", "a"])).code, 0);
  const [before] = await pidsOf(project);
  const [, portB = 0] = project.ports;
  await using otherServer = await startServer(portB);
  await using run = upIn(project);
  await run.waitFor("Your choice (1");
  run.type(CTRL_C);
  strictEqual(await run.exit(), 130);
  match(run.screen().join("\n"), /Cancelled: nothing was changed\./);
  ok(otherServer.isAlive());
  strictEqual((await pidsOf(project))[0], before);
  ok(isAlive(before ?? 0));
});

/** `a` never becomes ready, `b` waits for it. */
function neverReady(ports: readonly number[]): string {
  return twoServers()(ports).replace(
    serverCommand("--port", String(ports[0])),
    serverCommand("--port", String(ports[0]), "--health", "503"),
  );
}

for (const keep of [false, true]) {
  const what = keep ? "with --keep leaves what was begun" : "ends all of it";
  Deno.test(`Ctrl-C during the start ${what}`, ON_LINUX, async () => {
    await using project = makeProject(2, neverReady);
    await using run = upIn(project, ...keep ? ["--keep"] : []);
    await run.waitFor("waiting for GET /: HTTP 503");
    run.type(CTRL_C);
    const code = await run.exit();
    const screen = run.screen().join("\n");
    match(screen, /❌ Service A: not ready: interrupted/);
    if (keep) {
      strictEqual(code, 130, screen);
      match(screen, /Still running: Service A\. To stop: devsvc stop/);
      deepStrictEqual([...instancesIn(project.root).keys()], ["a"]);
      return;
    }
    strictEqual(code, 0, screen);
    match(screen, /✅ Service A: stopped in .*\n\n✅ 1 service stopped/);
    strictEqual(screen.includes("To stop:"), false, screen);
    await equalNothingLeft(project);
  });
}

Deno.test(
  "when everything ended by itself, up ends with 1",
  ON_LINUX,
  async () => {
    await using project = makeProject(0, () =>
      `[services.a]
command = ["sh", "-c", "echo up; read line < gate; echo bye; exit 3"]
ready = { log = "^up$" }
`);
    await new Deno.Command("mkfifo", { args: [`${project.root}/gate`] })
      .output();
    await using run = upIn(project);
    await run.waitFor(FOLLOWING);
    await Deno.writeTextFile(`${project.root}/gate`, "go\n");
    strictEqual(await run.exit(), 1, run.screen().join("\n"));
    const screen = run.screen().join("\n");
    match(screen, /a \| bye$/m);
    match(screen, /^devsvc \| crashed a pid=\d+ code=3$/m);
    match(screen, /\nNo service runs any more$/m);
  },
);

for (const signal of ["SIGTERM", "SIGHUP"] as const) {
  Deno.test(
    `up without a terminal: plain lines, ${signal} stops all`,
    ON_LINUX,
    async () => {
      await using project = makeProject(2, twoServers());
      const child = project.spawn(["up"]);
      const errors = new Response(child.stderr).text();
      let shown = "";
      const reading = child.stdout.pipeThrough(new TextDecoderStream())
        .pipeTo(new WritableStream({ write: (text) => void (shown += text) }));
      await until(() => /b \| listening on/.test(shown));
      child.kill(signal);
      const { code } = await child.status;
      await reading;
      strictEqual(code, 0, shown);
      // deno-lint-ignore no-control-regex
      strictEqual(/[\x1b\r]/.test(shown), false, shown);
      match(shown, /2 services stopped, ports free\n$/);
      strictEqual(await errors, "");
      await equalNothingLeft(project);
    },
  );
}

Deno.test("a window that is closed stops all", ON_LINUX, async () => {
  await using project = makeProject(2, twoServers());
  const words = [...devsvcCommand(), "up"].map((word) => `'${word}'`).join(" ");
  // The terminal is that of `script`, and ends with it.
  const window = new Deno.Command("script", {
    args: ["-qec", words, "/dev/null"],
    cwd: project.root,
    stdin: "null",
    stdout: "piped",
  }).spawn();
  let shown = "";
  const reading = window.stdout.pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream({ write: (text) => void (shown += text) }));
  await until(() => /b \|.* listening on/.test(shown));
  window.kill("SIGKILL");
  await window.status;
  await reading;
  await until(() => processesIn(project.root).length === 0);
  deepStrictEqual(eventsOf(project, "stopped"), ["b", "a"]);
  await equalNothingLeft(project);
});

Deno.test("a reader that left stops all, too", ON_LINUX, async () => {
  await using project = makeProject(0, () =>
    `[services.a]
command = "while echo on; do sleep 0.1; done"
`);
  const child = project.spawn(["up"]);
  const errors = new Response(child.stderr).text();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  // What it cannot write tells it that nobody reads.
  strictEqual((await child.status).code, 0);
  strictEqual(await errors, "");
  await equalNothingLeft(project);
});
