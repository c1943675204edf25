/** Ctrl-C and its like: devsvc ends at once and says what it leaves. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { until } from "../kit/test_process.ts";
import { ON_LINUX } from "../kit/os_tags.ts";
import { answers, instancesIn } from "../kit/processes.ts";
import {
  makeProject,
  serverCommand,
  type TestProject,
} from "../kit/test_project.ts";
import { openTerminalRun } from "../kit/pty.ts";
import { statusOf } from "../kit/report.ts";
import {
  ensureStateDir,
  stateDirOf,
} from "../../lib/runtime/state/state_dir.ts";

/** `a` never gets ready, and `b` waits for it. */
function neverReady(ports: readonly number[]): string {
  return `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(ports[0]), "--health", "503")}
port = ${ports[0]}
ready = { http = "/" }

[services.b]
label = "Service B"
command = ${serverCommand("--port", String(ports[1]))}
port = ${ports[1]}
depends_on = ["a"]
`;
}

/**
 * Waits until devsvc waits for the health of `a`. It answers itself for an
 * instant while it looks whether the port is free.
 */
async function untilWaiting({ root, ports }: TestProject): Promise<void> {
  await until(async () =>
    instancesIn(root).size > 0 && await answers(ports[0] ?? 0)
  );
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(
    `start on ${signal} says what runs and how to stop it`,
    ON_LINUX,
    async () => {
      await using project = makeProject(2, neverReady);
      const child = project.spawn(["start"]);
      const output = child.output();
      await untilWaiting(project);
      const begun = performance.now();
      child.kill(signal);
      const { code, stdout, stderr } = await output;
      strictEqual(code, 130);
      ok(performance.now() - begun < 30_000, "long before its time is up");
      const text = new TextDecoder().decode(stdout);
      match(text, /Service A: not ready: interrupted/);
      match(
        text,
        /\nInterrupted\nStill running: Service A\. To stop: devsvc stop/,
      );
      strictEqual(new TextDecoder().decode(stderr), "");

      const services = await statusOf(project);
      deepStrictEqual(services.map(({ state }) => state), ["starting", "free"]);
      const living = instancesIn(project.root);
      deepStrictEqual([...living.keys()], ["a"]);
      deepStrictEqual(living.get("a"), [services[0]?.pid]);

      strictEqual((await project.run(["stop"])).code, 0);
      deepStrictEqual([...instancesIn(project.root)], []);
      ok(!await answers(project.ports[0] ?? 0));
    },
  );
}

Deno.test(
  "Ctrl-C at a terminal does not reach the services",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, neverReady);
    await using run = openTerminalRun(["start"], { cwd: project.root });
    await run.waitFor("attend GET / : HTTP 503");
    run.type("\x03");
    strictEqual(await run.exit(), 130);
    const screen = run.screen().join("\n");
    match(
      screen,
      /Interrompu\nToujours en marche : Service A\. Pour arrêter :/,
    );
    strictEqual(screen.includes("⏳ Service A  attend"), false, screen);
    ok(await answers(project.ports[0] ?? 0));
  },
);

Deno.test(
  "a start that is interrupted can be taken up again",
  ON_LINUX,
  async () => {
    const gate = "sick";
    await using project = makeProject(1, (ports) =>
      `[services.a]
command = ${serverCommand("--port", String(ports[0]), "--health", gate)}
port = ${ports[0]}
ready = { http = "/" }
`);
    const child = project.spawn(["start"]);
    const output = child.output();
    await untilWaiting(project);
    child.kill("SIGINT");
    strictEqual((await output).code, 130);
    const [before] = await statusOf(project);
    strictEqual(before?.state, "starting", JSON.stringify(before));

    await Deno.writeTextFile(`${project.root}/${gate}`, "0");
    const start = await project.run(["start"]);
    strictEqual(start.code, 0, start.stdout + start.stderr);
    const [after] = await statusOf(project);
    deepStrictEqual([after?.state, after?.pid], ["running", before?.pid]);
  },
);

Deno.test(
  "SIGINT while waiting for the lock changes nothing",
  ON_LINUX,
  async () => {
    await using project = makeProject(2, neverReady);
    const dir = stateDirOf(project.root);
    ensureStateDir(dir);
    using lock = await Deno.open(dir.lock, { create: true, write: true });
    await lock.lock(true);

    const child = project.spawn(["start"]);
    const errors = child.stderr.pipeThrough(new TextDecoderStream())
      .getReader();
    match((await errors.read()).value ?? "", /Another devsvc is at work here/);
    child.kill("SIGINT");
    const stdout = await new Response(child.stdout).text();
    strictEqual((await child.status).code, 130);
    await errors.cancel();
    match(stdout, /Cancelled: nothing was changed\.\nNothing of this project/);
    deepStrictEqual([...instancesIn(project.root)], []);
    await lock.unlock();
  },
);

Deno.test("SIGINT while stopping names what still runs", ON_LINUX, async () => {
  const stubborn = (timeout: string) => (ports: readonly number[]) =>
    `[services.a]
label = "Service A"
command = ${serverCommand("--port", String(ports[0]), "--stubborn")}
port = ${ports[0]}
stop = { timeout = "${timeout}" }
`;
  await using project = makeProject(1, stubborn("100ms"));
  strictEqual((await project.run(["start"])).code, 0);
  project.write(stubborn("60s")(project.ports));

  const child = project.spawn(["stop"]);
  const output = child.output();
  await until(() => project.read(".devsvc/logs/a.log").includes("not now"));
  child.kill("SIGINT");
  const { code, stdout } = await output;
  strictEqual(code, 130);
  const text = new TextDecoder().decode(stdout);
  match(text, /Service A: interrupted while stopping/);
  match(text, /Still running: Service A\. To stop: devsvc stop/);
  const [service] = await statusOf(project);
  strictEqual(service?.state, "running");
});
