/**
 * Case 10 of the list: supervisors that bring back what is stopped. Their root
 * is found where it belongs to the service, else it is told that something
 * listens again, and never that the service is stopped. Case 8: npm, which
 * stands above a shell and the server.
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { fixture } from "../kit/paths.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, isAlive, processesIn } from "../kit/processes.ts";
import {
  makeProject,
  plainServers,
  serverCommand,
} from "../kit/test_project.ts";
import { reportOf, statusOf } from "../kit/report.ts";

function withMaster(ports: readonly number[]): string {
  const [port] = ports;
  const command = serverCommand("--port", String(port))
    .replace(fixture("server.ts"), fixture("master.ts"));
  return `[services.a]
command = ${command}
port = ${port}
ready = { http = "/" }
`;
}

Deno.test(
  "a master that devsvc started is stopped with its worker, for good",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, withMaster);
    const [port = 0] = project.ports;
    strictEqual((await project.run(["start"])).code, 0);
    const [master, worker = 0] = processesIn(project.root);

    Deno.kill(worker, "SIGKILL");
    await until(async () => !isAlive(worker) && await answers(port));
    const [service] = await statusOf(project);
    deepStrictEqual([service?.state, service?.pid], ["running", master]);

    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    deepStrictEqual(processesIn(project.root), []);
    ok(!await answers(port));
  },
);

/** A shell that starts the server again and again; it ends with the test. */
function startLoop(
  port: number,
  options: {
    readonly cwd: string;
    readonly script: (loop: string) => string[];
  },
): AsyncDisposable & { readonly pid: number } {
  const words: string[] = JSON.parse(
    serverCommand("--port", String(port), "--tied"),
  );
  const loop = `while :; do ${words.map((w) => `'${w}'`).join(" ")}; done`;
  const child = new Deno.Command("/bin/sh", {
    args: options.script(loop),
    cwd: options.cwd,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    pid: child.pid,
    [Symbol.asyncDispose]: async () => {
      // First the shell, or it would start another.
      try {
        child.kill("SIGKILL");
      } catch {
        // It was stopped.
      }
      await child.status;
      await child.stdin.close().catch(() => {});
      await until(async () => !await answers(port));
    },
  };
}

/** The service is started by hand only, as the test starts it. */
function tiedServers(ports: readonly number[]): string {
  return plainServers(ports).replaceAll(/("--port",\s*"\d+")/g, '$1,"--tied"');
}

Deno.test(
  "the loop that was started by hand is found above its server",
  ON_LINUX,
  async () => {
    await using project = makeProject(1, tiedServers);
    const [port = 0] = project.ports;
    await using loop = startLoop(port, {
      cwd: project.root,
      // More than the loop, or the shell would become the server.
      script: (text) => ["-c", `${text}; true`],
    });
    await until(() => answers(port));
    const stop = await project.run(["stop"]);
    strictEqual(stop.code, 0, stop.stdout + stop.stderr);
    match(stop.stdout, new RegExp(`stopping sh \\(PID ${loop.pid}\\)`));
    deepStrictEqual(processesIn(project.root), []);
    ok(!await answers(port));
  },
);

for (
  const { title, isHere, args } of [
    { title: "a script of this project", isHere: true, args: ["stop"] },
    { title: "another process", isHere: false, args: ["stop", "--force"] },
  ]
) {
  Deno.test(
    `a server that ${title} brings back is not called stopped`,
    ON_LINUX,
    async () => {
      await using project = makeProject(1, tiedServers);
      const [port = 0] = project.ports;
      const script = `${project.root}/dev.sh`;
      await using loop = startLoop(port, {
        cwd: isHere ? project.root : "/",
        script: (text) => {
          Deno.writeTextFileSync(script, text);
          return [script];
        },
      });
      await until(() => answers(port));
      const [before] = await statusOf(project);
      strictEqual(before?.state, isHere ? "untracked" : "foreign");
      const [{ pid = 0 } = {}] = before?.holders ?? [];

      const stop = await project.run([...args, "--json"]);
      strictEqual(stop.code, 1, stop.stdout + stop.stderr);
      const [service] = reportOf(stop).services;
      strictEqual(service?.failure?.kind, "held");
      ok(!isAlive(pid));
      ok(isAlive(loop.pid));

      await until(() => answers(port));
      const told = await project.run(args);
      strictEqual(told.code, 1, told.stdout);
      match(told.stdout, /NOT stopped: something listens again: deno/);
      match(told.stdout, /A supervisor may have brought it back/);
      ok(!/: stopped in|ports free/.test(told.stdout), told.stdout);

      // And start does not go ahead over it either.
      await until(() => answers(port));
      const start = await project.run(["start", "--force"]);
      strictEqual(start.code, 1, start.stdout);
      match(start.stdout, /not started, because what holds its port was not/);
    },
  );
}

const HAS_NPM = ON_LINUX.ignore ? false : await canRun("npm");

async function canRun(program: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}

for (const script of ["node server.js", "cd . && node server.js"]) {
  Deno.test(
    `npm run dev (${script}): stop leaves nothing of it (npm)`,
    { ignore: !HAS_NPM },
    async () => {
      await using project = makeProject(1, ([port]) =>
        `[services.web]
command = "npm run dev"
port = ${port}
ready = { http = "/" }
`);
      const [port = 0] = project.ports;
      await Deno.writeTextFile(
        `${project.root}/package.json`,
        JSON.stringify({ name: "web", scripts: { dev: script } }),
      );
      await Deno.writeTextFile(
        `${project.root}/server.js`,
        `require("http").createServer((_, r) => r.end("ok"))
           .listen(${port}, "127.0.0.1");`,
      );
      for (const last of [["stop"], ["restart"], ["stop"]]) {
        const start = await project.run(["start"]);
        strictEqual(start.code, 0, start.stdout + start.stderr);
        const before = processesIn(project.root);
        ok(before.length >= 2, `npm and the server: ${before}`);
        const run = await project.run(last);
        strictEqual(run.code, 0, run.stdout + run.stderr);
        deepStrictEqual(before.filter(isAlive), []);
      }
      deepStrictEqual(processesIn(project.root), []);
      ok(!await answers(port));
    },
  );
}
